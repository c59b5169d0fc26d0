"""What an evaluation found of each row: the folders that `python -m eval run` leaves, read as files."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

from data.example import Example
from recipes import BadInput
from recipes.paths import from_root

FILES = ("responses.jsonl", "scores.jsonl")


class Tries(NamedTuple):
    """Samples of one row: how many were graded, how many of these were right, and what was asked."""

    graded: int
    right: int
    question: str
    gold: str

    @property
    def rate(self) -> float:
        """Share that is right; of a row without a verdict there is none."""
        return self.right / self.graded

    def asked(self, row: Example) -> bool:
        """Whether it is the row as it is now that was asked."""
        return (self.question, self.gold) == (row.question, json.dumps(row.answer, ensure_ascii=False))


@cache
def of(folder: str) -> dict[str, Tries]:
    """Row id -> its samples. BadInput for a folder that holds no finished evaluation, or a damaged one."""
    place = from_root(folder)
    if not (place / "result.json").is_file():
        raise BadInput([f"{place}: no finished evaluation (no result.json); make it with `python -m eval run`"])
    found: dict[str, Tries] = {}
    answers, verdicts = (place / name for name in FILES)
    try:
        with answers.open(encoding="utf-8") as rows, verdicts.open(encoding="utf-8") as scores:
            for line, verdict in zip(rows, scores, strict=True):
                _count(found, json.loads(line), json.loads(verdict)["correct"])
    except (OSError, ValueError, KeyError) as error:
        raise BadInput([f"{place}: not a whole evaluation ({error!r}); run it again"]) from error
    return found


def check(folder: str) -> None:
    """ValueError where there is no such evaluation: for steps that are told of one."""
    if not folder:
        raise ValueError("name the folder of an evaluation of these rows, OUT/SUITE as `python -m eval run` left it")
    if not (Path(from_root(folder)) / "result.json").is_file():
        raise ValueError(f"{from_root(folder)} holds no finished evaluation (no result.json)")


def _count(found: dict[str, Tries], row: dict[str, object], correct: bool | None) -> None:
    name = str(row["id"])
    before = found.get(name) or Tries(0, 0, str(row["question"]), json.dumps(row["gold"], ensure_ascii=False))
    is_right, is_graded = int(correct is True), int(correct is not None)
    found[name] = before._replace(graded=before.graded + is_graded, right=before.right + is_right)
