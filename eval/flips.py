"""Items that training turned from wrong to right and from right to wrong, as they were asked and answered."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import rewards
from eval.kept import json_lines
from eval.results import Record, Result

LONGEST = 400  # characters of an answer, and of the end of a reasoning
DIRECTIONS = ("right_to_wrong", "wrong_to_right")


@dataclass(frozen=True)
class Said:
    """One answer to an item: what became of it, what it commits to, and how its reasoning ends."""

    outcome: str
    answer: str
    reasoning: str


@dataclass(frozen=True)
class Flip:
    """An item with an answer of each model, one right and one not."""

    id: str
    question: str
    options: dict[str, str]
    gold: str
    before: Said
    after: Said


def examples(base: Result, rl: Result, *, n: int = 3, seed: int = 0) -> dict[str, list[Flip]]:
    """DIRECTIONS -> at most n items of each, drawn at random, never chosen; {} where the answers are not on disk.

    base, rl: results over the same items. Of several samples the first that shows the flip is taken.
    """
    if base.folder is None or rl.folder is None:
        return {}
    before, after = base.accuracies(), rl.accuracies()
    turned = {
        "right_to_wrong": sorted(item for item in before if after[item] < before[item]),
        "wrong_to_right": sorted(item for item in before if after[item] > before[item]),
    }
    found = {}
    for direction, items in turned.items():
        drawn = random.Random(f"{seed}/{direction}").sample(items, min(n, len(items)))
        first = direction == "right_to_wrong"
        found[direction] = list(_flips(drawn, _rows(base, drawn, best=first), _rows(rl, drawn, best=not first)))
    return found


def _flips(drawn: list[str], before: dict[str, Any], after: dict[str, Any]) -> Iterable[Flip]:
    for item in drawn:
        row, one = before[item]
        other_row, other = after[item]
        gold = row["gold"] if isinstance(row["gold"], str) else ", ".join(row["gold"])
        yield Flip(item, row["question"], row.get("options") or {}, gold, _said(row, one), _said(other_row, other))


def _rows(result: Result, drawn: list[str], *, best: bool) -> dict[str, tuple[dict[str, Any], Record]]:
    """Item -> the line of responses.jsonl of the first of its best samples, or of its worst ones, and its record."""
    chosen = {}
    for item in drawn:
        record = (max if best else min)(result.items[item], key=result.credit)
        chosen[item, record.sample] = record
    assert result.folder is not None
    lines = json_lines(result.folder / "responses.jsonl") if chosen else ()
    return {row["id"]: (row, found) for row in lines if (found := chosen.get((row["id"], row.get("sample", 0))))}


def _said(row: dict[str, Any], record: Record) -> Said:
    response = rewards.parse(row["completion"], truncated=bool(row.get("truncated")))
    answer = response.answer if response.answer is not None else f"(none: {response.rule})"
    thinking = response.thinking if response.thinking is not None else row["completion"]
    return Said(record.outcome, _cut(answer, end=False), _cut(thinking, end=True))


def _cut(text: str, *, end: bool) -> str:
    text = text.strip()
    if len(text) <= LONGEST:
        return text
    return f"… {text[-LONGEST:]}" if end else f"{text[:LONGEST]} …"
