"""MedMCQA: multiple-choice questions of Indian medical entrance exams.

Pal A et al., MedMCQA: A Large-scale Multi-Subject Multi-Choice Dataset for Medical domain Question Answering (CHIL
2022). Read from the release files (train.json, dev.json: JSON lines) or from the hub. The answers of the official test
are not public: the 4,183 rows of dev.json, here `validation`, are what papers report on. Files count the right option
(`cop`) from 1, the hub from 0. In 21 of those questions two options read the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from data.example import Example
from data.registry import SetInfo, folder
from data.sets._items import Row, choice, examples, remedy
from data.sets._release import clean, from_files, hub_rows, sample
from recipes import BadInput

NAME = "medmcqa"
HUB = "openlifescienceai/medmcqa"
FILES = {"train": "train.json", "validation": "dev.json"}
OPTIONS = {"A": "opa", "B": "opb", "C": "opc", "D": "opd"}
COLUMNS = ("cop", "exp", "choice_type", "subject_name", "topic_name")  # official names

ABOUT = SetInfo(
    name=NAME,
    splits=tuple(FILES),
    license="MIT",
    kinds=("option",),
    text="exam questions of 21 medical subjects with four options",
    hub=HUB,
    extra=("language", "subject", "question_type", *COLUMNS, "trace", "distractors"),
    citation="Pal A et al., MedMCQA: A Large-scale Multi-Subject Multi-Choice Dataset for Medical domain Question"
    " Answering, CHIL 2022, arXiv 2203.14371",
    remedy=f"put train.json and dev.json of github.com/medmcqa/medmcqa into {{place}} (on the hub: {HUB})",
    rows={"train": 182822, "validation": 4183},
    benchmark="validation",
    verified=True,
)


def load(split: str, *, n: int | None = None, seed: int = 0, source: str = "auto", hub: str = HUB) -> list[Example]:
    """A split, or n rows of it at random. The trace of a row is the release's explanation, or empty.

    source: files, hub, or auto (files where their folder is, else the hub); hub: the id there.
    """
    place, todo = folder(NAME), remedy(ABOUT)
    if from_files(source, place, NAME):
        path = place / FILES[split]
        found = examples(ABOUT, str(path), _lines(path, todo), partial(_example, split, 1))
    else:
        rows = hub_rows(hub, split, f"check the network, or {todo}")
        found = examples(ABOUT, f"the hub data set {hub}", rows, partial(_example, split, 0))
    return sample(found, n, seed, f"{NAME}/{split}")


def _lines(path: Path, todo: str) -> Iterable[Row]:
    """The rows of a JSON lines file (whose name ends in .json)."""
    try:
        with path.open(encoding="utf-8") as file:  # whose lines do not end at a U+2028 in a text
            return [json.loads(line) for line in file if line.strip()]
    except FileNotFoundError as error:
        raise BadInput([f"{path} is missing; {todo}"]) from error
    except (OSError, ValueError) as error:
        raise BadInput([f"{path} cannot be read ({error}); {todo}"]) from error


def _example(split: str, first: int, number: int, row: Row) -> Example:
    """A row whose right option is counted from `first`."""
    right = int(row["cop"]) - first
    if right not in range(len(OPTIONS)):
        raise ValueError(f"{row['id']}: cop is {row['cop']!r}")
    options = {letter: clean(row[name]) for letter, name in OPTIONS.items()}
    meta = {name: row.get(name) for name in COLUMNS} | {"trace": clean(row.get("exp") or "")}
    own = {"subject": row.get("subject_name"), "question_type": row.get("choice_type")}
    return choice(ABOUT, split, clean(row["id"]), row["question"], options, list(OPTIONS)[right], meta | own)
