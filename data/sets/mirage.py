"""MIRAGE: five medical question sets in one shape, 7,663 questions with options.

Xiong G et al., Benchmarking Retrieval-Augmented Generation for Medicine (Findings of ACL 2024). Read from
benchmark.json. Its PubMedQA and BioASQ come without their texts (options yes, no, maybe), so that they ask what a model
knows. Its MedMCQA is the validation split of `medmcqa`, its PubMedQA the test split of `pubmedqa`. `subject` is the
part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from data.example import Example
from data.registry import SetInfo, folder
from data.sets._items import Row, choice, chosen, examples, lettered, remedy
from data.sets._release import read_json, sample
from recipes import BadInput

NAME = "mirage"
PARTS = {
    "medqa": "MIT",
    "medmcqa": "MIT",
    "pubmedqa": "MIT",
    "bioasq": "public domain notice of MIRAGE",
    "mmlu": "public domain notice of MIRAGE",
}  # part: licence

ABOUT = SetInfo(
    name=NAME,
    splits=("test",),
    license="MIT, public domain",
    kinds=("option",),
    text="MedQA, MedMCQA, PubMedQA, BioASQ and MMLU's medical subjects, with options",
    extra=("language", "part", "subject", "distractors"),
    citation="Xiong G et al., Benchmarking Retrieval-Augmented Generation for Medicine, Findings of ACL 2024,"
    " arXiv 2402.13178",
    remedy="put benchmark.json of github.com/Teddy-XiongGZ/MIRAGE into {place}",
    rows={"test": 7663},
    benchmark="test",
    verified=True,
)


def load(split: str, *, n: int | None = None, seed: int = 0, part: str | Sequence[str] | None = None) -> list[Example]:
    """The test split, or n rows of it at random.

    part: one or several of medqa, medmcqa, pubmedqa, bioasq and mmlu; all of them by default.
    """
    parts, path = chosen(ABOUT, "part", part, PARTS), folder(NAME) / "benchmark.json"
    whole, found = read_json(path, remedy(ABOUT)), []
    for name in parts:
        found += examples(ABOUT, f"{path}, {name}", _rows(whole, name, path), partial(_example, split, name))
    return sample(found, n, seed, f"{NAME}/{split}")


def _rows(whole: Any, part: str, path: Path) -> list[Row]:
    """The rows of a part, with their ids."""
    try:
        return [{"id": name, **row} for name, row in whole[part].items()]
    except (AttributeError, KeyError, TypeError) as error:
        raise BadInput([f"{path} has no part {part} in MIRAGE's form ({error!r}); {remedy(ABOUT)}"]) from error


def _example(split: str, part: str, number: int, row: Row) -> Example:
    meta, name = {"part": part, "subject": part}, f"{part}/{row['id']}"
    example = choice(ABOUT, split, name, row["question"], lettered(row["options"]), row["answer"], meta)
    return replace(example, license=PARTS[part])
