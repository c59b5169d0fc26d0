"""NIH ChestX-ray14: frontal chest X-rays with the findings that were mined from their reports.

Wang X et al., ChestX-ray8 (CVPR 2017). Read from Data_Entry_2017.csv and the pictures of all archives in one folder.
The official split comes as lists of names and is not applied: all rows are `train`. `cluster` is the patient.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo

ABOUT = SetInfo(
    name="nih_chest_xray",
    splits=("train",),
    license="",
    kinds=("multi",),
    text="frontal chest X-rays with findings mined from reports",
    citation="Wang X et al., ChestX-ray8: Hospital-scale Chest X-ray Database and Benchmarks, CVPR 2017,"
    " arXiv 1705.02315",
    remedy="put Data_Entry_2017.csv of https://nihcc.app.box.com/v/ChestXray-NIHCC into {place}, and the pictures of"
    " all its archives into {place}/images",
    classes=("imaging",),
)

load = labelled.loader(
    Release(
        ABOUT,
        files="Data_Entry_2017.csv",
        modality="chest-xray",
        cluster=lambda row: f"patient:{row['Patient ID']}",
        keep=("View Position",),
    ),
    image="Image Index",
    label=labelled.split_at("Finding Labels", "|"),
    question="Which findings does this chest X-ray show?",
    anatomy="chest",
)
