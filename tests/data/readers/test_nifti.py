"""NIfTI: whatever way a volume is stored, the same slice of the patient is shown the same way."""

import gzip
import itertools
from pathlib import Path

import nibabel
import numpy as np
import pytest

import data
from data import readers
from recipes import BadInput

OWN_FILES = Path(nibabel.__file__).parent / "tests" / "data"
SHAPE = (4, 5, 6)  # right, front, head


def values() -> np.ndarray:
    """A volume in RAS order, each voxel another number."""
    return np.arange(np.prod(SHAPE), dtype=np.int16).reshape(SHAPE)


def volume(array: np.ndarray, affine=None, kind=nibabel.Nifti1Image):
    return kind(array, np.eye(4) if affine is None else affine)


def greys(source, **asked) -> list[np.ndarray]:
    return [np.asarray(image)[..., 0] for image in readers.read(source, window=(60, 120), **asked).images]


def wanted(plane: np.ndarray) -> np.ndarray:
    """A plane (across, up) of the patient as it is shown: mirrored, the top row first."""
    return np.rint(plane[::-1, ::-1].T / 120 * 255).astype(np.uint8)


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
@pytest.mark.parametrize("flips", [*itertools.product([1, -1], repeat=3)])
def test_orientation_does_not_depend_on_how_the_volume_is_stored(order, flips):
    ornt = np.array([[axis, flip] for axis, flip in zip(order, flips, strict=True)])
    canonical = volume(values())
    back = nibabel.orientations.ornt_transform(nibabel.io_orientation(np.eye(4)), ornt)
    stored = canonical.as_reoriented(back)
    assert nibabel.aff2axcodes(stored.affine) == nibabel.orientations.ornt2axcodes(ornt)
    source, v = stored.to_bytes(), values()
    for frame in (0, 2, -1):
        assert (greys(source, axis="axial", frames=frame)[0] == wanted(v[:, :, frame])).all()
        assert (greys(source, axis="coronal", frames=frame)[0] == wanted(v[:, frame, :])).all()
        assert (greys(source, axis="sagittal", frames=frame)[0] == wanted(v[frame, :, :])).all()


def test_the_patient_s_right_is_at_the_left_and_the_front_and_the_head_are_up():
    body = np.zeros((9, 9, 9), np.int16)
    body[8, 8, 8] = 100  # right, front, head
    axial = greys(volume(body).to_bytes(), frames=8)[0]
    assert np.argwhere(axial > 100).tolist() == [[0, 0]]
    assert np.argwhere(greys(volume(body).to_bytes(), axis="coronal", frames=8)[0] > 100).tolist() == [[0, 0]]
    assert np.argwhere(greys(volume(body).to_bytes(), axis="sagittal", frames=8)[0] > 100).tolist() == [[0, 0]]


def test_slices_are_chosen_by_number_middle_or_evenly():
    levels = np.broadcast_to(np.arange(9, dtype=np.int16) * 10, (3, 3, 9)).copy()
    source = volume(levels).to_bytes()

    def shown(frames) -> list[int]:
        return [round(int(grey[0, 0]) * 120 / 255 / 10) for grey in greys(source, frames=frames)]

    assert shown(None) == shown("middle") == [4]
    assert shown("even:3") == [1, 4, 7]
    assert shown([0, -1]) == [0, 8]
    assert readers.read(source, frames="even:3").report.frames == (1, 4, 7)
    assert readers.read(source).report.total == 9


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.NII.GZ", "no_ending"])
@pytest.mark.parametrize("kind", [nibabel.Nifti1Image, nibabel.Nifti2Image])
def test_files_plain_and_compressed_of_both_versions(name, kind, tmp_path):
    content = volume(values(), kind=kind).to_bytes()
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name != "a.nii" else content)
    picture = readers.read(path)
    assert picture.report.format == "nifti"
    assert picture.images[0].size == readers.size(path) == SHAPE[:2]
    assert readers.size(path, axis="sagittal") == SHAPE[1:]
    row = data.Example("i", "q", "yes", images=(str(path), path.read_bytes()))
    assert data.image_sizes(row) == [SHAPE[:2]] * 2
    assert [image.size for image in data.open_images(row)] == [SHAPE[:2]] * 2


def test_scaled_values_and_windows_in_hounsfield_units():
    image = volume(np.array([[[0], [40], [80]]], np.int16).repeat(3, 0))
    image.header.set_slope_inter(2, -40)
    picture = readers.read(image.to_bytes(), window="brain")
    assert np.asarray(picture.images[0])[:, 0, 0].tolist() == [255, 128, 0]  # 120, 40 and -40 HU, front to back
    red_green_blue = np.asarray(readers.read(image.to_bytes(), window="three").images[0])
    assert red_green_blue[1, 0].tolist() == [132, 128, 128]


