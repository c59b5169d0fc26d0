"""Annotated ultrasound liver images: ultrasound pictures of livers without and with a benign or malignant tumour.

Xu Y et al., Annotated Ultrasound Liver images (Zenodo, 2022). Read from the folders Benign, Malignant and Normal, the
pictures in KIND/image; the outlines, JSON beside them, are not read.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo

ABOUT = SetInfo(
    name="liver_us",
    splits=("train",),
    license="",
    kinds=("text",),
    text="ultrasound pictures of livers without and with a tumour",
    citation="Xu Y et al., Annotated Ultrasound Liver images, Zenodo, 2022, doi 10.5281/zenodo.7272660",
    remedy="put the folders Benign, Malignant and Normal of https://zenodo.org/records/7272660 into {place}",
    classes=("imaging",),
)

load = labelled.loader(
    Release(ABOUT, files="*/image/*.jpg", pictures="", modality="ultrasound", reader=labelled.folders()),
    label=lambda row: row["path"].split("/")[0],
    words={"Benign": "benign liver tumour", "Malignant": "malignant liver tumour", "Normal": "normal liver"},
    question="What does this ultrasound picture of the liver show?",
    anatomy="liver",
)
