"""What is known of how hard each row is for a model: evaluations and training runs, read as the files they leave."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from data.example import Example
from recipes import BadInput
from recipes.paths import from_root

RESULT = "result.json"  # of a finished evaluation
LEDGER = "difficulty.jsonl"  # of a training run: a line a group of completions (rlvr/ledger.py)


class Tries(NamedTuple):
    """Samples of one row: how many were graded, how many of these were right, and a digest of what was asked."""

    graded: int
    right: int
    asked_as: str

    @property
    def rate(self) -> float:
        """Share that is right; of a row without a verdict there is none."""
        return self.right / self.graded

    def asked(self, row: Example) -> bool:
        """Whether it is the row as it is now that was asked."""
        return self.asked_as == digest(row.question, row.answer)


def digest(question: str, gold: str | list[str]) -> str:
    """Tells whether a question or its gold has changed."""
    return hashlib.blake2b(json.dumps([question, gold]).encode(), digest_size=8).hexdigest()


@cache
def of(folder: str) -> dict[str, Tries]:
    """Row id -> its samples. BadInput for a folder that holds neither a finished evaluation nor a training run, or a
    damaged one."""
    place = from_root(folder)
    found: dict[str, Tries] = {}
    try:
        check(folder)
        for row, asked, graded, right in _evaluation(place) if _is_evaluation(place) else _ledger(place):
            before = found.get(row) or Tries(0, 0, asked)
            found[row] = Tries(before.graded + graded, before.right + right, asked)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput([f"{place}: not a whole evaluation ({error}); run it again"]) from error
    return found


def check(folder: str) -> None:
    """ValueError where there is no such evaluation or training run: for steps that are told of one."""
    if not folder:
        raise ValueError("name the folder of an evaluation of these rows, OUT/SUITE as `python -m eval run` left it")
    place = from_root(folder)
    if not _is_evaluation(place) and not (place / LEDGER).is_file():
        told = f"{place} holds no finished evaluation ({RESULT}) and no training run ({LEDGER})"
        raise FileNotFoundError(f"{told}; make one with `python -m eval run RECIPE`")


def was_asked(folder: str, row: Example) -> bool:
    """Whether the row, as it is now, is among those of an evaluation or training run."""
    tries = of(folder).get(row.id)
    return tries is not None and tries.asked(row)


def enough(step: str, folder: str, asked: Collection[bool], least: float) -> None:
    """BadInput where less than that share of a corpus was asked: an evaluation of other rows would clean nothing."""
    if sum(asked) < least * len(asked):
        said = f"{sum(asked)} of {len(asked)} rows were asked in {folder} as they are now"
        raise BadInput([f"step {step}: {said}; name the evaluation of these rows, or lower `asked` ({least:g})"])


def _is_evaluation(place: Path) -> bool:
    return (place / RESULT).is_file()


def samples(place: Path) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The lines of responses.jsonl and scores.jsonl of a finished evaluation, side by side."""
    yield from zip(_lines(place / "responses.jsonl"), _lines(place / "scores.jsonl"), strict=True)


def _evaluation(place: Path) -> Iterator[tuple[str, str, int, int]]:
    """(row, digest, 1 if graded, 1 if right) of each sample."""
    for row, verdict in samples(place):
        correct = verdict["correct"]
        yield str(row["id"]), digest(row["question"], row["gold"]), int(correct is not None), int(correct is True)


def _ledger(place: Path) -> Iterator[tuple[str, str, int, int]]:
    """The same of each group, all its completions together."""
    for group in _lines(place / LEDGER):
        yield group["id"], group["asked"], group["graded"], group["right"]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)