def test_without_a_window_the_header_s_own_or_the_percentiles_are_used():
    image = volume(values())
    assert readers.read(image.to_bytes()).report.window.startswith("auto: ")
    image.header["cal_min"], image.header["cal_max"] = 0, 120
    assert readers.read(image.to_bytes()).report.window == "file: centre 60, width 120"
    assert (np.asarray(readers.read(image.to_bytes()).images[0])[..., 0] == greys(image.to_bytes())[0]).all()


def test_nan_is_black():
    array = np.full((4, 4, 1), np.nan, np.float32)
    array[0, 0, 0] = 60
    assert sorted(np.unique(greys(volume(array).to_bytes())[0])) == [0, 128]
    assert np.asarray(readers.read(volume(np.full((4, 4, 1), np.nan, np.float32)).to_bytes()).images[0]).max() == 0


def test_slices_get_square_pixels():
    source = volume(values(), np.diag([1.0, 1.0, 5.0, 1.0])).to_bytes()
    assert readers.read(source, axis="coronal").images[0].size == readers.size(source, axis="coronal") == (4, 30)
    assert readers.size(source, axis="axial") == (4, 5)


def test_of_a_series_the_first_volume_is_shown_and_the_report_says_so():
    series = np.stack([values(), values() * 0], axis=-1)
    picture = readers.read(volume(series).to_bytes(), window=(60, 120))
    assert (np.asarray(picture.images[0])[..., 0] == wanted(values()[:, :, 3])).all()
    assert picture.report.notes == ("of its volumes the first",)


def test_a_volume_in_colour():
    colours = np.zeros((3, 3, 2), np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")]))
    colours["R"], colours["B"] = 200, 7
    picture = readers.read(volume(colours).to_bytes())
    assert picture.images[0].getpixel((1, 1)) == (200, 0, 7)
    with pytest.raises(BadInput, match="in colour"):
        readers.read(volume(colours).to_bytes(), window="auto")


def test_free_text_and_extensions_are_counted_and_not_quoted():
    image = volume(values())
    image.header["descrip"], image.header["db_name"] = b"Vogelsang Ottilie", b"ZX-4711"
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"born 1933"))
    report = readers.read(image.to_bytes()).report
    assert report.identifiers == {"descrip": 1, "db_name": 1, "extensions": 1}
    assert "Vogelsang" not in repr(report)


def test_odd_headers_are_read_without_a_word(capfd, caplog):
    content = bytearray(volume(values()).to_bytes())
    content[80:84] = np.array([-1], "<f4").tobytes()  # a spacing below 0, which nibabel mends and logs
    assert readers.read(bytes(content)).images
    assert (*capfd.readouterr(), caplog.text) == ("", "", "")


def bomb() -> bytes:
    """A small file whose header promises 16 GiB."""
    image = volume(np.zeros((1, 1, 1), np.int16))
    content = bytearray(image.to_bytes())
    content[40:56] = np.array([3, 2048, 2048, 2048, 1, 1, 1, 1], "<i2").tobytes()
    return gzip.compress(bytes(content))


def flat() -> bytes:
    """A volume whose third axis leads nowhere: srow_z of the header is 0."""
    content = bytearray(volume(values()).to_bytes())
    content[312:328] = bytes(16)
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b"nothing of the kind" * 99, "its content is broken"),
        (volume(values()).to_bytes()[:380], "cannot be read"),
        (gzip.compress(volume(values()).to_bytes())[:-40], "cannot be read"),
        (bomb(), "its voxels are 17,179,869,184 bytes"),
        (volume(np.zeros((4, 4), np.int16)).to_bytes(), "a volume has three axes"),
        (volume(np.zeros((2, 2, 2), np.complex64)).to_bytes(), "complex numbers"),
        (flat(), "does not say how the volume lies"),
    ],
)
def test_a_broken_file_is_one_line_that_names_it(content, said, tmp_path):
    path = tmp_path / "scan.nii.gz"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=said) as caught:
        readers.read(path)
    assert len(caught.value.problems) == 1
    assert str(path) in str(caught.value)


@pytest.mark.skipif(not OWN_FILES.is_dir(), reason="this nibabel comes without its test files")
@pytest.mark.parametrize("name", ["anatomical.nii", "example4d.nii.gz", "example_nifti2.nii.gz", "functional.nii"])
def test_nibabel_s_own_files_agree_with_its_canonical_order(name):
    path = OWN_FILES / name
    ras = nibabel.as_closest_canonical(nibabel.load(path)).get_fdata()
    ras = ras[(..., *(0 for _ in ras.shape[3:]))]
    middle = ras.shape[2] // 2
    low, high = float(ras.min()), float(ras.max())
    picture = readers.read(path, window=((low + high) / 2, high - low))
    theirs = np.rint((ras[::-1, ::-1, middle].T - low) / (high - low) * 255)
    ours = picture.images[0].resize(theirs.shape[::-1])
    assert np.abs(np.asarray(ours)[..., 0] - theirs).max() <= 1
    assert picture.report.frames == (middle,)
