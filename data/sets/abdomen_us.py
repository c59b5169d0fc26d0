"""AbdomenUS: ultrasound pictures of the abdomen with masks of the organs.

Vitale S et al., Improving realism in patient-specific abdominal ultrasound simulation using CycleGANs (IJCARS 2020).
Read from AUS/images/SPLIT and, with the same names, AUS/annotations/SPLIT; not every picture has a mask. Its colours
tell the organs. The answer is no more than that an abdomen is shown, since the release has no other label.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo

ABOUT = SetInfo(
    name="abdomen_us",
    splits=("train", "test"),
    license="",
    kinds=("text",),
    text="ultrasound pictures of the abdomen with masks of the organs",
    citation="Vitale S et al., Improving realism in patient-specific abdominal ultrasound simulation using CycleGANs,"
    " International Journal of Computer Assisted Radiology and Surgery 15, 2020, doi 10.1007/s11548-019-02046-5",
    remedy="put the folder AUS of https://www.kaggle.com/datasets/ignaciorlando/ussimandsegm into {place}",
    classes=("imaging",),
)

load = labelled.loader(
    Release(
        ABOUT,
        files="AUS/images/{split}/*.png",
        pictures="",
        modality="ultrasound",
        reader=labelled.folders(),
    ),
    label=lambda row: "abdomen",
    question="Which part of the body does this ultrasound picture show?",
    names="anatomy",
    mask=lambda row: row["path"].replace("/images/", "/annotations/"),
)
