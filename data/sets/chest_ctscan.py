"""Chest CT-Scan images: CT slices of three kinds of lung cancer and of healthy lungs.

SunneYi (Tianchi, 2021): 1,000 pictures, 613 to train, 72 to validate, 315 to test. Read from the folders; those of the
training part name the stage after the kind (`adenocarcinoma_left.lower.lobe_T2_N0_M0_Ib`), which is not asked for.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo

WORDS = {
    "adenocarcinoma": "adenocarcinoma of the lung",
    "large.cell.carcinoma": "large cell carcinoma of the lung",
    "squamous.cell.carcinoma": "squamous cell carcinoma of the lung",
    "normal": "normal",
}

ABOUT = SetInfo(
    name="chest_ctscan",
    splits=("train", "validation", "test"),
    license="",
    kinds=("text",),
    text="CT slices of three kinds of lung cancer and of healthy lungs",
    citation="SunneYi, Chest CT-Scan images Dataset, Tianchi, 2021, https://tianchi.aliyun.com/dataset/93929",
    remedy="put the folders train, val (or valid) and test of https://tianchi.aliyun.com/dataset/93929 into {place}",
    rows={"train": 613, "validation": 72, "test": 315},
    classes=("imaging",),
)

load = labelled.loader(
    Release(
        ABOUT,
        files="{split}/*/*",
        names={"validation": "val*"},
        pictures="",
        modality="ct",
        reader=labelled.folders(),
    ),
    label=lambda row: row["folder"].split("_")[0],
    words=WORDS,
    question="What does this CT slice of the chest show?",
    anatomy="lung",
)
