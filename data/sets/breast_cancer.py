"""Breast-Cancer: 58 histopathology pictures of breast tissue, benign or malignant, with masks of the cells.

The paper says no more than the name. This is a guess: the UCSB pictures, on Kaggle as "Breast Cancer Cell
Segmentation", which have the masks that its captions need. (The larger set of breast patches, IDC, has 50 px a side,
and the paper removes what is below 64.) Gelasca ED et al., Evaluation and benchmark for biological image segmentation
(2008). Read from Images/ytma10_010704_benign1_ccd.tif and Masks/ytma10_010704_benign1.TIF.
"""

from __future__ import annotations

import re

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo
from data.sets._items import Row

KIND = re.compile(r"benign|malignant")
WORDS = {"benign": "benign breast tissue", "malignant": "malignant breast tumour"}

ABOUT = SetInfo(
    name="breast_cancer",
    splits=("train",),
    license="",
    kinds=("text",),
    text="histopathology pictures of the breast with masks of the cells",
    citation="Gelasca ED et al., Evaluation and benchmark for biological image segmentation, ICIP 2008; which set the"
    " Lingshu paper means by Breast-Cancer is a guess",
    remedy="put the folders Images and Masks of https://www.kaggle.com/datasets/andrewmvd/breast-cancer-cell-segmentation"
    " into {place}",
    rows={"train": 58},
    classes=("imaging",),
)


def kind_of(row: Row) -> str:
    """As the file is named, "" where it is named otherwise."""
    found = KIND.search(row["name"])
    return found[0] if found else ""


load = labelled.loader(
    Release(ABOUT, files="Images/*.tif", pictures="", modality="pathology", reader=labelled.folders()),
    label=kind_of,
    words=WORDS,
    question="What does this histopathology picture of the breast show?",
    mask=lambda row: f"Masks/{row['name'].removesuffix('_ccd')}.TIF",
    anatomy="breast",
)
