"""RadImageNet, its ultrasound part: pictures by what they show, a folder a class.

Mei X et al., RadImageNet (Radiology: Artificial Intelligence 2022). Read from radiology_ai/US/CLASS.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo

ABOUT = SetInfo(
    name="radimagenet_us",
    splits=("train",),
    license="",
    kinds=("text",),
    text="ultrasound pictures, a folder a class",
    citation="Mei X et al., RadImageNet: An Open Radiologic Deep Learning Research Dataset for Effective Transfer"
    " Learning, Radiology: Artificial Intelligence 4(5), 2022",
    access="agreement: https://www.radimagenet.com",
    remedy="ask for it at https://www.radimagenet.com and put radiology_ai/US into {place}",
    classes=("imaging",),
)

load = labelled.loader(
    Release(ABOUT, files="US/*/*.png", pictures="", modality="ultrasound", reader=labelled.folders()),
    label=lambda row: row["folder"].replace("_", " "),
    question="What does this ultrasound picture show?",
)
