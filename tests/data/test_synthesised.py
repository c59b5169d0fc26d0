"""Rows of `data synth` as a data set."""

import json
from pathlib import Path

import pytest
from PIL import Image

import data
from recipes import BadInput


def test_rows_with_a_question_and_pictures_to_describe(tmp_path: Path) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / "a.png")
    rows = [
        {
            "id": "q/1",
            "question": "Which organ?",
            "answer": "A",
            "options": {"A": "liver", "B": "spleen"},
            "trace": "so",
        },
        {"id": "c/1", "images": ["a.png"], "labels": {"anatomy": "chest", "abnormality": ["mass", "effusion"]}},
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for path in (tmp_path, tmp_path / "rows.jsonl"):
        asked, described = data.load("synthesised", "train", path=str(path))
        assert (asked.kind, asked.source, asked.meta["trace"]) == ("option", "synthesised", "so")
        assert (described.kind, described.answer) == ("report", "anatomy: chest; abnormality: mass, effusion")
        assert data.open_images(described)[0].size == (9, 9)


def test_a_folder_of_runs_keeps_rows_apart_from_those_they_were_made_of(tmp_path: Path) -> None:
    for run, stage in {"a": "cot", "b": "dialogue"}.items():
        (tmp_path / run).mkdir()
        row = {
            "id": "medqa/1",
            "question": "Which?",
            "answer": "tin",
            "made_by": [{"stage": stage}, {"stage": "verify"}],
        }
        (tmp_path / run / "rows.jsonl").write_text(json.dumps(row))
        (tmp_path / run / "01-cot.rows.jsonl").write_text("{}")  # what lies between two stages is no result
    rows = data.load("synthesised", "train", path=str(tmp_path))
    assert [row.id for row in rows] == ["cot/medqa/1", "dialogue/medqa/1"]


def test_rows_that_are_not_there_are_told(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    for path, word in {
        "": "name the rows",
        "empty.jsonl": "holds no rows",
        ".": "no rows.jsonl;",
        "none.jsonl": "cannot be read",
    }.items():
        with pytest.raises(BadInput, match=word):
            data.load("synthesised", "train", path=path and str(tmp_path / path))
