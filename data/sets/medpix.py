"""MedPix 2.0: CT and MR pictures of teaching cases with captions.

Siragusa I et al., MedPix 2.0 (2025). Read from Descriptions.json, a row a picture; the cases' own texts, in
Case_topic.json, are not used. `cluster` is the case.
"""

from __future__ import annotations

from data.formats import captions
from data.formats.release import Release
from data.registry import SetInfo

ABOUT = SetInfo(
    name="medpix",
    splits=("train",),
    license="",
    kinds=("text",),
    text="captions of CT and MR pictures of teaching cases",
    citation="Siragusa I et al., MedPix 2.0: A Comprehensive Multimodal Biomedical Dataset for Advanced AI"
    " Applications, 2025",
    remedy="put Descriptions.json and the folder images of the release (github.com/CHILab1/MedPix-2.0) into {place}",
    classes=("captions",),
)

load = captions.loader(
    Release(
        ABOUT,
        files="Descriptions.json",
        modality=lambda row: row["Type"],
        cluster=lambda row: f"case:{row['U_id']}",
        keep=("U_id", "location", "location category"),
    ),
    image=lambda row: f"{row['image']}.png",
    caption=lambda row: row["Description"]["Caption"],
)
