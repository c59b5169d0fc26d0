"""`python -m rewards`: what it writes, prints and returns."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rewards.__main__ import main

ROOT = Path(__file__).parents[2]
HEART = {"A": "Right Atrium", "B": "Left Atrium"}
ROWS = [
    {"id": 1, "question": "q", "options": HEART, "gold": "B", "completion": "Option B", "kind": "option"},
    {"id": 2, "question": "q", "options": None, "gold": "12 mL", "completion": "<think>13</think>", "extra": [1]},
    {"id": 3, "question": "q", "options": HEART, "answer": "A", "completion": "B"},
    {"id": 4, "question": "q", "options": None, "gold": None, "completion": "B"},
    {"id": 5, "question": "q", "options": None, "gold": ["a", "b c"], "completion": "b c; a"},
    {"id": 6, "question": "q", "options": None, "gold": "yes", "completion": None},
]


def write(path: Path, rows: list) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_score_writes_exactly_the_named_fields_in_order(tmp_path, capsys):
    out = tmp_path / "out.jsonl"
    assert main(["score", str(write(tmp_path / "in.jsonl", ROWS)), "--out", str(out), "--json"]) == 0
    rows = read(out)
    assert all(list(row) == ["id", "correct", "score", "parsed", "rule", "why"] for row in rows)
    assert [(row["id"], row["correct"]) for row in rows] == [
        (1, True), (2, False), (3, False), (4, None), (5, True), (6, False),
    ]  # fmt: skip
    assert rows[0]["parsed"] == "B"
    assert rows[3]["score"] is None
    assert json.loads(capsys.readouterr().out)["correct"] == 2


def test_score_reads_parquet(tmp_path):
    arrow = pytest.importorskip("pyarrow", reason="Parquet needs pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet", reason="Parquet needs pyarrow")
    rows = [
        {"id": "a", "gold": "B", "options": {"A": "x", "B": "y", "C": None}, "completion": "y"},
        {"id": "b", "gold": "C", "options": {"A": "x", "B": "y", "C": "z"}, "completion": "C"},
    ]
    parquet.write_table(arrow.Table.from_pylist(rows), tmp_path / "in.parquet")
    out = tmp_path / "out.jsonl"
    assert main(["score", str(tmp_path / "in.parquet"), "--out", str(out)]) == 0
    assert [row["correct"] for row in read(out)] == [True, True]


def test_two_rewards_show_where_they_differ(tmp_path, capsys):
    out = tmp_path / "out.jsonl"
    rows = [{**ROWS[0], "question": "Which chamber?"}, *ROWS[1:3]]
    files = ["score", str(write(tmp_path / "in.jsonl", rows)), "--out", str(out)]
    assert main([*files, "--reward", "answer_match", "format"]) == 0
    shown = capsys.readouterr().out
    for part in ("1 rows on which answer_match and format differ", "Which chamber?", "'B'", "Option B", "read 'B'"):
        assert part in shown
    assert main([*files, "--reward", "answer_match", "format", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["differ"] == [1]
    assert read(out)[0]["rewards"]["format"]["score"] == 0.0


def test_rewards_of_other_ranges_are_compared_by_their_share(tmp_path, capsys):
    (tmp_path / "mine.py").write_text(
        "from rewards import reward\n@reward(low=-1.0)\ndef other(response, answer):\n"
        "    return 1.0 if response.answer and answer in response.answer else -1.0\n"
    )
    use = ["score", str(write(tmp_path / "in.jsonl", ROWS[:3])), "--out", str(tmp_path / "out.jsonl")]
    assert main([*use, "--json", "--reward", "answer_match", f"{tmp_path}/mine.py:other"]) == 0
    assert json.loads(capsys.readouterr().out)["differ"] == []
    assert main([*use, "--reward", "format", "format"]) == 2
    assert "two rewards of one name" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{bad", "in.jsonl:1: not JSON"),
        ("[1]", "must be a JSON object"),
        ('{"id": 9}', "row 1 (id 9): has no completion"),
    ],
)
def test_bad_rows_stop_with_their_place_and_leave_nothing(tmp_path, capsys, text, message):
    (tmp_path / "in.jsonl").write_text(text + "\n")
    assert main(["score", str(tmp_path / "in.jsonl"), "--out", str(tmp_path / "out.jsonl")]) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert message in err
    assert err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


@pytest.mark.parametrize(
    "argv",
    [["score", "none.jsonl", "--out", "x.jsonl"], ["check", "no_such"], ["check", "format", "--data", "none.jsonl"],
     ["check", "answer_match", "--kind", "odd"]],
)  # fmt: skip
def test_bad_use_is_one_line_and_2(capsys, argv):
    assert main(argv) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert err.count("\n") == 1


def test_bad_arguments_are_one_line_and_2(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["score"])
    assert stop.value.code == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_check_passes_ours_and_refuses_a_hackable_one(tmp_path, capsys):
    assert main(["check", "option_choice"]) == 0
    (tmp_path / "mine.py").write_text(
        "def contains(response, answer):\n    return float(str(answer).lower() in response.text.lower())\n"
    )
    capsys.readouterr()
    assert main(["check", f"{tmp_path}/mine.py:contains", "--json"]) == 1
    audit = json.loads(capsys.readouterr().out)
    assert not audit["passed"]
    assert audit["tallies"]["gold"]["failed"] == 0
    assert audit["kinds"]["option"]["false_positives"] > 50


def test_check_reads_rows_of_a_file(tmp_path, capsys):
    path = write(tmp_path / "rows.jsonl", [ROWS[0], {**ROWS[0], "gold": "Z"}])
    assert main(["check", "answer_match", "--data", str(path), "--json"]) == 0
    audit = json.loads(capsys.readouterr().out)
    assert audit["ungraded"] == 1
    assert audit["tallies"]["data wrong"]["tried"] == audit["tallies"]["data wrong"]["passed"] == 1


def test_bench_times_every_reward(capsys):
    assert main(["bench", "--seconds", "0.01", "--json"]) == 0
    rows = {row["reward"]: row["us_per_call"] for row in json.loads(capsys.readouterr().out)}
    assert 0 < rows["answer_match"] < 1000  # generous: the figure itself is the benchmark's business


def test_list_is_light():
    code = "import sys; from rewards.__main__ import main; main(['list']); print(sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "answer_match" in run.stdout
    loaded = run.stdout.splitlines()[-1]
    for heavy in ("torch", "trl", "datasets", "numpy", "sympy", "math_verify", "pyarrow", "transformers", "pydantic"):
        assert f"'{heavy}'" not in loaded
