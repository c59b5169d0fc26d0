"""What can be said of the rows of one split: balance, options, golds, lengths, pictures. Pure functions of Examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import rewards
from data.example import Example
from data.images import image_sizes
from recipes import BadInput

BINS = (0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096)  # words; the last is open
SHOWN = ("kind", "modality", "language", "form", "organ", "question_type")
MOST_VALUES = 30


@dataclass(frozen=True)
class Suspect:
    """A row that somebody should look at, and why. `others`: rows that it contradicts."""

    row: Example
    why: str
    others: tuple[Example, ...] = ()


@dataclass(frozen=True)
class Facts:
    """Of one split. counts: column -> value -> rows. letters: gold letter -> rows. lengths: text -> bin -> rows."""

    n: int
    counts: dict[str, dict[str, int]]
    letters: dict[str, int]
    guesses: dict[str, float]
    lengths: dict[str, dict[str, int]]
    pictures: dict[str, Any]
    suspects: list[Suspect] = field(repr=False)


def facts(rows: Sequence[Example]) -> Facts:
    """Everything, for a page and for JSON."""
    return Facts(
        n=len(rows),
        counts=_counts(rows),
        letters=letters(rows),
        guesses=guesses(rows),
        lengths={
            "question": histogram(len(row.question.split()) for row in rows),
            "answer": histogram(len(answer.split()) for row in rows for answer in row.golds),
            "option": histogram(len(text.split()) for row in rows for text in (row.options or {}).values()),
        },
        pictures=pictures(rows),
        suspects=[*twin_options(rows), *unmatched(rows), *contradictions(rows)],
    )


def letters(rows: Iterable[Example]) -> dict[str, int]:
    """How often each letter is right, over questions with one right option."""
    found = Counter(str(row.answer) for row in rows if row.kind == "option")
    return dict(sorted(found.items()))


def guesses(rows: Sequence[Example]) -> dict[str, float]:
    """Accuracy that needs no question: always the commonest letter, or always the commonest of yes, no, maybe."""
    found = {}
    for kind, name in (("option", "always the commonest letter"), ("yesno", "always the commonest of yes and no")):
        answers = Counter(str(row.answer).lower() for row in rows if row.kind == kind)
        if answers:
            found[name] = answers.most_common(1)[0][1] / answers.total()
    return found


def histogram(values: Iterable[int]) -> dict[str, int]:
    """Counts by BINS: "0", "1", "2-3", ...; bins beyond the largest value are left out."""
    found = [0] * len(BINS)
    for value in values:
        found[sum(value >= low for low in BINS) - 1] += 1
    highs = [high - 1 for high in BINS[1:]]
    names = [f"{low}" if low == high else f"{low}-{high}" for low, high in zip(BINS, highs, strict=False)]
    last = max((place for place, n in enumerate(found) if n), default=-1)
    return dict(list(zip([*names, f"{BINS[-1]}-"], found, strict=True))[: last + 1])


def pictures(rows: Iterable[Example]) -> dict[str, Any]:
    """How many a row has, their sizes, and which rows' cannot be read."""
    per_row: Counter[int] = Counter()
    shorter: list[int] = []
    broken: list[str] = []
    for row in rows:
        per_row[len(row.images)] += 1
        try:
            shorter += [min(size) for size in image_sizes(row)]
        except BadInput as error:
            broken += error.problems
    sides = {"smallest": min(shorter), "median": median(shorter), "largest": max(shorter)} if shorter else {}
    return {"per_row": dict(sorted(per_row.items())), "shorter_side_px": sides, "broken": broken}


def twin_options(rows: Iterable[Example]) -> list[Suspect]:
    """Questions that offer one text twice; where it is the right one, two letters are right and one is counted."""
    found = []
    for row in rows:
        texts = Counter(text.casefold().strip() for text in (row.options or {}).values())
        twins = {text for text, n in texts.items() if n > 1}
        if not twins or row.options is None:
            continue
        right = {row.options[letter].casefold().strip() for letter in row.golds if letter in row.options}
        found.append(
            Suspect(row, "the right option stands there twice" if right & twins else "an option stands there twice")
        )
    return found


def unmatched(rows: Iterable[Example]) -> list[Suspect]:
    """Rows whose own gold does not earn the maximum from the verifier that trains and evaluates."""
    match, found = rewards.load("answer_match"), []
    for row in rows:
        if row.kind in ("report", "box"):
            continue
        said = ", ".join(row.golds)
        try:
            verdict = match(f"<answer>{said}</answer>", **row.columns())
        except rewards.RewardError as error:
            found.append(Suspect(row, f"the verifier cannot read the gold: {error}"))
            continue
        if verdict is None:
            found.append(Suspect(row, "the verifier does not grade it"))
        elif verdict.value < match.high:
            found.append(Suspect(row, f"the gold itself is graded wrong ({verdict.why or verdict.rule})"))
    return found


def contradictions(rows: Iterable[Example]) -> list[Suspect]:
    """Questions asked twice about the same pictures, or the same case, with other answers: one of the labels is wrong,
    or the question does not have one answer. One suspect a question."""
    asked: dict[tuple[Any, ...], list[Example]] = {}
    for row in rows:
        cluster = row.meta.get("cluster")
        if row.images and cluster is None:
            continue  # nothing tells whether it is the same picture
        about = str(cluster), str(row.meta.get("context"))  # a list in some sets
        options = tuple(sorted((row.options or {}).values()))
        asked.setdefault((row.question.casefold().strip(" ?."), about, options), []).append(row)
    found = []
    for same in asked.values():
        said = {" ".join(sorted(row.gold_texts)).casefold() for row in same}
        if len(said) > 1:
            found.append(Suspect(same[0], "asked twice with other answers", tuple(same[1:])))
    return found


def _counts(rows: Iterable[Example]) -> dict[str, dict[str, int]]:
    counted: dict[str, Counter[str]] = {name: Counter() for name in SHOWN}
    for row in rows:
        columns = row.columns()
        for name in SHOWN:
            if (value := columns.get(name)) not in (None, ""):
                counted[name][str(value)] += 1
    few = {name: counter for name, counter in counted.items() if counter and len(counter) <= MOST_VALUES}
    return {name: dict(counter.most_common()) for name, counter in few.items()}
