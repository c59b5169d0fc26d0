"""Kvasir-VQA: questions about endoscopy pictures and instruments of HyperKvasir and Kvasir-Instrument.

Gautam S et al., Kvasir-VQA (2024). Read from the Parquet files of the hub's release, whose one split is called raw.
The paper takes it for its RL set. `cluster` is the picture.
"""

from __future__ import annotations

from data.formats import qa
from data.formats.release import Release
from data.registry import SetInfo

HUB = "SimulaMet-HOST/Kvasir-VQA"

ABOUT = SetInfo(
    name="kvasir_vqa",
    splits=("train",),
    license="",
    kinds=("yesno", "numeric", "text"),
    text="questions about endoscopy pictures",
    hub=HUB,
    citation="Gautam S et al., Kvasir-VQA: A Text-Image Pair GI Tract Dataset, 2024, arXiv 2409.01437",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}`",
    rows={"train": 58_849},
    classes=("rl",),
)

load = qa.loader(
    Release(
        ABOUT,
        names={"train": "raw"},
        modality="endoscopy",
        cluster=lambda row: f"image:{row['img_id']}",
        keep=("source", "img_id"),
    ),
    question="question",
    answer="answer",
    image="image",
)
