"""Blood Cell Images: stained white blood cells of four kinds; the pictures are augmented copies of few originals.

Gan S, BCCD (Kaggle, 2018). Read from dataset2-master/dataset2-master/images/TRAIN and TEST.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo

ABOUT = SetInfo(
    name="blood_cells",
    splits=("train", "test"),
    license="",
    kinds=("text",),
    text="stained white blood cells of four kinds",
    citation="Gan S, Blood Cell Images, Kaggle, 2018",
    remedy="put dataset2-master of https://www.kaggle.com/datasets/paultimothymooney/blood-cells into {place}",
    classes=("imaging",),
)

load = labelled.loader(
    Release(
        ABOUT,
        files="dataset2-master/dataset2-master/images/{split}/*/*.jpeg",
        names={"train": "TRAIN", "test": "TEST"},
        pictures="",
        modality="microscopy",
        reader=labelled.folders(),
    ),
    label="folder",
    words={name.upper(): name for name in ("eosinophil", "lymphocyte", "monocyte", "neutrophil")},
    question="Which kind of white blood cell does this picture show?",
    names="cell",
)
