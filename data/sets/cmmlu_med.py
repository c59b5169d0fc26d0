"""CMMLU, the seven medical tasks: Chinese exam questions with four options.

Li H et al., CMMLU: Measuring massive multitask language understanding in Chinese (Findings of ACL 2024). Read from the
release files, a CSV file a task; the hub repositories hold them zipped beside a loading script, which `datasets` no
longer runs. The tasks are those of MedEvalKit's loader, 1,333 test questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from data.example import Example
from data.registry import SetInfo, folder
from data.sets._items import Row, choice, chosen, examples, lettered, remedy
from data.sets._release import sample, table

NAME = "cmmlu_med"
HUB = "lmlmcat/cmmlu"
TASKS = (
    "anatomy",
    "clinical_knowledge",
    "college_medicine",
    "genetics",
    "nutrition",
    "traditional_chinese_medicine",
    "virology",
)

ABOUT = SetInfo(
    name=NAME,
    splits=("dev", "test"),
    license="CC-BY-NC-4.0",
    kinds=("option",),
    text="CMMLU's medical tasks, four options",
    hub=HUB,
    extra=("language", "subject", "distractors"),
    citation="Li H et al., CMMLU: Measuring massive multitask language understanding in Chinese, Findings of ACL 2024,"
    " arXiv 2306.09212",
    remedy=f"run `hf download {HUB} cmmlu_v1_0_1.zip --repo-type dataset --local-dir {{place}}` and unzip it there, or"
    " put data/dev and data/test of github.com/haonan-li/CMMLU there",
    rows={"dev": 35, "test": 1333},
    benchmark="test",
    languages=("zh",),
)


def load(
    split: str, *, n: int | None = None, seed: int = 0, subject: str | Sequence[str] | None = None
) -> list[Example]:
    """A split, or n rows of it at random.

    subject: one or several of the seven tasks, all of them by default.
    """
    place, found = folder(NAME), []
    for name in chosen(ABOUT, "subject", subject, TASKS):
        rows = table(place, f"{split}/{name}.csv", remedy(ABOUT))
        found += examples(ABOUT, str(place / split / f"{name}.csv"), rows, partial(_example, split, name))
    return sample(found, n, seed, f"{NAME}/{split}")


def _example(split: str, task: str, number: int, row: Row) -> Example:
    options = lettered({letter: row[letter] for letter in "ABCD"})
    return choice(ABOUT, split, f"{task}/{split}/{number}", row["Question"], options, row["Answer"], {"subject": task})
