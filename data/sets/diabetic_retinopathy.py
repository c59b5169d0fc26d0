"""Diabetic Retinopathy 2015 and 2019: fundus photographs of two Kaggle competitions, by grade.

EyePACS (2015) and APTOS (2019), in the resized copy of both that the paper cites. Read from labels/trainLabels15.csv
and trainLabels19.csv with the folders `resized train 15` and `resized train 19`.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo
from data.sets._items import Row

WORDS = {
    "0": "no diabetic retinopathy",
    "1": "mild non-proliferative diabetic retinopathy",
    "2": "moderate non-proliferative diabetic retinopathy",
    "3": "severe non-proliferative diabetic retinopathy",
    "4": "proliferative diabetic retinopathy",
}

ABOUT = SetInfo(
    name="diabetic_retinopathy",
    splits=("train",),
    license="",
    kinds=("text",),
    text="fundus photographs by the grade of diabetic retinopathy",
    citation="Diabetic Retinopathy Detection (EyePACS, Kaggle 2015) and APTOS 2019 Blindness Detection (Kaggle 2019)",
    remedy="put the folders labels, `resized train 15` and `resized train 19` of"
    " https://www.kaggle.com/datasets/benjaminwarner/resized-2015-2019-blindness-detection-images into {place}",
    classes=("imaging",),
)


def picture(row: Row) -> str:
    """The file, by the names of the year's columns."""
    return f"resized train 15/{row['image']}.jpg" if "image" in row else f"resized train 19/{row['id_code']}.jpg"


load = labelled.loader(
    Release(
        ABOUT,
        files={"2015": "labels/trainLabels15.csv", "2019": "labels/trainLabels19.csv"},
        pictures="",
        modality="fundus",
    ),
    image=picture,
    label=lambda row: row["level"] if "level" in row else row["diagnosis"],
    words=WORDS,
    question="Which grade of diabetic retinopathy does this fundus photograph show?",
    anatomy="retina",
)
