"""MIMIC-Ext-MIMIC-CXR-VQA: questions about the X-rays of MIMIC-CXR, made of templates; credentialed access.

Bae S et al., EHRXQA (2023). Read from train.json, valid.json and test.json. The answer is a list: yes or no, or all
findings that fit; a question whose list is empty has no finding to name and is left out.
"""

from __future__ import annotations

from data.example import Example
from data.formats.release import Loader, Release, Spot, needed
from data.registry import SetInfo
from data.sets._items import Row
from data.sets._release import clean

ABOUT = SetInfo(
    name="mimic_cxr_vqa",
    splits=("train", "validation", "test"),
    license="PhysioNet Credentialed Health Data License 1.5.0",
    kinds=("yesno", "multi"),
    text="questions about chest X-rays, made of templates",
    citation="Bae S et al., EHRXQA: A Multi-Modal Question Answering Dataset for Electronic Health Records with Chest"
    " X-ray Images, NeurIPS 2023; https://physionet.org/content/mimic-ext-mimic-cxr-vqa",
    access="credentialed: PhysioNet",
    remedy="get access at https://physionet.org/content/mimic-ext-mimic-cxr-vqa, put the files of its folder"
    " MIMIC-Ext-MIMIC-CXR-VQA/dataset into {place}, and the folder files of MIMIC-CXR-JPG as {place}/images",
    rows={"train": 290_031, "validation": 73_567, "test": 13_793},
    classes=("instruct", "rl"),
)
RELEASE = Release(
    ABOUT,
    files="{split}.json",
    names={"validation": "valid"},
    modality="chest-xray",
    cluster=lambda row: f"patient:{clean(row['subject_id'])}",
    keep=("study_id", "semantic_type", "content_type"),
)


def _made(row: Row, spot: Spot) -> Example | None:
    golds, images = [clean(gold) for gold in row["answer"]], RELEASE.images(row["image_path"])
    if not golds:
        return None
    asked, polar = needed(row, "question", "question"), golds[0].lower() in ("yes", "no")
    answer, kind = (golds[0].lower(), "yesno") if polar else (golds, "multi")
    return RELEASE.example(row, spot, asked, answer, kind=kind, images=images)


load: Loader = RELEASE.loader(_made)
