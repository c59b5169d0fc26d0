"""MedQA, the questions of the US licensing exam (USMLE) with four options.

Jin D et al., What Disease does this Patient Have? A Large-scale Open Domain Question Answering Dataset from Medical
Exams (Applied Sciences 11:6421, 2021). Read from the release files phrases_no_exclude_{train,dev,test}.jsonl (the
release's own reduction to four options, its letters differ from the five-option files') or from the hub, which has no
validation split. `question_type` is the exam's step, the release's meta_info.
"""

from __future__ import annotations

from functools import partial

from data.example import Example
from data.registry import SetInfo
from data.sets._items import Row, choice, examples, lettered, rows_of
from data.sets._release import hub_rows, sample

NAME = "medqa"
HUB = "GBaker/MedQA-USMLE-4-options"
FILES = {"train": "train", "validation": "dev", "test": "test"}

ABOUT = SetInfo(
    name=NAME,
    splits=tuple(FILES),
    license="MIT",
    kinds=("option",),
    text="USMLE questions, most of them vignettes, four options",
    hub=HUB,
    extra=("language", "question_type", "meta_info", "metamap_phrases", "distractors"),
    citation="Jin D et al., What Disease does this Patient Have?, Applied Sciences 11:6421 (2021), arXiv 2009.13081",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}`, or put the files of"
    " questions/US/4_options of the release (github.com/jind11/MedQA) there",
    rows={"train": 10178, "validation": 1272, "test": 1273},
    benchmark="test",
    classes=("text/factoid",),
)


def load(split: str, *, n: int | None = None, seed: int = 0, source: str = "auto", hub: str = HUB) -> list[Example]:
    """A split, or n rows of it at random.

    source: files, hub, or auto (files where their folder is, else the hub); hub: the id there.
    """
    pattern = f"phrases_no_exclude_{FILES[split]}.jsonl"
    where, rows = rows_of(ABOUT, pattern, source, partial(hub_rows, hub, split))
    return sample(examples(ABOUT, where, rows, partial(_example, split)), n, seed, f"{NAME}/{split}")


def _example(split: str, number: int, row: Row) -> Example:
    meta = {name: row.get(name) for name in ("meta_info", "metamap_phrases")}
    name, step = f"{split}/{number}", {"question_type": row["meta_info"]}
    return choice(ABOUT, split, name, row["question"], lettered(row["options"]), row["answer_idx"], meta | step)
