"""What all formats share: choices judged first, the data folder's bounds, pictures read late, burned-in text."""

import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

import data
from data import readers
from data.readers import _margins
from recipes import BadInput

from .files import ct

VQA_RAD = data.registry.folder("vqa_rad") / "images"


@pytest.fixture
def scan(tmp_path) -> Path:
    """A CT slice inside a data folder."""
    path = tmp_path / "set" / "images" / "scan.dcm"
    path.parent.mkdir(parents=True)
    path.write_bytes(ct(np.linspace(-1000, 1000, 100).reshape(10, 10)))
    return path


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"window": "lungs"}, r"no window 'lungs' \(did you mean lung\?\)"),
        ({"window": (40, 0)}, "width above 0"),
        ({"window": (40, float("nan"))}, "width above 0"),
        ({"window": (1, 2, 3)}, "three such pairs"),
        ({"window": [(40, 80), (40, 80)]}, "width above 0|three such pairs"),
        ({"window": 40}, "must be a name"),
        ({"frames": "centre"}, "frames 'centre' must be middle"),
        ({"frames": "even:0"}, "must be middle"),
        ({"frames": "9/8"}, "must be middle"),
        ({"frames": []}, "must be middle"),
        ({"frames": [0.5]}, "must be middle"),
        ({"frames": True}, "must be middle"),
        ({"axis": "axal"}, r"did you mean axial\?"),
    ],
)
def test_a_choice_that_there_is_not_is_refused_before_the_file_is_read(asked, said):
    for judge in (readers.read, readers.lazily):
        with pytest.raises(BadInput, match=said) as caught:
            judge("no-such-file.dcm", **asked)
        assert len(caught.value.problems) == 1
    with pytest.raises(BadInput, match="must be one of report, blank, ignore"):
        readers.read("no-such-file.dcm", margins="hide")


@pytest.mark.parametrize("name", ["gone.dcm", "gone.nii.gz", "gone.png", "images"])
def test_a_missing_file_and_a_folder_are_one_line(name, tmp_path):
    (tmp_path / "images").mkdir()
    for reads in (readers.read, readers.size):
        with pytest.raises(BadInput, match=r"cannot be read \((No such file|Is a directory)") as caught:
            reads(tmp_path / name)
        assert str(tmp_path / name) in str(caught.value)


def test_a_path_is_looked_for_under_its_root_and_may_not_leave_it(scan, tmp_path):
    root, outside = scan.parents[1], tmp_path / "outside.dcm"
    outside.write_bytes(scan.read_bytes())
    (root / "out.dcm").symlink_to(outside)
    (root / "in.dcm").symlink_to(scan)
    (tmp_path / "link").symlink_to(root)
    for inside in ("images/scan.dcm", "images/../in.dcm", str(scan)):
        assert readers.read(inside, root=root).images
        assert readers.size(inside, root=root) == (10, 10)
        assert readers.lazily(inside, root=tmp_path / "link")().size == (10, 10)
    for leading_out in ("../outside.dcm", "out.dcm", str(outside), "images/../../outside.dcm", "/etc/hostname"):
        with pytest.raises(BadInput, match="it leads out of") as caught:
            readers.read(leading_out, root=root)
        assert leading_out in str(caught.value)


def test_a_picture_of_an_example_can_be_read_late_by_its_own_window_also_in_another_process(scan):
    late = pickle.loads(pickle.dumps(readers.lazily(scan, window="lung")))
    row = data.Example("i", "q", "yes", images=(late, str(scan), scan.read_bytes()))
    lung, plain, in_memory = data.open_images(row)
    assert lung.tobytes() == readers.read(scan, window="lung").images[0].tobytes()
    assert lung.tobytes() != plain.tobytes() == in_memory.tobytes()
    assert data.image_sizes(row) == [(10, 10)] * 3


