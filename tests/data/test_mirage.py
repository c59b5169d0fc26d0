"""MIRAGE: five sets in one file, chosen by the knob `part`."""

import json
from collections import Counter

import pytest

import data
import rewards
from data.registry import folder
from recipes import BadInput

real = pytest.mark.skipif(not folder("mirage").is_dir(), reason="the release file of MIRAGE is not here")

ROW = {"question": " Is it? ", "options": {"A": "yes", "B": "no ", "C": "maybe"}, "answer": "B"}
COUNTS = {"medqa": 1273, "medmcqa": 4183, "pubmedqa": 500, "bioasq": 618, "mmlu": 1089}


@pytest.fixture
def release(monkeypatch, tmp_path):
    """A small benchmark.json: one question a part."""
    place = tmp_path / "mirage"
    place.mkdir()
    (place / "benchmark.json").write_text(json.dumps({part: {"q1": ROW} for part in COUNTS}))
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))
    return place


@real
def test_official_counts():
    rows = data.load("mirage", "test")
    assert Counter(row.meta["part"] for row in rows) == COUNTS
    assert len({row.id for row in rows}) == 7663
    assert {row.kind for row in rows} == {"option"}
    assert sum(data.describe("mirage").rows.values()) == len(rows)


@real
def test_the_gold_of_every_row_earns_the_maximum():
    match = rewards.load("answer_match")
    rows = data.load("mirage", "test", n=500, seed=3)
    assert {match(f"<answer>{row.answer}</answer>", **row.columns()).value for row in rows} == {1.0}


@real
def test_its_medmcqa_is_the_validation_split():
    if not folder("medmcqa").is_dir():
        pytest.skip("the release files of MedMCQA are not here")
    ours = {row.id.rpartition("/")[2]: row.answer for row in data.load("medmcqa", "validation")}
    theirs = {row.id.rpartition("/")[2]: row.answer for row in data.load("mirage", "test", part="medmcqa")}
    assert ours == theirs


def test_parts_are_chosen_and_all_come_by_default(release):
    assert [row.id for row in data.load("mirage", "test")] == [f"mirage/{part}/q1" for part in COUNTS]
    (one,) = data.load("mirage", "test", part="bioasq")
    assert (one.question, one.answer, one.options) == ("Is it?", "B", {"A": "yes", "B": "no", "C": "maybe"})
    assert one.meta == {"part": "bioasq", "subject": "bioasq", "language": "en", "distractors": ["A", "C"]}
    assert one.license == "public domain notice of MIRAGE"
    assert [row.meta["part"] for row in data.load("mirage", "test", part=["mmlu", "medqa"])] == ["mmlu", "medqa"]
    assert set(data.describe("mirage").columns) == set(one.columns())


def test_what_cannot_be_had_is_said(release):
    with pytest.raises(BadInput, match="no part 'bioask'.*bioasq"):
        data.load("mirage", "test", part="bioask")
    with pytest.raises(BadInput, match="part names none"):
        data.load("mirage", "test", part=[])
    for content, said in [
        ({"medqa": {}}, r"benchmark.json, medqa: holds no row to ask"),
        ({"mmlu": {}}, r"benchmark.json has no part medqa in MIRAGE's form"),
        ({"medqa": {"q": {"question": "?", "answer": "A"}}}, r"medqa: row 1 has no column 'options'"),
        (
            {"medqa": {"q": {**ROW, "answer": "D"}}},
            r"medqa: row 1: example 'mirage/medqa/q': answer 'D' is not a letter",
        ),
    ]:
        (release / "benchmark.json").write_text(json.dumps(content))
        with pytest.raises(BadInput, match=f"{said}.*Teddy-XiongGZ/MIRAGE"):
            data.load("mirage", "test")
    (release / "benchmark.json").unlink()
    with pytest.raises(BadInput, match="benchmark.json is missing"):
        data.load("mirage", "test")
