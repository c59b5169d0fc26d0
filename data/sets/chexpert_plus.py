"""CheXpert Plus: chest X-ray reports of Stanford Hospital, its official validation part.

Chambon P et al., CheXpert Plus: Augmenting a Large Chest X-ray Dataset with Text Radiology Reports, Patient
Demographics and Additional Image Formats (2024). Read from test.json in MedEvalKit's form or in ReXrank's. The paper
takes each of the 234 images for an item of its own; ReXrank's file has a study an item, with all its images, so that
it holds fewer. Many reports have an impression only. The set's own `valid` part is what papers test on: here `test`.
"""

from __future__ import annotations

from data.example import Example
from data.registry import SetInfo
from data.sets._items import Row
from data.sets._reports import COLUMNS, studies

ABOUT = SetInfo(
    name="chexpert_plus",
    splits=("train", "validation", "test"),
    license="Stanford University Dataset Research Use Agreement",
    kinds=("report",),
    text="reports of chest X-rays of Stanford Hospital",
    extra=COLUMNS,
    citation="Chambon P et al., CheXpert Plus: Augmenting a Large Chest X-ray Dataset with Text Radiology Reports,"
    " Patient Demographics and Additional Image Formats, 2024, arXiv 2405.19538",
    access="agreement: Stanford AIMI",
    remedy="get access at https://aimi.stanford.edu/datasets/chexpert-plus, put its folder PNG as {place}/images, and"
    " data/chexpert_plus/ReXRank_CheXpertPlus.json of github.com/rajpurkarlab/ReXrank as {place}/test.json;"
    " train.json, in the same form, is made of the official training reports",
    files="{split}.json",
    benchmark="test",
    metric="report",
    classes=("instruct/report",),
)


def load(split: str, *, n: int | None = None, seed: int = 0) -> list[Example]:
    """A split, or n reports of it at random. The cluster is the patient where the study's id tells."""
    return studies(ABOUT, split, n, seed, _patient)


def _patient(study: str, row: Row) -> str:
    """patient1_study2 is the second study of patient1."""
    return f"patient:{study.partition('_study')[0].removeprefix('patient')}"
