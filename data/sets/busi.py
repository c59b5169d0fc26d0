"""BUSI: 780 ultrasound pictures of the breast with masks of the tumours.

Al-Dhabyani W et al., Dataset of breast ultrasound images (Data in Brief 2020). Read from the folders benign, malignant
and normal; `benign (100)_mask.png` marks the tumour of `benign (100).png`. A few have a second one, _mask_1.png.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo

WORDS = {"benign": "benign tumour", "malignant": "malignant tumour", "normal": "no tumour"}

ABOUT = SetInfo(
    name="busi",
    splits=("train",),
    license="",
    kinds=("text",),
    text="ultrasound pictures of the breast with masks of the tumours",
    citation="Al-Dhabyani W et al., Dataset of breast ultrasound images, Data in Brief 28:104863, 2020",
    remedy="put the folders benign, malignant and normal of https://scholar.cu.edu.eg/?q=afahmy/pages/dataset into"
    " {place}",
    rows={"train": 780},
    classes=("imaging",),
)

load = labelled.loader(
    Release(ABOUT, files="*/*.png", pictures="", modality="ultrasound", reader=labelled.folders(without="_mask")),
    label="folder",
    words=WORDS,
    question="What does this ultrasound picture of the breast show?",
    anatomy="breast",
    mask=lambda row: row["path"].replace(".png", "_mask.png"),
)
