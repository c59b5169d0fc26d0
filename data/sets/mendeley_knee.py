"""Mendeley Digital Knee X-ray: X-rays of knees by the grade of osteoarthritis (Kellgren and Lawrence).

Gornale S, Patravali P, Digital Knee X-ray Images (Mendeley Data, 2020). Read from the folders of two experts, who
graded the same X-rays: MedicalExpert-I/0Normal and so on. `expert` is a part of the set.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo

WORDS = {
    "0Normal": "no osteoarthritis",
    "1Doubtful": "doubtful osteoarthritis",
    "2Mild": "mild osteoarthritis",
    "3Moderate": "moderate osteoarthritis",
    "4Severe": "severe osteoarthritis",
}

ABOUT = SetInfo(
    name="mendeley_knee",
    splits=("train",),
    license="",
    kinds=("text",),
    text="knee X-rays by the grade of osteoarthritis, by two experts",
    citation="Gornale S, Patravali P, Digital Knee X-ray Images, Mendeley Data, 2020, doi 10.17632/t9ndx37v5h.1",
    remedy="put the folders MedicalExpert-I and MedicalExpert-II of https://doi.org/10.17632/t9ndx37v5h.1 into {place}",
    classes=("imaging",),
)

load = labelled.loader(
    Release(
        ABOUT,
        files={"first": "MedicalExpert-I/*/*.png", "second": "MedicalExpert-II/*/*.png"},
        pictures="",
        modality="x-ray",
        reader=labelled.folders(),
    ),
    label="folder",
    words=WORDS,
    question="Which grade of osteoarthritis does this knee X-ray show?",
    anatomy="knee",
)
