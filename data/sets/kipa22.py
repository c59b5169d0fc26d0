"""KiPA22: CT angiographies of kidneys with masks of kidney, tumour, vein and artery.

He Y et al., the Kidney PArsing Challenge 2022. Read from train/image and, with the same names, train/label: NIfTI
volumes, of which slices are cut for captions. `mask` holds 1 to 4 as the challenge numbers them.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo

ABOUT = SetInfo(
    name="kipa22",
    splits=("train",),
    license="",
    kinds=("text",),
    text="CT volumes of kidneys with tumours, with masks",
    citation="He Y et al., Meta grayscale adaptive network for 3D integrated renal structures segmentation, Medical"
    " Image Analysis 71, 2021; https://kipa22.grand-challenge.org",
    access="agreement: registration with the challenge",
    remedy="register at https://kipa22.grand-challenge.org and put the folder train into {place}",
    classes=("imaging",),
)

load = labelled.loader(
    Release(ABOUT, files="train/image/*.nii.gz", pictures="", modality="ct", reader=labelled.folders()),
    label=lambda row: "kidney tumour",
    question="What does this CT volume of the kidneys show?",
    anatomy="kidney",
    mask=lambda row: row["path"].replace("/image/", "/label/"),
)
