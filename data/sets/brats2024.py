"""BraTS 2024, adult glioma after treatment: MR volumes of brains with masks of the parts of the tumour.

de Verdier MC et al., The 2024 Brain Tumor Segmentation Challenge: Glioma Segmentation on Post-treatment MRI (2024).
Read from training_data1_v2/CASE/CASE-t1c.nii.gz and its mask CASE-seg.nii.gz; the other sequences (t1n, t2f, t2w) lie
beside them. 1,350 cases. `cluster` is the patient: a case is BraTS-GLI-PATIENT-VISIT.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo

ABOUT = SetInfo(
    name="brats2024",
    splits=("train",),
    license="",
    kinds=("text",),
    text="MR volumes of brains with gliomas after treatment, with masks",
    citation="de Verdier MC et al., The 2024 Brain Tumor Segmentation (BraTS) Challenge: Glioma Segmentation on"
    " Post-treatment MRI, 2024, arXiv 2405.18368",
    access="agreement: registration with Synapse",
    remedy="register at https://www.synapse.org/#!Synapse:syn53708249, and put training_data1_v2 of"
    " BraTS2024-BraTS-GLI-TrainingData.zip into {place}",
    rows={"train": 1_350},
    classes=("imaging",),
)

load = labelled.loader(
    Release(
        ABOUT,
        files="training_data1_v2/*/*-t1c.nii.gz",
        pictures="",
        modality="mri",
        cluster=lambda row: f"patient:{row['folder'].rsplit('-', 1)[0]}",
        reader=labelled.folders(),
    ),
    label=lambda row: "glioma",
    question="What does this MR volume of the brain show?",
    anatomy="brain",
    mask=lambda row: row["path"].replace("-t1c.nii.gz", "-seg.nii.gz"),
)
