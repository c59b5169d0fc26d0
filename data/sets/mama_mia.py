"""MAMA-MIA: 1,506 MR volumes of breasts with cancer, with masks of the tumour.

Garrucho L et al., A large-scale multicenter breast cancer DCE-MRI benchmark dataset with expert segmentations
(Scientific Data 2025). Read from images/PATIENT/PATIENT_0001.nii.gz, the first phase after contrast, and
segmentations/expert/PATIENT.nii.gz.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo

ABOUT = SetInfo(
    name="mama_mia",
    splits=("train",),
    license="",
    kinds=("text",),
    text="MR volumes of breasts with cancer, with masks",
    citation="Garrucho L et al., A large-scale multicenter breast cancer DCE-MRI benchmark dataset with expert"
    " segmentations, Scientific Data 2025",
    remedy="put the folders images and segmentations of the release (github.com/LidiaGarrucho/MAMA-MIA) into {place}",
    rows={"train": 1_506},
    classes=("imaging",),
)

load = labelled.loader(
    Release(
        ABOUT,
        files="images/*/*_0001.nii.gz",
        pictures="",
        modality="mri",
        cluster=lambda row: f"patient:{row['folder']}",
        reader=labelled.folders(),
    ),
    label=lambda row: "breast cancer",
    question="What does this MR volume of the breast show?",
    anatomy="breast",
    mask=lambda row: f"segmentations/expert/{row['folder']}.nii.gz",
)
