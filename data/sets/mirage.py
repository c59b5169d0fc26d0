"""MIRAGE: five medical question sets in one shape, 7,663 questions with options.

Xiong G et al., Benchmarking Retrieval-Augmented Generation for Medicine (Findings of ACL 2024). Read from
benchmark.json. Its PubMedQA and BioASQ come without their texts (options yes, no, maybe), so that they ask what a model
knows. Its MedMCQA is the validation split of `medmcqa`, its PubMedQA the test split of `pubmedqa`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data.example import Example
from data.registry import SetInfo, folder
from data.sets._release import clean, read_json, sample
from recipes import BadInput, hint

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
    extra=("part", "distractors"),
    benchmark="test",
)


def load(split: str, *, n: int | None = None, seed: int = 0, part: str | Sequence[str] | None = None) -> list[Example]:
    """The test split, or n rows of it at random.

    part: one or several of medqa, medmcqa, pubmedqa, bioasq and mmlu; all of them by default.
    """
    place = folder(NAME)
    rows = read_json(place / "benchmark.json", _remedy(place))
    try:
        found = [_example(name, i, row, split) for name in _parts(part) for i, row in rows[name].items()]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadInput([f"{place / 'benchmark.json'} is not in MIRAGE's form ({error!r}); {_remedy(place)}"]) from error
    return sample(found, n, seed, f"{NAME}/{split}")


def _parts(part: str | Sequence[str] | None) -> list[str]:
    """The wanted parts; BadInput for one that there is not."""
    wanted = list(PARTS) if part is None else [part] if isinstance(part, str) else list(part)
    if not wanted:
        raise BadInput([f"{NAME}: part names none; there are {', '.join(PARTS)}"])
    if unknown := [name for name in wanted if name not in PARTS]:
        there = ", ".join(PARTS)
        raise BadInput([f"{NAME}: no part {name!r}{hint(str(name), PARTS)}; there are {there}" for name in unknown])
    return wanted


def _example(part: str, i: str, row: dict[str, Any], split: str) -> Example:
    options = {letter: clean(text) for letter, text in row["options"].items()}
    answer = clean(row["answer"])
    return Example(
        id=f"{NAME}/{part}/{i}",
        question=clean(row["question"]),
        answer=answer,
        kind="option",
        options=options,
        source=NAME,
        split=split,
        license=PARTS[part],
        meta={"part": part, "distractors": [x for x in options if options[x] != options[answer]]},
    )


def _remedy(place: Path) -> str:
    return f"put benchmark.json of github.com/Teddy-XiongGZ/MIRAGE into {place}"
