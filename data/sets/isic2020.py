"""ISIC 2020: 33,126 dermoscopic pictures of skin lesions, benign or malignant.

Rotemberg V et al., A patient-centric dataset of images and metadata for identifying melanomas (Scientific Data 2021).
Read from ISIC_2020_Training_GroundTruth.csv and the JPEGs. `diagnosis` is unknown for most. `cluster` is the patient.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo

ABOUT = SetInfo(
    name="isic2020",
    splits=("train",),
    license="",
    kinds=("text",),
    text="dermoscopic pictures of skin lesions, benign or malignant",
    citation="Rotemberg V et al., A patient-centric dataset of images and metadata for identifying melanomas using"
    " clinical context, Scientific Data 8:34, 2021",
    remedy="put ISIC_2020_Training_GroundTruth.csv of https://challenge2020.isic-archive.com into {place}, and the"
    " JPEGs into {place}/images",
    rows={"train": 33_126},
    classes=("imaging",),
)

load = labelled.loader(
    Release(
        ABOUT,
        files="ISIC_2020_Training_GroundTruth.csv",
        modality="dermoscopy",
        cluster=lambda row: f"patient:{row['patient_id']}",
        keep=("diagnosis", "anatom_site_general_challenge"),
    ),
    image=lambda row: f"{row['image_name']}.jpg",
    label="benign_malignant",
    words={"benign": "benign lesion", "malignant": "malignant lesion"},
    question="Does this dermoscopic picture show a benign or a malignant lesion?",
    anatomy="skin",
)
