"""Every source of the four formats, on a small release of invented content in its form."""

import importlib

import pytest

import data
from data.formats.release import Loader
from data.registry import CLASSES

from .picture_releases import picture
from .releases import N
from .sources import ARRAYS, FOLDERS, OTHERS, ROWS, put

LOADERS = {
    name: load for name in data.names() if isinstance(load := importlib.import_module(f"data.sets.{name}").load, Loader)
}
SPLITS = [(name, split) for name, load in LOADERS.items() for split in load.release.about.splits]


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))
    return tmp_path


def read(name, split, place, **knobs):
    """The rows of a small release, whose pictures are there."""
    load = LOADERS[name]
    put(name, place / name, load, split)
    (place / name / load.release.pictures).mkdir(parents=True, exist_ok=True)
    return data.load(name, split, **knobs)


@pytest.mark.parametrize(("name", "split"), SPLITS)
def test_a_release_becomes_rows(name, split, place):
    rows = read(name, split, place)
    parts = len(LOADERS[name].release.parts)
    assert len(rows) == (N if name in {*FOLDERS, *OTHERS, "llava_instruct"} else N * parts)
    info = data.describe(name)
    for row in rows:
        assert set(row.columns()) == set(info.columns)
        assert row.kind in info.kinds
        assert row.meta["language"] in info.languages
        assert ":" in row.meta["cluster"]
        assert "<image>" not in row.question + str(row.answer)
        assert bool(row.images) == (row.modality != "text")
        for path in row.images:
            if isinstance(path, str):
                put_picture(path)
        if not str(row.images[:1]).endswith(".nii.gz',)"):  # volumes are read slice by slice
            assert all(image.size == (4, 3) for image in data.open_images(row))
    assert [row.id for row in read(name, split, place)] == [row.id for row in rows]


def put_picture(path):
    from pathlib import Path

    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(picture(1))


def test_every_source_has_a_fixture():
    assert set(LOADERS) == set(ROWS) | set(FOLDERS) | ARRAYS | OTHERS


def test_papila_pairs_the_sheet_of_an_eye_with_its_picture(place):
    rows = read("papila", "train", place)
    assert [row.answer for row in rows[:4]] == ["no glaucoma", "glaucoma", "suspected glaucoma", "no glaucoma"]
    assert [row.images[0].rpartition("/")[2] for row in rows[3:5]] == ["RET003OD.jpg", "RET000OS.jpg"]
    assert rows[1].meta["cluster"] == rows[5].meta["cluster"] == "patient:001"


def test_an_excel_file_that_is_none_is_one_line(place):
    read("papila", "train", place)
    (place / "papila/ClinicalData/patient_data_od.xlsx").write_bytes(b"PK")
    with pytest.raises(data.formats.release.BadInput, match=r"patient_data_od.xlsx cannot be read .*; put the folders"):
        data.load("papila", "train")


def test_lld_mmri_leaves_secret_labels_out(place):
    rows = read("lld_mmri", "train", place)
    assert [row.answer for row in rows[::2]] == [
        "hepatic haemangioma", "intrahepatic cholangiocarcinoma", "hepatic abscess", "hepatic metastasis",
    ]  # fmt: skip
    assert rows[1].meta["phase"] == "T2WI"
    assert rows[1].meta["volume"] == rows[1].images[0] == str(place / "lld_mmri/images/MR0/s/0.1.nii.gz")


@pytest.mark.parametrize("name", sorted(LOADERS))
def test_facts_of_a_source(name, place):
    info = data.describe(name)
    assert info.classes
    assert set(info.classes) <= set(CLASSES)
    assert not info.verified
    assert "{place}" in info.remedy
    with pytest.raises(data.formats.release.BadInput) as caught:
        data.load(name, info.splits[0], source="files")
    (line,) = caught.value.problems
    assert "missing" in line
    assert str(place / name) in line
