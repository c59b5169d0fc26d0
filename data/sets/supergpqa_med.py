"""SuperGPQA, the discipline Medicine: graduate questions with up to ten options.

M-A-P Team, SuperGPQA: Scaling LLM Evaluation across 285 Graduate Disciplines (2025). Read from the release file
SuperGPQA-all.jsonl or from the hub, whose one split is called train; it is a test set. 2,755 of its 26,529 rows are of
the discipline Medicine. `subject` is the field, one level below the discipline. (MedEvalKit prints its tables of field
and difficulty under each other's name; here each column holds what it says.)
"""

from __future__ import annotations

from functools import partial

from data.example import Example
from data.registry import SetInfo
from data.sets._items import Row, choice, examples, lettered, rows_of
from data.sets._release import clean, hub_rows, sample

NAME = "supergpqa_med"
HUB = "m-a-p/SuperGPQA"
COLUMNS = ("discipline", "field", "subfield", "difficulty", "is_calculation")  # official names

ABOUT = SetInfo(
    name=NAME,
    splits=("test",),
    license="ODC-BY",
    kinds=("option",),
    text="graduate questions of medicine with up to ten options",
    hub=HUB,
    extra=("language", "subject", *COLUMNS, "distractors"),
    citation="M-A-P Team, SuperGPQA: Scaling LLM Evaluation across 285 Graduate Disciplines, 2025, arXiv 2502.14739",
    remedy=f"run `hf download {HUB} SuperGPQA-all.jsonl --repo-type dataset --local-dir {{place}}`",
    rows={"test": 2755},
    benchmark="test",
)


def load(split: str, *, n: int | None = None, seed: int = 0, source: str = "auto", hub: str = HUB) -> list[Example]:
    """The test split, or n rows of it at random.

    source: files, hub, or auto (files where their folder is, else the hub); hub: the id there.
    """
    where, rows = rows_of(ABOUT, "SuperGPQA-all.jsonl", source, partial(hub_rows, hub, "train"))
    return sample(examples(ABOUT, where, rows, partial(_example, split)), n, seed, f"{NAME}/{split}")


def _example(split: str, number: int, row: Row) -> Example | None:
    if row["discipline"] != "Medicine":
        return None
    meta = {name: row[name] for name in COLUMNS} | {"subject": row["field"]}
    name, options = clean(row["uuid"]), lettered(row["options"])
    return choice(ABOUT, split, name, row["question"], options, row["answer_letter"], meta)
