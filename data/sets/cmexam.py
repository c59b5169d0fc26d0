"""CMExam: questions of the Chinese national medical licensing exam, with explanations.

Liu J et al., Benchmarking Large Language Models on CMExam - A Comprehensive Chinese Medical Exam Dataset (NeurIPS
2023). Read from the release files (train.csv, val.csv, test_with_annotations.csv; only the test split is annotated) or
from the hub, which has no annotations. Options stand in one cell, a line each (`A text`). About 3 % of the questions
have several right options; these are of kind `multi` (MedEvalKit asks them as if they had one). Rows without a question
or an answer are left out. `subject` is the medical discipline, `question_type` the area of competency.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from data.example import LETTERS, Example
from data.registry import SetInfo
from data.sets._items import Row, choice, examples, lettered, rows_of, wrong
from data.sets._release import clean, hub_rows, of_kinds, sample

NAME = "cmexam"
HUB = "fzkuji/CMExam"
LICENSE = "Apache-2.0"
FILES = {"train": "train.csv", "validation": "val.csv", "test": "test_with_annotations.csv"}
# official names
COLUMNS = ("Disease Group", "Clinical Department", "Medical Discipline", "Area of Competency", "Difficulty level")
STANDARD = {"subject": "Medical Discipline", "question_type": "Area of Competency", "difficulty": "Difficulty level"}
OPTION = re.compile(r"([A-Z])(?:[\s.、:：]+(.*))?")

ABOUT = SetInfo(
    name=NAME,
    splits=tuple(FILES),
    license=LICENSE,
    kinds=("option", "multi"),
    text="questions of the Chinese medical licensing exam, one or several right options",
    hub=HUB,
    extra=("language", *STANDARD, *COLUMNS, "trace", "distractors"),
    citation="Liu J et al., Benchmarking Large Language Models on CMExam, NeurIPS 2023, arXiv 2306.03030",
    remedy="put data/train.csv, val.csv and test_with_annotations.csv of github.com/williamliujl/CMExam into {place}"
    f" (on the hub, without annotations: {HUB})",
    rows={"train": 54497, "validation": 6811, "test": 6811},
    benchmark="test",
    languages=("zh",),
)


def load(
    split: str,
    *,
    n: int | None = None,
    seed: int = 0,
    kinds: str | Sequence[str] | None = None,
    source: str = "auto",
    hub: str = HUB,
) -> list[Example]:
    """A split, or n rows of it at random. The trace of a row is the release's explanation, or empty.

    kinds: keep only these; source: files, hub, or auto (files where their folder is, else the hub); hub: the id there.
    """
    where, rows = rows_of(ABOUT, FILES[split], source, partial(hub_rows, hub, split))
    found = examples(ABOUT, where, rows, partial(_example, split))
    return sample(of_kinds(found, kinds, NAME), n, seed, f"{NAME}/{split}")


def _example(split: str, number: int, row: Row) -> Example | None:
    question, answer = clean(row["Question"] or ""), clean(row["Answer"] or "")
    if not question or not answer or answer.lower() == "nan":
        return None
    options, letters = _options(row["Options"]), sorted(set(re.findall(r"[A-Z]", answer)))
    meta: dict[str, Any] = {name: row.get(name) for name in COLUMNS}
    meta |= {name: meta[column] for name, column in STANDARD.items()}
    meta["trace"] = clean(row.get("Explanation") or "")
    if len(letters) < 2:
        return choice(ABOUT, split, f"{split}/{number}", question, options, answer, meta)
    if outside := [letter for letter in letters if letter not in options]:
        raise ValueError(f"answer {answer!r}: {outside[0]} is not a letter of the options {list(options)}")
    return Example(
        id=f"{NAME}/{split}/{number}",
        question=question,
        answer=letters,
        kind="multi",
        options=options,
        source=NAME,
        split=split,
        license=LICENSE,
        meta={"language": "zh", **meta, "distractors": wrong(options, letters)},
    )


def _options(cell: Any) -> dict[str, str]:
    """Letter -> text, of a cell whose options begin with their letters on lines of their own, or of the hub's list of
    {key, value}."""
    if not isinstance(cell, str):
        return lettered({one["key"]: one["value"] for one in cell})
    named: dict[str, str] = {}
    for line in filter(None, map(str.strip, cell.splitlines())):
        match = OPTION.fullmatch(line)
        if match and match[1] == LETTERS[len(named)]:
            named[match[1]] = match[2] or ""
        elif named:  # an option goes on
            named[next(reversed(named))] += f" {line}"
        else:
            raise ValueError(f"the options {cell!r} do not begin with A on a line of its own")
    return lettered(named)
