"""MedMCQA: the release's files, the hub's form, and what both count differently."""

import json
from collections import Counter

import pytest

import data
import rewards
from data.registry import folder
from recipes import BadInput

real = pytest.mark.skipif(not folder("medmcqa").is_dir(), reason="the release files of MedMCQA are not here")

ROW = {
    "id": "x1", "question": " Which nerve? ", "opa": "Vagus", "opb": "Facial ", "opc": "Optic", "opd": "facial",
    "cop": 3, "exp": "It sees.", "choice_type": "single", "subject_name": "Anatomy", "topic_name": None,
}  # fmt: skip


@pytest.fixture
def release(monkeypatch, tmp_path):
    """A folder in the release's form, with a writer for its rows."""
    place = tmp_path / "medmcqa"
    place.mkdir()
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))

    def write(*rows, name="dev.json"):
        (place / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
        return place

    return write


@real
def test_official_counts():
    rows = data.load("medmcqa", "validation")
    assert len(rows) == len({row.id for row in rows}) == 4183
    assert Counter(row.answer for row in rows) == {"A": 1348, "B": 1085, "C": 925, "D": 825}
    assert sum(bool(row.meta["trace"]) for row in rows) == 2206
    assert {row.kind for row in rows} == {"option"}
    assert data.describe("medmcqa").rows["validation"] == len(rows)
    assert len({row.meta["subject"] for row in rows}) == 21
    match = rewards.load("answer_match")
    golds = [match(f"<answer>{row.answer}</answer>", **row.columns()).value for row in rows[::10]]
    assert set(golds) == {1.0}


def test_official_columns_stay_and_text_is_stripped(release):
    release(ROW, {**ROW, "id": "x2", "cop": 2, "exp": None})
    optic, facial = data.load("medmcqa", "validation")
    assert (optic.id, optic.question, optic.answer) == ("medmcqa/x1", "Which nerve?", "C")
    assert optic.options == {"A": "Vagus", "B": "Facial", "C": "Optic", "D": "facial"}
    assert (optic.meta["trace"], facial.meta["trace"]) == ("It sees.", "")
    assert facial.meta["distractors"] == ["A", "C", "D"]
    assert [optic.meta[name] for name in ("language", "subject", "question_type")] == ["en", "Anatomy", "single"]
    assert set(data.describe("medmcqa").columns) == set(optic.columns())


def test_an_option_that_reads_as_the_right_one_is_no_distractor(release):
    release({**ROW, "opd": "Optic"})
    assert data.load("medmcqa", "validation")[0].meta["distractors"] == ["A", "B"]


def test_a_line_separator_in_a_text_ends_no_row(release):
    place = release()
    (place / "dev.json").write_text(json.dumps({**ROW, "exp": "It\u2028sees."}, ensure_ascii=False), encoding="utf-8")
    assert [row.meta["trace"] for row in data.load("medmcqa", "validation")] == ["It\u2028sees."]


def test_missing_and_broken_files_say_what_to_put_where(release):
    place = release(ROW)
    with pytest.raises(BadInput, match=r"train.json is missing.*github.com/medmcqa/medmcqa"):
        data.load("medmcqa", "train")
    lacking = {key: value for key, value in ROW.items() if key != "opc"}
    for rows, said in [
        ([ROW, {**ROW, "id": "x2", "cop": 5}], r"dev.json: row 2: x2: cop is 5"),
        ([lacking], r"dev.json: row 1 has no column 'opc'"),
        ([ROW, ROW], r"dev.json: row 2: the id medmcqa/x1 comes twice"),
        ([{**ROW, "question": None}], r"dev.json: row 1: x1 has no question"),
    ]:
        release(*rows)
        with pytest.raises(BadInput, match=f"{said}; put train.json and dev.json of github.com/medmcqa/medmcqa"):
            data.load("medmcqa", "validation")
    (place / "dev.json").write_text("{bad\n")
    with pytest.raises(BadInput, match=r"dev.json cannot be read"):
        data.load("medmcqa", "validation")


def test_the_hub_counts_the_right_option_from_zero(tmp_path, monkeypatch):
    datasets = pytest.importorskip("datasets")
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path / "none"))
    (tmp_path / "hub").mkdir()
    datasets.Dataset.from_list([{**ROW, "cop": 2}]).to_parquet(str(tmp_path / "hub" / "validation.parquet"))
    (row,) = data.load("medmcqa", "validation", hub=str(tmp_path / "hub"))
    assert (row.answer, row.meta["subject_name"]) == ("C", "Anatomy")
