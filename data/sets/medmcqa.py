"""MedMCQA: multiple-choice questions of Indian medical entrance exams.

Pal A et al., MedMCQA: A Large-scale Multi-Subject Multi-Choice Dataset for Medical domain Question Answering (CHIL
2022). Read from the release files (train.json, dev.json: JSON lines) or from the hub. The answers of the official test
are not public: the 4,183 rows of dev.json, here `validation`, are what papers report on. Files count the right option
(`cop`) from 1, the hub from 0. In 21 of those questions two options read the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from data.example import Example
from data.registry import SetInfo, folder
from data.sets._release import clean, from_files, hub_rows, sample
from recipes import BadInput

NAME = "medmcqa"
HUB = "openlifescienceai/medmcqa"
LICENSE = "MIT"
FILES = {"train": "train.json", "validation": "dev.json"}
OPTIONS = {"A": "opa", "B": "opb", "C": "opc", "D": "opd"}
COLUMNS = ("cop", "exp", "choice_type", "subject_name", "topic_name")  # official names

ABOUT = SetInfo(
    name=NAME,
    splits=tuple(FILES),
    license=LICENSE,
    kinds=("option",),
    text="exam questions of 21 medical subjects with four options",
    hub=HUB,
    extra=(*COLUMNS, "trace", "distractors"),
    benchmark="validation",
)


def load(split: str, *, n: int | None = None, seed: int = 0, source: str = "auto", hub: str = HUB) -> list[Example]:
    """A split, or n rows of it at random. The trace of a row is the release's explanation, or empty.

    source: files, hub, or auto (files where their folder is, else the hub); hub: the id there.
    """
    place = folder(NAME)
    files = from_files(source, place, NAME)
    remedy = _remedy(place)
    rows = _lines(place / FILES[split], remedy) if files else hub_rows(hub, split, f"check the network, or {remedy}")
    try:
        examples = [_example(row, split, 1 if files else 0) for row in rows]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise BadInput([f"{NAME} {split} is not in MedMCQA's form ({error!r}); {remedy}"]) from error
    return sample(examples, n, seed, f"{NAME}/{split}")


def _lines(path: Path, remedy: str) -> Iterable[dict[str, Any]]:
    """The rows of a JSON lines file."""
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except FileNotFoundError as error:
        raise BadInput([f"{path} is missing; {remedy}"]) from error
    except (OSError, ValueError) as error:
        raise BadInput([f"{path} cannot be read ({error}); {remedy}"]) from error


def _example(row: dict[str, Any], split: str, first: int) -> Example:
    """A row whose right option is counted from `first`."""
    number = int(row["cop"]) - first
    if number not in range(len(OPTIONS)):
        raise ValueError(f"row {row['id']}: cop is {row['cop']!r}")
    answer = list(OPTIONS)[number]
    options = {letter: clean(row[name]) for letter, name in OPTIONS.items()}
    return Example(
        id=f"{NAME}/{row['id']}",
        question=clean(row["question"]),
        answer=answer,
        kind="option",
        options=options,
        source=NAME,
        split=split,
        license=LICENSE,
        meta={name: row.get(name) for name in COLUMNS}
        | {"trace": clean(row.get("exp") or ""), "distractors": [x for x in OPTIONS if options[x] != options[answer]]},
    )


def _remedy(place: Path) -> str:
    return f"put train.json and dev.json of github.com/medmcqa/medmcqa into {place}"
