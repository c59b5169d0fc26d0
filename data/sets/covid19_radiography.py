"""COVID-19 Radiography: chest X-rays of four classes with masks of the lungs.

Chowdhury MEH et al., Can AI Help in Screening Viral and COVID-19 Pneumonia? (IEEE Access 2020). Read from the folders
of the release: CLASS/images and, with the same names, CLASS/masks.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo
from data.sets._items import Row

WORDS = {
    "COVID": "COVID-19 pneumonia",
    "Lung_Opacity": "lung opacity",
    "Normal": "normal",
    "Viral Pneumonia": "viral pneumonia",
}

ABOUT = SetInfo(
    name="covid19_radiography",
    splits=("train",),
    license="",
    kinds=("text",),
    text="chest X-rays of four classes, with masks of the lungs",
    citation="Chowdhury MEH et al., Can AI Help in Screening Viral and COVID-19 Pneumonia?, IEEE Access 8:132665, 2020",
    remedy="put the folders of https://www.kaggle.com/datasets/tawsifurrahman/covid19-radiography-database (COVID,"
    " Lung_Opacity, Normal, Viral Pneumonia) into {place}",
    classes=("imaging",),
)


def kind_of(row: Row) -> str:
    """The class: the folder above images/."""
    return row["path"].split("/")[0]


load = labelled.loader(
    Release(ABOUT, files="*/images/*.png", pictures="", modality="chest-xray", reader=labelled.folders()),
    label=kind_of,
    words=WORDS,
    question="What does this chest X-ray show?",
    anatomy="chest",
    mask=lambda row: row["path"].replace("/images/", "/masks/"),
)
