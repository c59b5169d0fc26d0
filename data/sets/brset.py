"""BRSET (BRESET in the paper): fundus photographs of a Brazilian centre with findings; credentialed access.

Nakayama LF et al., BRSET: A Brazilian Multilabel Ophthalmological Dataset (2024). Read from labels_brset.csv and the
folder fundus_photos. A picture without any of the findings asks nothing and is left out. `cluster` is the patient.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo

WORDS = {
    "diabetic_retinopathy": "diabetic retinopathy",
    "macular_edema": "macular oedema",
    "scar": "scar",
    "nevus": "nevus",
    "amd": "age-related macular degeneration",
    "vascular_occlusion": "vascular occlusion",
    "hypertensive_retinopathy": "hypertensive retinopathy",
    "drusens": "drusen",
    "hemorrhage": "haemorrhage",
    "retinal_detachment": "retinal detachment",
    "myopic_fundus": "myopic fundus",
    "increased_cup_disc": "increased cup-to-disc ratio",
    "other": "another finding",
}

ABOUT = SetInfo(
    name="brset",
    splits=("train",),
    license="PhysioNet Credentialed Health Data License 1.5.0",
    kinds=("multi",),
    text="fundus photographs with findings",
    citation="Nakayama LF et al., BRSET: A Brazilian Multilabel Ophthalmological Dataset of Retina Fundus Photos,"
    " PLOS Digital Health 2024",
    access="credentialed: PhysioNet",
    remedy="get access at https://physionet.org/content/brazilian-ophthalmological and put labels_brset.csv and"
    " fundus_photos into {place}",
    classes=("imaging",),
)

load = labelled.loader(
    Release(
        ABOUT,
        files="labels_brset.csv",
        pictures="fundus_photos",
        modality="fundus",
        cluster=lambda row: f"patient:{row['patient_id']}",
        keep=("camera", "exam_eye", "DR_ICDR"),
    ),
    image=lambda row: f"{row['image_id']}.jpg",
    label=labelled.marked(*WORDS),
    words=WORDS,
    question="Which findings does this fundus photograph show?",
    anatomy="retina",
)
