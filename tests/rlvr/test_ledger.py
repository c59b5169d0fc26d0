"""RUN/difficulty.jsonl: right and graded completions of each group."""

import json
from pathlib import Path

import torch

import rewards
from data import Example, answered
from rlvr.ledger import Ledger

ROWS = [Example(f"x\u2028/{i}", f"What is {i}?", "liver") for i in range(3)]  # at which str.splitlines ends a line
NAN = float("nan")


def lines(folder: Path) -> list[dict]:
    with (folder / "difficulty.jsonl").open() as file:
        return [json.loads(line) for line in file]


def ledger(folder: Path) -> Ledger:
    return Ledger(folder, ROWS, [rewards.load("format"), rewards.load("answer_match")])


def test_each_group_is_a_line_by_the_grader_and_not_by_the_format(tmp_path: Path) -> None:
    values = torch.tensor([[1.0, 1.0], [1.0, 0.0], [0.0, NAN], [0.0, 0.0]])
    ledger(tmp_path).note(3, 0, [2, 2, 0, 0], values)
    kept = [(line["step"], line["id"], line["right"], line["graded"]) for line in lines(tmp_path)]
    assert kept == [(3, ROWS[2].id, 1, 2), (3, ROWS[0].id, 0, 1)]
    assert answered.of(str(tmp_path))[ROWS[2].id].asked(ROWS[2])


def test_a_resumed_run_counts_no_step_twice(tmp_path: Path) -> None:
    first = ledger(tmp_path)
    for step in range(4):
        first.note(step, 0, [0], torch.tensor([[1.0, 1.0]]))
    with (tmp_path / "difficulty.jsonl").open("a") as file:
        file.write('{"step": 4, "id": "x')  # killed while it wrote
    again = ledger(tmp_path)
    for step in (2, 3, 4):
        again.note(step, 0, [0], torch.tensor([[1.0, 0.0]]))
    assert [(line["step"], line["right"]) for line in lines(tmp_path)] == [(0, 1), (1, 1), (2, 0), (3, 0), (4, 0)]


def test_the_last_group_of_the_epochs_before_is_known_also_to_a_resumed_run(tmp_path: Path) -> None:
    first = ledger(tmp_path)
    right, wrong = [1.0, 1.0], [1.0, 0.0]
    first.note(0, 0, [0, 0, 1, 1], torch.tensor([right, right, wrong, [1.0, NAN]]))
    first.note(1, 1, [0, 0], torch.tensor([wrong, right]))
    first.note(2, 2, [2, 2], torch.tensor([wrong, wrong]))
    again = ledger(tmp_path)
    assert again.tries(3) == {}
    again.recall()
    for one in (first, again):
        assert one.tries(0) == {}
        assert one.tries(1) == {0: (2, 2), 1: (0, 1)}
        assert one.tries(2) == {0: (1, 2), 1: (0, 1)}
        assert one.tries(3) == {0: (1, 2), 1: (0, 1), 2: (0, 2)}


def test_only_the_first_process_writes(tmp_path: Path) -> None:
    other = Ledger(tmp_path, ROWS, [rewards.load("answer_match")], writes=False)
    other.note(0, 0, [0], torch.tensor([[1.0]]))
    assert other.tries(1) == {0: (1, 1)}
    assert list(tmp_path.iterdir()) == []


def test_without_a_grader_nothing_is_kept(tmp_path: Path) -> None:
    Ledger(tmp_path, ROWS, [rewards.load("format")]).note(0, 0, [0], torch.tensor([[1.0]]))
    assert list(tmp_path.iterdir()) == []
