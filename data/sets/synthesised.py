"""Rows that `python -m data synth` made, or that somebody wrote in its form: JSON lines of questions or captions.

`{use: synthesised, path: outputs/synth/medmcqa/rows.jsonl}`. A row without a question is an image to describe. The id
of a row that a stage made begins with the stage, so that a corpus can hold it beside the row that it was made of.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from data.example import KINDS, Example
from data.registry import SetInfo
from data.sets._release import sample
from recipes import BadInput
from recipes.paths import from_root

NAME = "synthesised"

ABOUT = SetInfo(
    name=NAME,
    splits=("train",),
    license="that of its rows",
    kinds=KINDS,
    text="rows made by `python -m data synth`, named by their file: path=outputs/synth/x/rows.jsonl",
    remedy="make it with `python -m data synth`",
    verified=True,
)


def load(split: str, *, n: int | None = None, seed: int = 0, path: str = "") -> list[Example]:
    """All rows, or n of them at random. path: a file, or a folder: that of a run of `data synth`, or of several."""
    from data.synth import rows

    if not path:
        raise BadInput([f"{NAME}: name the rows: path=outputs/synth/x/rows.jsonl"])
    found = [_named(row, split) for file in files(from_root(path)) for row in rows.read(file)]
    if not found:
        raise BadInput([f"{NAME}: {from_root(path)} holds no rows"])
    return sample(found, n, seed, f"{NAME}/{path}")


def files(place: Path) -> list[Path]:
    """The rows.jsonl of each run below a folder; a file as it is. BadInput for a folder without."""
    if not place.is_dir():
        return [place]
    found = sorted(place.rglob("rows.jsonl"))
    if not found:
        raise BadInput([f"{NAME}: {place} holds no rows.jsonl; `python -m data synth` writes it"])
    return found


def _named(row: Example, split: str) -> Example:
    made_by = row.meta.get("made_by") or [{}]
    name = f"{made_by[0]['stage']}/{row.id}" if made_by[0].get("stage") else row.id
    return replace(row, id=name, source=row.source or NAME, split=row.split or split)
