"""HAM10000: dermoscopic pictures of pigmented skin lesions of seven kinds.

Tschandl P et al., The HAM10000 dataset (Scientific Data 2018). Read from HAM10000_metadata.csv and the pictures of both
archives in one folder. A lesion has one picture or several: `cluster` is the lesion.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo

WORDS = {
    "akiec": "actinic keratosis or Bowen's disease",
    "bcc": "basal cell carcinoma",
    "bkl": "benign keratosis",
    "df": "dermatofibroma",
    "mel": "melanoma",
    "nv": "melanocytic nevus",
    "vasc": "vascular lesion",
}

ABOUT = SetInfo(
    name="ham10000",
    splits=("train",),
    license="",
    kinds=("text",),
    text="dermoscopic pictures of pigmented skin lesions",
    citation="Tschandl P et al., The HAM10000 dataset, a large collection of multi-source dermatoscopic images of"
    " common pigmented skin lesions, Scientific Data 5:180161, 2018",
    remedy="put HAM10000_metadata.csv of https://doi.org/10.7910/DVN/DBW86T into {place}, and the pictures of its two"
    " archives into {place}/images",
    classes=("imaging",),
)

load = labelled.loader(
    Release(
        ABOUT,
        files="HAM10000_metadata.csv",
        modality="dermoscopy",
        cluster=lambda row: f"lesion:{row['lesion_id']}",
        keep=("localization", "dx_type"),
    ),
    image=lambda row: f"{row['image_id']}.jpg",
    label="dx",
    words=WORDS,
    question="What does this dermoscopic picture show?",
    anatomy="skin",
)