def test_a_late_picture_is_one_and_what_is_wrong_names_the_row(scan):
    with pytest.raises(BadInput, match=r"row-7: image .* gives 2 pictures\); choose one frame"):
        data.open_images(data.Example("row-7", "q", "yes", images=(readers.lazily(scan, frames=[0, 0]),)))
    scan.unlink()
    with pytest.raises(BadInput, match="row-7: image .*scan.dcm cannot be read") as caught:
        data.open_images(data.Example("row-7", "q", "yes", images=(readers.lazily(scan),)))
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(("name", "package"), [("a.dcm", "pydicom"), ("a.nii", "nibabel")])
def test_a_missing_package_is_named_with_the_extra_that_brings_it(name, package, tmp_path, monkeypatch):
    (tmp_path / name).write_bytes(b"something")
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(BadInput, match=rf"needs {package}: pip install 'lingshu-rlvr\[imaging\]'"):
        readers.read(tmp_path / name)


def test_the_formats_are_the_files_of_the_folder():
    assert readers.names() == ["dicom", "nifti", "raster"]


def written(where: tuple[float, float], size: tuple[int, int] = (512, 480)) -> Image.Image:
    """A round dark-bordered picture like a slice, with two lines of text whose upper left corner is at `where`."""
    image = Image.effect_noise(size, 20).point(lambda grey: grey // 2)
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).ellipse((size[0] * 0.2, size[1] * 0.2, size[0] * 0.8, size[1] * 0.8), fill=255)
    image = Image.composite(image, Image.new("L", size), mask).convert("RGB")
    at = (int(where[0] * size[0]), int(where[1] * size[1]))
    ImageDraw.Draw(image).text(at, "VOGELSANG OTTILIE\n24.12.1933 F HAUS AM MOOR", fill="white", font_size=14)
    return image


@pytest.mark.parametrize("scale", [1, 3])
@pytest.mark.parametrize("where", [(0.02, 0.02), (0.6, 0.03), (0.02, 0.9), (0.5, 0.92)])
def test_text_in_the_borders_is_reported_and_painted_black_if_asked(where, scale, tmp_path):
    image = written(where)
    image = image.resize((image.width * scale, image.height * scale), Image.Resampling.LANCZOS)
    path = tmp_path / "burned.png"
    image.save(path)
    picture = readers.read(path)
    assert {margin.frame for margin in picture.report.margins} == {0}
    assert picture.images[0].tobytes() == image.tobytes()
    assert picture.report.blanked is False
    blank = readers.read(path, margins="blank")
    assert blank.report.blanked is True
    shown = np.asarray(blank.images[0]).astype(int)
    text = np.asarray(image).min(axis=-1) > 140
    middle = np.s_[shown.shape[0] // 4 : shown.shape[0] * 3 // 4, shown.shape[1] // 4 : shown.shape[1] * 3 // 4]
    assert shown[text].max(initial=0) == 0
    assert (shown[middle] == np.asarray(image)[middle]).all()
    assert readers.read(path, margins="ignore").report.margins == ()


@pytest.mark.parametrize(
    "image",
    [
        Image.new("RGB", (300, 300)),
        Image.new("RGB", (300, 300), "white"),
        Image.new("RGB", (3, 300), "white"),
        Image.new("RGB", (1, 1)),
        Image.effect_noise((300, 300), 60).convert("RGB"),
        Image.linear_gradient("L").convert("RGB"),
        Image.radial_gradient("L").convert("RGB"),
    ],
)
def test_pictures_without_text_have_no_margins(image):
    assert _margins.boxes(image) == []


@pytest.mark.skipif(not VQA_RAD.is_dir(), reason="the images of VQA-RAD are not here")
def test_every_released_image_of_vqa_rad_is_read():
    paths = sorted(VQA_RAD.iterdir())
    assert len(paths) > 300
    pictures = [readers.read(path, margins="ignore") for path in paths]
    assert [picture.images[0].size for picture in pictures] == [readers.size(path) for path in paths]
    for path, picture in zip(paths[:40], pictures, strict=False):
        assert picture.images[0].tobytes() == Image.open(path).convert("RGB").tobytes()
