"""AlpaCare-MedInstruct-52k: 52,002 medical instructions of many kinds with replies, both written by models.

Zhang X et al., AlpaCare (2023). Read from the Parquet files of a copy on the hub.
"""

from __future__ import annotations

from data.formats import qa
from data.formats.release import Release, joined, text
from data.registry import SetInfo
from data.sets._items import Row

HUB = "lavita/AlpaCare-MedInstruct-52k"
NO_INPUT = "<noinput>"

ABOUT = SetInfo(
    name="alpacare",
    splits=("train",),
    license="CC-BY-NC-4.0",
    kinds=("text",),
    text="medical instructions of many kinds",
    hub=HUB,
    citation="Zhang X et al., AlpaCare: Instruction-tuned Large Language Models for Medical Application, 2023,"
    " arXiv 2310.14558",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}`",
    rows={"train": 52_002},
    classes=("text/general",),
)


def asked(row: Row) -> str:
    """The instruction, and its input where it has one."""
    return text(row, "instruction") if text(row, "input") == NO_INPUT else joined("instruction", "input")(row)


load = qa.loader(Release(ABOUT), question=asked, answer="output", kind="text")
