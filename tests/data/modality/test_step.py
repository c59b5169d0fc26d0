"""The cleaning step: what it fills in, from where, and what it leaves alone."""

import pickle
from dataclasses import replace
from functools import partial

import pytest

import data
from data import clean, readers
from data.clean import Drop
from data.modality import heldout
from data.modality.features import Handmade
from data.modality.metadata import of_row
from data.modality.pictures import labelled
from recipes import BadInput

from .drawn import SORTS, drawn, png, row, rows, saved


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    place = tmp_path_factory.mktemp("model")
    found = labelled(rows(8), "modality", Handmade())
    heldout.train(found, "handmade", [0], share=0.3, threshold=0.8, l2=0.01)[0].save(place)
    return str(place)


def cleaned(step, example):
    return step.clean(example, partial(data.open_images, example))


FUNDUS = png(drawn("fundus", 70))


@pytest.mark.parametrize("known", ["chest-xray", "ct", "phantom", "general", "histopathology"])
def test_what_is_known_is_left_alone(known, model):
    example = row("a", FUNDUS, modality=known, modality_type="MRI", kind="report", answer="An MRI of the head.")
    assert cleaned(clean.load("modality", {"model": model}), example) is example


def test_rows_without_pictures_are_left_alone(model):
    example = row("a", modality="mixed", modality_type="MRI")
    assert cleaned(clean.load("modality", {"model": model, "one_vocabulary": True}), example) is example


def test_known_ones_are_renamed_on_demand():
    step = clean.load("modality", {"one_vocabulary": True})
    assert [cleaned(step, row("a", FUNDUS, modality=m)).modality for m in ("chest-xray", "Pathology", "phantom")] == [
        "x-ray", "histopathology", "phantom",
    ]  # fmt: skip


def test_metadata_come_first_and_the_row_says_so(model):
    step = clean.load("modality", {"model": model})
    found = cleaned(step, row("a", FUNDUS, modality_type="MR (Mag-netic Resonance Imaging)"))
    assert (found.modality, found.meta["modality_by"]) == ("mri", "metadata")
    found = cleaned(step, row("a", FUNDUS))
    assert (found.modality, found.meta["modality_by"]) == ("fundus", "classifier")
    assert found == replace(row("a", FUNDUS), modality="fundus", meta={"modality_by": "classifier"})


def test_what_metadata_are_asked(tmp_path):
    scan = saved(tmp_path / "ct" / "CT_7.png", drawn("x-ray", 1))
    plain = saved(tmp_path / "some" / "7.png", drawn("x-ray", 1))
    assert of_row(row("a", scan)) == "ct"
    assert of_row(row("a", readers.lazily(scan))) == "ct"
    assert of_row(row("a", scan, plain)) == "unknown"  # not all of its pictures are said to be one
    assert of_row(row("a", plain, labels={"modality": ["ultrasound"], "anatomy": "CT"})) == "ultrasound"
    assert of_row(row("a", plain, kind="report", answer="Chest radiograph of an adult.")) == "x-ray"
    assert of_row(row("a", plain, answer="An MRI")) == "unknown"  # an answer is no caption
    assert of_row(row("a", plain, shown="PET"), ["shown"]) == "pet"
    assert of_row(row("a", plain, modality="radiology", modality_type="fundus")) == "unknown"  # they contradict


def test_the_tag_of_a_dicom_file(tmp_path):
    pydicom = pytest.importorskip("pydicom")
    dataset = pydicom.Dataset()
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    dataset.Modality = "MG"
    dataset.save_as(tmp_path / "MRI.dcm", enforce_file_format=False)
    assert of_row(row("a", str(tmp_path / "MRI.dcm"))) == "x-ray"  # the tag is nearer than the name
    (tmp_path / "torn.dcm").write_bytes(b"no such thing")
    assert of_row(row("a", str(tmp_path / "torn.dcm"))) == "unknown"


def test_a_guess_that_is_unsure_excluded_or_of_two_minds_is_none(model):
    pair = row("a", FUNDUS, png(drawn("x-ray", 71)))
    for knobs, example in (
        ({"threshold": 1.0}, row("a", FUNDUS)),
        ({}, row("a", FUNDUS, modality="radiology")),
        ({}, row("a", FUNDUS, modality="head-ct-mr")),
        ({}, pair),
    ):
        assert cleaned(clean.load("modality", {"model": model, **knobs}), example) is example
    assert cleaned(clean.load("modality"), row("a", FUNDUS)).modality == "mixed"  # no model, no guess
    assert cleaned(clean.load("modality", {"model": model}), row("a", FUNDUS, FUNDUS)).modality == "fundus"


def test_a_broken_picture_goes(model):
    found = cleaned(clean.load("modality", {"model": model}), row("a", FUNDUS[:60]))
    assert isinstance(found, Drop)
    assert found.why == "image cannot be read"


def test_knobs(model, tmp_path):
    step = clean.load("modality", {"model": model, "columns": ["kind_of_picture"]})
    assert pickle.loads(pickle.dumps(step)) == step
    for knobs, line in (
        ({"threshold": 2}, "threshold is 2"),
        ({"columns": "a"}, "must be a list"),
        ({"model": str(tmp_path)}, "holds no classifier.npz; make it with"),
    ):
        with pytest.raises(BadInput, match=line):
            clean.load("modality", knobs)


def test_a_classifiers_own_words_are_put_into_the_vocabulary(tmp_path):
    """VQA-RAD's labels, say: chest-xray becomes x-ray; head-ct-mr names two, and the row stays as it is."""
    own = dict(zip(SORTS, ("chest-xray", "head-ct-mr", "fundus"), strict=True))
    found = labelled([replace(one, modality=own[one.modality]) for one in rows(8)], "modality", Handmade())
    heldout.train(found, "handmade", [0], share=0.3, threshold=0.8, l2=0.01)[0].save(tmp_path)
    step = clean.load("modality", {"model": str(tmp_path), "threshold": 0.5})
    said = [cleaned(step, row("a", png(drawn(sort, 72)), modality="mixed")).modality for sort in SORTS]
    assert said == ["x-ray", "mixed", "fundus"]
