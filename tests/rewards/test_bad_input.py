"""What must not stop a grading, and what must stop it in one line: completions, golds and rewards that are broken."""

import json
from pathlib import Path

import pytest

import rewards
from rewards import parse
from rewards.__main__ import main

MEGABYTE = 1_000_000
GOLDS = [
    {"answer": "C", "options": {"A": "x", "B": "y", "C": "z"}, "kind": "option"},
    {"answer": "yes", "kind": "yesno", "question": "Is there an effusion?"},
    {"answer": "12 mEq/L", "kind": "numeric", "question": "What is the anion gap?"},
    {"answer": "pneumothorax", "kind": "text"},
    {"answer": ["edema", "dyspnea"], "kind": "multi"},
    {"answer": ["gout", "sepsis"], "kind": "ranked"},
]
COMPLETIONS = {
    "none": None,
    "empty": "",
    "a number": 12,
    "a list": ["C"],
    "a conversation": [{"role": "assistant", "content": "C"}],
    "bytes": b"<answer>\xff\xfe</answer>",
    "lone surrogates": "<answer>\ud800\udfff</answer>",
    "control signs": "\x00\x1b[2J<answer>\x07</answer>",
    "a megabyte": "The answer is not clear. " * (MEGABYTE // 25),
    "a megabyte in the answer": "<answer>" + "C or D, " * (MEGABYTE // 8) + "</answer>",
    "a megabyte without a space": "<answer>" + "a" * MEGABYTE + "</answer>",
    "a megabyte of thinking": "<think>" + "hmm " * (MEGABYTE // 4) + "</think><answer>none</answer>",
    "nested tags": "<think>" * 70_000 + "<answer>" * 60_000,
    "alternating tags": "<think></think><answer></answer>" * 31_000,
    "answers": "<answer>D</answer>" * 55_000,
    "open boxes": r"\boxed{" * 140_000,
    "spaces": "<answer>" + " " * MEGABYTE + "x</answer>",
    "regex bait": "<answer>" + "a! " * 3000 + "(((((" * 3000 + "1.1.1.1" * 3000 + "</answer>",
    "digits": "<answer>" + "9" * MEGABYTE + "</answer>",
    "an exponent": "<answer>1e999999999</answer>",
    "a deep fraction": "<answer>" + r"\frac{1}{" * 5000 + "1" + "}" * 5000 + "</answer>",
    "powers": "<answer>9**9**9**9**9</answer>",
}


@pytest.mark.parametrize("name", COMPLETIONS)
@pytest.mark.parametrize("row", GOLDS, ids=lambda row: row["kind"])
def test_any_completion_gets_a_verdict_in_50_ms(name, row, at_once):
    grader = rewards.load("answer_match")
    score = grader(parse(COMPLETIONS[name]), **row)
    assert score is not None
    assert score.value == 0.0
    at_once(lambda: grader(parse(COMPLETIONS[name]), **row))


MISSING = [
    {"gold": None},
    {},
    {"gold": ""},
    {"gold": []},
    {"gold": "Q", "options": {"A": "x", "B": "y"}},
    {"gold": "x or y", "options": {"A": "x", "B": "y"}},
    {"gold": "pneumonia", "kind": "yesno"},
    {"gold": "pneumonia", "kind": "numeric"},
    {"gold": "A", "answer": "B", "options": {"A": "x", "B": "y"}},
    {"gold": "A", "kind": "option", "options": None},
    {"gold": ["a", "b"], "kind": "option", "options": {"A": "x", "B": "y"}},
]


def scored(tmp_path: Path, rows, *uses: str) -> int:
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return main(["score", str(tmp_path / "in.jsonl"), "--out", str(tmp_path / "out.jsonl"), "--reward", *uses])


def test_a_gold_that_is_missing_or_contradicts_itself_is_null_and_its_row_is_named(tmp_path, capsys):
    rows = [{"id": f"row-{i}", "question": "?", "completion": "A", **gold} for i, gold in enumerate(MISSING)]
    assert scored(tmp_path, rows, "answer_match") == 0
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["correct"] for row in found] == [None] * len(rows)
    assert all(row["why"] for row in found)
    err = capsys.readouterr().err
    for row in rows:
        assert f"'{row['id']}'" in err


def test_a_users_grader_is_not_asked_about_a_row_without_gold(tmp_path):
    (tmp_path / "mine.py").write_text("def exact(response, answer):\n    return response.answer == answer\n")
    assert scored(tmp_path, [{"id": 1, "completion": "A"}], f"{tmp_path}/mine.py:exact") == 0
    assert json.loads((tmp_path / "out.jsonl").read_text())["correct"] is None


def test_a_reward_that_can_do_without_gold_is_asked(tmp_path):
    row = {"id": 1, "completion": "I cannot tell.", "gold": None, "answerable": False}
    assert scored(tmp_path, [row], "abstention") == 0
    assert json.loads((tmp_path / "out.jsonl").read_text())["correct"] is True


MINE = """
from rewards import reward

@reward()
def word(response): return "good"

@reward()
def nothing_like_it(response): return {"score": 1}

@reward()
def nan(response): return float("nan")

@reward()
def large(response): return 1.5

@reward()
def negative(response): return -0.1

@reward()
def endless(response): return float("inf")

@reward()
def broken(response): return response.answer["C"]

@reward()
def exits(response): raise KeyError("\\n two lines")

def for_trl(completions): return [0.5, 0.5]
"""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("word", "'good'"),
        ("nothing_like_it", "{'score': 1}"),
        ("nan", "nan"),
        ("large", "1.5"),
        ("negative", "-0.1"),
        ("endless", "inf"),
        ("broken", "TypeError"),
        ("exits", "two lines"),
        ("for_trl", "[0.5, 0.5]"),
    ],
)
def test_a_broken_reward_stops_with_its_name_the_row_and_the_value(tmp_path, capsys, name, value):
    (tmp_path / "mine.py").write_text(MINE)
    assert scored(tmp_path, [{"id": "q7", "gold": "C", "completion": "C"}], f"{tmp_path}/mine.py:{name}") == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    for part in (name, "q7", value):
        assert part in err
    assert not (tmp_path / "out.jsonl").exists()


def test_bytes_that_are_no_utf_8_are_graded(tmp_path):
    (tmp_path / "in.jsonl").write_bytes(b'{"id": 1, "gold": "C", "completion": "<answer>\xff\xfe</answer>"}\n')
    assert main(["score", str(tmp_path / "in.jsonl"), "--out", str(tmp_path / "out.jsonl")]) == 0
    assert json.loads((tmp_path / "out.jsonl").read_text())["correct"] is False


def test_parquet_with_bytes_that_are_no_utf_8_is_graded(tmp_path):
    arrow = pytest.importorskip("pyarrow", reason="Parquet needs pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet", reason="Parquet needs pyarrow")
    broken = arrow.array([b"<answer>C</answer>", b"<answer>\xff</answer>"]).view(arrow.string())
    table = arrow.table({"id": ["a", "b"], "gold": ["C", "C"], "completion": broken, "bytes": [b"x", b"\xff"]})
    parquet.write_table(table, tmp_path / "in.parquet")
    assert main(["score", str(tmp_path / "in.parquet"), "--out", str(tmp_path / "out.jsonl")]) == 0
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [(row["id"], row["correct"]) for row in rows] == [("a", True), ("b", False)]
