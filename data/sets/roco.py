"""ROCO: radiology pictures of PubMed Central articles with their captions.

Pelka O et al., Radiology Objects in COntext (2018). Read from the Parquet files of a copy on the hub, which has the
radiology part alone.
"""

from __future__ import annotations

from data.formats import captions
from data.formats.release import Release
from data.registry import SetInfo

HUB = "eltorio/ROCO-radiology"

ABOUT = SetInfo(
    name="roco",
    splits=("train", "validation", "test"),
    license="MIT",
    kinds=("text",),
    text="captions of radiology pictures of articles",
    hub=HUB,
    citation="Pelka O et al., Radiology Objects in COntext (ROCO): A Multimodal Image Dataset, LABELS 2018",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}`",
    classes=("captions",),
)

load = captions.loader(Release(ABOUT, modality="radiology"), image="image", caption="caption")
