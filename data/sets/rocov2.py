"""ROCOv2: radiology pictures of PubMed Central articles with captions and the concepts (CUI) in them.

Rückert J et al., ROCOv2: Radiology Objects in COntext Version 2 (2024). Read from the Parquet files of a copy on the
hub.
"""

from __future__ import annotations

from data.formats import captions
from data.formats.release import Release
from data.registry import SetInfo

HUB = "eltorio/ROCOv2-radiology"

ABOUT = SetInfo(
    name="rocov2",
    splits=("train", "validation", "test"),
    license="CC-BY-NC-SA-4.0",
    kinds=("text",),
    text="captions of radiology pictures of articles, with concepts",
    hub=HUB,
    citation="Rückert J et al., ROCOv2: Radiology Objects in COntext Version 2, an Updated Multimodal Image Dataset,"
    " Scientific Data 2024, arXiv 2405.10004",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}`",
    rows={"train": 59_958, "validation": 9_904, "test": 9_927},
    classes=("captions",),
)

load = captions.loader(Release(ABOUT, modality="radiology", keep=("image_id", "cui")), image="image", caption="caption")
