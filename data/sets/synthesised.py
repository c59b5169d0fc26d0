"""Rows that `python -m data synth` made, or that somebody wrote in its form: JSON lines of questions or captions.

`{use: synthesised, path: outputs/synth/medmcqa/rows.jsonl}`. A row without a question is an image to describe.
"""

from __future__ import annotations

from dataclasses import replace

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
    verified=True,
)


def load(split: str, *, n: int | None = None, seed: int = 0, path: str = "") -> list[Example]:
    """All rows, or n of them at random. path: the file, or the folder of a run of `data synth`."""
    from data.synth import rows

    if not path:
        raise BadInput([f"{NAME}: name the rows: path=outputs/synth/x/rows.jsonl"])
    place = from_root(path)
    file = place / "rows.jsonl" if place.is_dir() else place
    found = [row if row.source else replace(row, source=NAME, split=split) for row in rows.read(file)]
    if not found:
        raise BadInput([f"{NAME}: {file} holds no rows"])
    return sample(found, n, seed, f"{NAME}/{path}")
