"""CheXpert: chest X-rays of Stanford Hospital with 14 observations that were mined from their reports.

Irvin J et al., CheXpert (AAAI 2019): 224,316 pictures of 65,240 patients. Read from train.csv and valid.csv, whose
column Path begins with the release's name. What a report holds for possible (-1) is no label. `cluster` is the patient.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo

FINDINGS = (
    "No Finding",
    "Enlarged Cardiomediastinum",
    "Cardiomegaly",
    "Lung Opacity",
    "Lung Lesion",
    "Edema",
    "Consolidation",
    "Pneumonia",
    "Atelectasis",
    "Pneumothorax",
    "Pleural Effusion",
    "Pleural Other",
    "Fracture",
    "Support Devices",
)

ABOUT = SetInfo(
    name="chexpert",
    splits=("train", "validation"),
    license="Stanford University Dataset Research Use Agreement",
    kinds=("multi",),
    text="chest X-rays with 14 observations mined from reports",
    citation="Irvin J et al., CheXpert: A Large Chest Radiograph Dataset with Uncertainty Labels and Expert Comparison,"
    " AAAI 2019, arXiv 1901.07031",
    access="agreement: Stanford AIMI",
    remedy="get access at https://stanfordmlgroup.github.io/competitions/chexpert and unpack the archive, so that"
    " train.csv lies in {place} and the folder that its Path begins with in {place}/images",
    classes=("imaging",),
)

load = labelled.loader(
    Release(
        ABOUT,
        files="{split}.csv",
        names={"validation": "valid"},
        modality="chest-xray",
        cluster=lambda row: f"patient:{row['Path'].split('/')[-3].removeprefix('patient')}",
        keep=("Frontal/Lateral", "AP/PA"),
    ),
    image="Path",
    label=labelled.marked(*FINDINGS),
    words={finding: finding.lower() for finding in FINDINGS},
    question="Which findings does this chest X-ray show?",
    anatomy="chest",
)
