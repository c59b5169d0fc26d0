"""Harvard-FairVLMed: scanning-laser-ophthalmoscope fundus pictures with the note of the visit.

Luo Y et al., FairCLIP (CVPR 2024). Read from data_summary.csv and an .npz file a picture (`slo_fundus`). The caption is
the note's summary by a model, `gpt4_summary`, since the notes themselves tell far more than a picture shows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from data.formats import captions
from data.formats.release import Release
from data.registry import SetInfo, folder
from data.sets._items import Row

NAME = "fairvlmed"

ABOUT = SetInfo(
    name=NAME,
    splits=("train", "validation", "test"),
    license="",
    kinds=("text",),
    text="summaries of the notes that go with fundus pictures",
    citation="Luo Y et al., FairCLIP: Harnessing Fairness in Vision-Language Learning, CVPR 2024",
    access="agreement: a form of its authors",
    remedy="ask for it at https://ophai.hms.harvard.edu/datasets/harvard-fairvlmed10k and put data_summary.csv and the"
    " folders Training, Validation and Test into {place}",
    classes=("captions",),
)
USES = {"train": "training", "validation": "validation", "test": "test"}  # by the column use
FOLDERS = {"training": "Training", "validation": "Validation", "test": "Test"}


def fundus(row: Row) -> Callable[[], Any]:
    """The picture of a row, read when it is opened."""
    return partial(_fundus, folder(NAME) / FOLDERS[row["use"]] / row["filename"])


def _fundus(path: Path) -> Any:
    import numpy
    from PIL import Image

    with numpy.load(path) as held:
        return Image.fromarray(held["slo_fundus"])


load = captions.loader(
    Release(
        ABOUT,
        files="data_summary.csv",
        only=lambda row, part, split: row["use"] == USES[split],
        modality="fundus",
        cluster=lambda row: f"patient:{row['filename']}",
        keep=("filename", "glaucoma"),
    ),
    image=fundus,
    caption="gpt4_summary",
)
