"""MedQA, the questions of the licensing exam of mainland China (MCMLE), in Chinese.

Jin D et al., What Disease does this Patient Have? A Large-scale Open Domain Question Answering Dataset from Medical
Exams (Applied Sciences 11:6421, 2021). Read from the release files {train,dev,test}.jsonl, or from the hub, where only
the test split is (as `train`). The release has the questions with five options (questions/Mainland) and reduced to
four (questions/Mainland/4_options); whichever lie in the folder are asked. `subject` is the release's meta_info.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from data.example import Example
from data.registry import SetInfo
from data.sets._items import Row, choice, examples, lettered, remedy, rows_of
from data.sets._release import hub_rows, sample
from recipes import BadInput

NAME = "mcmle"
HUB = "shuyuej/MedQA-MCMLE-Benchmark"
FILES = {"train": "train", "validation": "dev", "test": "test"}

ABOUT = SetInfo(
    name=NAME,
    splits=tuple(FILES),
    license="MIT",
    kinds=("option",),
    text="questions of the Chinese medical licensing exam, four or five options",
    hub=HUB,
    extra=("language", "subject", "meta_info", "distractors"),
    citation="Jin D et al., What Disease does this Patient Have?, Applied Sciences 11:6421 (2021), arXiv 2009.13081",
    remedy="put train.jsonl, dev.jsonl and test.jsonl of questions/Mainland/4_options into {place}; they are in"
    " data_clean.zip: `hf download bigbio/med_qa data_clean.zip --repo-type dataset --local-dir {place}`",
    rows={"train": 27400, "validation": 3425, "test": 3426},
    benchmark="test",
    languages=("zh",),
)


def load(split: str, *, n: int | None = None, seed: int = 0, source: str = "auto", hub: str = HUB) -> list[Example]:
    """A split, or n rows of it at random.

    source: files, hub (test only), or auto (files where their folder is, else the hub); hub: the id there.
    """
    where, rows = rows_of(ABOUT, f"{FILES[split]}.jsonl", source, partial(_hub, hub, split))
    return sample(examples(ABOUT, where, rows, partial(_example, split)), n, seed, f"{NAME}/{split}")


def _hub(hub: str, split: str, todo: str) -> Any:
    if split != "test":
        raise BadInput([f"the hub data set {hub} has no {split} split; {remedy(ABOUT)}"])
    return hub_rows(hub, "train", todo)


def _example(split: str, number: int, row: Row) -> Example:
    meta = {"subject": row.get("meta_info"), "meta_info": row.get("meta_info")}
    name = f"{split}/{number}"
    return choice(ABOUT, split, name, row["question"], lettered(row["options"]), row["answer_idx"], meta)
