"""MMLU, the nine medical and biological subjects that the Lingshu paper reports.

Hendrycks D et al., Measuring Massive Multitask Language Understanding (ICLR 2021). Read from the authors' hub release,
a folder a subject, or from the hub. The subjects are those of MedEvalKit's loader: the six of MultiMedQA (1,089 test
questions) and nutrition (306), virology (166) and high_school_biology (310). They have 1,871 test questions, not the
1,897 that the paper's Table 25 prints; beside the six, no three subjects of medicine or biology give that number.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from data.example import Example
from data.registry import SetInfo
from data.sets._items import Row, choice, chosen, examples, lettered, rows_of
from data.sets._release import hub_rows, sample

NAME = "mmlu_med"
HUB = "cais/mmlu"
SUBJECTS = (
    "anatomy",
    "clinical_knowledge",
    "college_biology",
    "college_medicine",
    "high_school_biology",
    "medical_genetics",
    "nutrition",
    "professional_medicine",
    "virology",
)

ABOUT = SetInfo(
    name=NAME,
    splits=("dev", "validation", "test"),
    license="MIT",
    kinds=("option",),
    text="MMLU's medical and biological subjects, four options",
    hub=HUB,
    extra=("language", "subject", "distractors"),
    citation="Hendrycks D et al., Measuring Massive Multitask Language Understanding, ICLR 2021, arXiv 2009.03300",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}` (a folder a subject)",
    rows={"dev": 45, "test": 1871},
    benchmark="test",
)


def load(
    split: str,
    *,
    n: int | None = None,
    seed: int = 0,
    subject: str | Sequence[str] | None = None,
    source: str = "auto",
    hub: str = HUB,
) -> list[Example]:
    """A split, or n rows of it at random.

    subject: one or several of the nine, all of them by default; source: files, hub, or auto (files where their folder
    is, else the hub); hub: the id there.
    """
    found: list[Example] = []
    for name in chosen(ABOUT, "subject", subject, SUBJECTS):
        read, made = partial(_hub, hub, split, name), partial(_example, split, name)
        found += examples(ABOUT, *rows_of(ABOUT, f"{name}/{split}-*.parquet", source, read), made)
    return sample(found, n, seed, f"{NAME}/{split}")


def _hub(hub: str, split: str, subject: str, todo: str) -> Any:
    return hub_rows(hub, split, todo, subject)


def _example(split: str, subject: str, number: int, row: Row) -> Example:
    options = lettered(row["choices"])
    answer = dict(enumerate(options)).get(row["answer"], row["answer"])  # counted from 0
    return choice(ABOUT, split, f"{subject}/{split}/{number}", row["question"], options, answer, {"subject": subject})
