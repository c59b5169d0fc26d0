"""The audit of a data set: its splits one by one, what they share, and a page that shows the rows in question."""

from __future__ import annotations

import base64
import io
import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import permutations
from pathlib import Path
from typing import Any

import data
from data.audit import leaks, rows
from data.audit.leaks import Leak
from data.audit.rows import Facts, Suspect
from data.example import Example
from data.pages import page
from data.pages.blocks import Block, Bullets, Heading, Study, Table, Text
from recipes import BadInput

SHOWN = 6  # rows of a sort of suspects on the page, drawn at random
SIDE = 280  # pixels of a picture on the page
FEW = 0.05  # a gold letter whose share departs by more than this is named


def audit(
    name: str, splits: Sequence[str] = (), *, n: int | None = None, knobs: Mapping[str, Any] | None = None
) -> tuple[dict[str, Facts], list[Leak]]:
    """(split -> its facts, leaks between the splits). Without `splits` all that are here; BadInput if none is, or one
    that was named is not. n: only so many rows of each, drawn at random."""
    found = {}
    problems: list[str] = []
    for split in splits or data.describe(name).splits:
        try:
            found[split] = data.load(name, split, n=n, **dict(knobs or {}))
        except BadInput as error:
            if splits:
                raise
            problems += error.problems
    if not found:
        raise BadInput(problems)
    shared = [
        leak
        for one, other in permutations(found, 2)
        if _later(one, other)
        for leak in leaks.between(one, found[one], other, found[other])
    ]
    return {split: rows.facts(examples) for split, examples in found.items()}, shared


def as_json(name: str, found: Mapping[str, Facts], shared: Sequence[Leak]) -> dict[str, Any]:
    """Counts and findings; of suspects their ids and why, no text of a row."""
    return {
        "name": name,
        "splits": {
            split: {
                **_counts(facts),
                "suspects": dict(Counter(_sort(one.why) for one in facts.suspects)),
                "suspect_ids": {one.row.id: _sort(one.why) for one in facts.suspects},
            }
            for split, facts in found.items()
        },
        "leaks": [{**asdict(leak), "words": leak.words} for leak in shared],
    }


def _counts(facts: Facts) -> dict[str, Any]:
    return {key: value for key, value in vars(facts).items() if key != "suspects"}


def headlines(found: Mapping[str, Facts], shared: Sequence[Leak]) -> list[str]:
    """What somebody should know first, a line each."""
    lines = [f"**Leak**: {leak.words}." for leak in shared]
    for split, facts in found.items():
        lines += [
            f"{split}: {n} of {facts.n} rows: {why}."
            for why, n in Counter(_sort(one.why) for one in facts.suspects).items()
        ]
        lines += [
            f"{split}: {guess} is right for {100 * share:.1f} % of such questions."
            for guess, share in facts.guesses.items()
        ]
        lines += (
            [f"{split}: {len(facts.pictures['broken'])} pictures cannot be read."] if facts.pictures["broken"] else []
        )
        lines += _unbalanced(split, facts)
    return lines or ["Nothing odd was found."]


def blocks(name: str, found: Mapping[str, Facts], shared: Sequence[Leak], seed: int = 0) -> list[Block]:
    """The page."""
    info = data.describe(name)
    made: list[Block] = [Heading(f"Audit of {name}", 1), Text(f"{info.text}. License: {info.license}; {info.access}.")]
    made += [Bullets(headlines(found, shared), headline=True)]
    for split, facts in found.items():
        made += [Heading(f"{split}: {facts.n} rows"), *_tables(facts)]
        if facts.suspects:
            made += [Heading(f"{split}: rows to look at"), *_suspects(facts.suspects, seed)]
    return made


def write(folder: Path, name: str, found: Mapping[str, Facts], shared: Sequence[Leak]) -> Path:
    """audit.html and audit.json in `folder`; returns the page. BadInput where they cannot be written."""
    told = json.dumps(as_json(name, found, shared), indent=1, ensure_ascii=False)
    path, shown = folder / "audit.html", page.html(blocks(name, found, shared))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "audit.json").write_text(told + "\n", encoding="utf-8")
        path.write_text(shown, encoding="utf-8")
    except OSError as error:
        raise BadInput([f"{folder}: cannot be written: {error.strerror}; choose another --out"]) from error
    return path


def _later(one: str, other: str) -> bool:
    """Whether `other` is to be kept clean of `one`: evaluation splits of training splits, and of two of a sort the
    second by name."""
    order = {"train": 0, "validation": 1, "val": 1, "dev": 1, "test": 2}
    return (order.get(one, 1), one) < (order.get(other, 1), other)


def _unbalanced(split: str, facts: Facts) -> list[str]:
    """Letters that are right too often or too seldom, where each should be right as often as the others."""
    total = sum(facts.letters.values())
    even = 1 / max(1, len(facts.letters))
    odd = [(letter, n / total) for letter, n in facts.letters.items() if total >= 100 and abs(n / total - even) > FEW]
    where = "of the questions with options"
    return [f"{split}: {where} {letter} is right in {100 * n:.1f} %, even is {100 * even:.1f} %." for letter, n in odd]


def _tables(facts: Facts) -> list[Block]:
    made: list[Block] = []
    for column, counter in facts.counts.items():
        made.append(
            Table(
                column, (column, "rows", "%"), [(v, f"{n:,}", f"{100 * n / facts.n:.1f}") for v, n in counter.items()]
            )
        )
    if facts.letters:
        total = sum(facts.letters.values())
        letter_rows = [(letter, f"{n:,}", f"{100 * n / total:.1f}") for letter, n in facts.letters.items()]
        made.append(Table("Letter of the right option", ("letter", "rows", "%"), letter_rows))
    for text, bins in facts.lengths.items():
        if most := max(bins.values(), default=0):
            bars = [(words, f"{n:,}", "█" * round(24 * n / most)) for words, n in bins.items()]
            made.append(Table(f"Words in the {text}", ("words", "texts", ""), bars))
    if sides := facts.pictures["shorter_side_px"]:
        made.append(
            Table("Shorter side of the pictures, px", ("", "px"), [(name, f"{px:g}") for name, px in sides.items()])
        )
    return made


def _suspects(suspects: Sequence[Suspect], seed: int) -> list[Block]:
    by: dict[str, list[Suspect]] = {}
    for one in suspects:
        by.setdefault(_sort(one.why), []).append(one)
    made: list[Block] = []
    for sort, some in by.items():
        drawn = random.Random(f"{seed}/{sort}").sample(some, min(SHOWN, len(some)))
        made.append(Text(f"**{sort}**: {len(drawn)} of {len(some)}, drawn at random."))
        made += [_study(one) for one in drawn]
    return made


def _study(one: Suspect) -> Study:
    row = one.row
    options = "\n".join(f"{letter}) {text}" for letter, text in (row.options or {}).items())
    item = [("question", row.question), *([("options", options)] if options else []), ("why", one.why)]
    golds = [(other.id, [("gold", ", ".join(other.golds))]) for other in (row, *one.others[:3])]
    return Study(row.id, item, golds, _uris(row))


def _uris(row: Example) -> list[str]:
    try:
        images = data.open_images(row)
    except BadInput:
        return []
    found = []
    for image in images:
        image.thumbnail((SIDE, SIDE))
        file = io.BytesIO()
        image.save(file, "JPEG", quality=80)
        found.append("data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode())
    return found


def _sort(why: str) -> str:
    """A reason without what is said of the single row."""
    return why.partition(" (")[0].partition(": ")[0]
