"""VQA-RAD: release files with the official split, their traps, and the hub's form."""

import json
from collections import Counter

import pytest
from PIL import Image

import data
from data.registry import folder
from recipes import BadInput

real = pytest.mark.skipif(not folder("vqa_rad").is_dir(), reason="the release files of VQA-RAD are not here")

ROW = {
    "qid": 5, "image_name": "a.jpg", "image_organ": "HEAD", "answer": "Yes ", "answer_type": "CLOSED ",
    "question_type": "PRES", "question": " Is it there? ", "phrase_type": "freeform",
}  # fmt: skip


@pytest.fixture
def release(monkeypatch, tmp_path):
    """A folder in the release's form, with a writer for its rows."""
    place = tmp_path / "vqa_rad"
    (place / "images").mkdir(parents=True)
    Image.new("RGB", (8, 6)).save(place / "images" / "a.jpg")
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))

    def write(*rows, name="testset.json"):
        (place / name).write_text(json.dumps(rows))
        return place

    return write


@real
def test_official_counts_and_kinds():
    train, test = (data.load("vqa_rad", split) for split in ("train", "test"))
    assert (len(train), len(test)) == (3064, 451)
    assert len({row.id for row in train + test}) == 3515
    assert sum(row.answer in ("yes", "no") for row in train + test) == 1964
    assert {row.kind for row in train + test if row.answer in ("yes", "no", "maybe")} == {"yesno"}
    assert Counter(row.meta["answer_type"] for row in test) == {"CLOSED": 272, "OPEN": 179}
    assert {row.meta["answer_type"] for row in train} == {"CLOSED", "OPEN"}
    assert sum(row.kind == "numeric" for row in train) >= 10


@real
def test_real_images_open():
    for row in data.load("vqa_rad", "test", n=3, seed=1):
        (image,) = data.open_images(row)
        assert image.mode == "RGB"
        assert min(image.size) > 100


@real
def test_a_sample_grows_without_losing_rows():
    few, many = (data.load("vqa_rad", "test", n=n, seed=2) for n in (10, 40))
    assert [row.id for row in few] == [row.id for row in many[:10]]
    assert [row.id for row in few] != [row.id for row in data.load("vqa_rad", "test", n=10, seed=3)]
    assert len(data.load("vqa_rad", "test", n=9999)) == 451


def test_official_columns_stay_and_text_is_stripped(release):
    release(ROW, {**ROW, "qid": 6, "answer": 12}, {**ROW, "qid": 7, "answer": "left lung "})
    yes, count, text = data.load("vqa_rad", "test")
    assert (yes.answer, yes.kind, yes.question) == ("yes", "yesno", "Is it there?")
    assert (count.answer, count.kind) == ("12", "numeric")
    assert (text.answer, text.kind) == ("left lung", "text")
    assert yes.meta["answer_type"] == "CLOSED"
    assert yes.meta["qid"] == "5"
    assert set(data.describe("vqa_rad").columns) == set(yes.columns())
    assert data.open_images(yes)[0].size == (8, 6)


def test_kinds_filter_the_rows(release):
    release(ROW, {**ROW, "qid": 6, "answer": 12})
    assert [row.answer for row in data.load("vqa_rad", "test", kinds=["numeric"])] == ["12"]
    with pytest.raises(BadInput, match="text"):
        data.load("vqa_rad", "test", kinds=["text"])


def test_missing_and_broken_files_say_what_to_put_where(release):
    place = release({**ROW, "image_name": "gone.jpg"})
    with pytest.raises(BadInput, match="1 images are missing.*gone.jpg.*github.com/Awenbocc/med-vqa"):
        data.load("vqa_rad", "test")
    with pytest.raises(BadInput, match="trainset.json is missing.*github.com/Awenbocc/med-vqa"):
        data.load("vqa_rad", "train")
    (place / "trainset.json").write_text("[{")
    with pytest.raises(BadInput, match="trainset.json cannot be read"):
        data.load("vqa_rad", "train")
    (place / "trainset.json").write_text('[{"qid": 1}]')
    with pytest.raises(BadInput, match="not in VQA-RAD's form"):
        data.load("vqa_rad", "train")


def test_hub_form(tmp_path, monkeypatch):
    """A local folder in the hub's form: image, question, answer."""
    datasets = pytest.importorskip("datasets")
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path / "none"))
    rows = {"image": [Image.new("L", (8, 6))] * 2, "question": ["Is it? ", "Where?"], "answer": ["no", "left"]}
    features = datasets.Features({"image": datasets.Image(), "question": datasets.Value("string"),
                                  "answer": datasets.Value("string")})  # fmt: skip
    datasets.Dataset.from_dict(rows, features=features).to_parquet(str(tmp_path / "hub" / "test.parquet"))
    no, left = data.load("vqa_rad", "test", hub=str(tmp_path / "hub"))
    assert (no.answer, no.kind, left.kind) == ("no", "yesno", "text")
    assert no.meta["answer_type"] is None
    assert data.open_images(no)[0].mode == "RGB"


def test_a_hub_that_cannot_be_read_is_one_line(tmp_path, monkeypatch):
    pytest.importorskip("datasets")
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))
    with pytest.raises(BadInput) as caught:
        data.load("vqa_rad", "test", source="hub", hub=str(tmp_path / "nothing"))
    (line,) = caught.value.problems
    assert "github.com/Awenbocc/med-vqa" in line
