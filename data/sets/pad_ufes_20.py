"""PAD-UFES-20: skin lesions of six kinds, photographed with phones.

Pacheco AGC et al., PAD-UFES-20 (Data in Brief 2020). Not in the paper's Table 3, but among the sources of its long
captions. Read from metadata.csv and the pictures of its archives in one folder. `cluster` is the patient.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo

WORDS = {
    "ACK": "actinic keratosis",
    "BCC": "basal cell carcinoma",
    "MEL": "melanoma",
    "NEV": "nevus",
    "SCC": "squamous cell carcinoma",
    "SEK": "seborrheic keratosis",
}

ABOUT = SetInfo(
    name="pad_ufes_20",
    splits=("train",),
    license="",
    kinds=("text",),
    text="skin lesions photographed with phones",
    citation="Pacheco AGC et al., PAD-UFES-20: A skin lesion dataset composed of patient data and clinical images"
    " collected from smartphones, Data in Brief 32:106221, 2020",
    remedy="put metadata.csv of https://data.mendeley.com/datasets/zr7vgbcyr2 into {place}, and the pictures of its"
    " archives into {place}/images",
    classes=("imaging",),
)

load = labelled.loader(
    Release(
        ABOUT,
        files="metadata.csv",
        modality="dermatology",
        cluster=lambda row: f"patient:{row['patient_id']}",
        keep=("lesion_id", "region"),
    ),
    image="img_id",
    label="diagnostic",
    words=WORDS,
    question="Which skin lesion does this picture show?",
    anatomy="skin",
)
