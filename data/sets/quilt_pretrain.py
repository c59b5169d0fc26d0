"""Quilt-LLaVA pretrain: 723,000 histopathology pictures of teaching videos with their captions.

Seyfioglu MS et al., Quilt-LLaVA (CVPR 2024). Read from quilt_pretrain.json, LLaVA's form, and the pictures of Quilt-1M,
which are had on request.
"""

from __future__ import annotations

from data.formats import captions, conversations
from data.formats.release import Release
from data.registry import SetInfo

HUB = "wisdomik/Quilt-LLaVA-Pretrain"

ABOUT = SetInfo(
    name="quilt_pretrain",
    splits=("train",),
    license="CC-BY-NC-ND-3.0",
    kinds=("text",),
    text="captions of histopathology pictures from teaching videos",
    hub=HUB,
    citation="Seyfioglu MS et al., Quilt-LLaVA: Visual Instruction Tuning by Extracting Localized Narratives from"
    " Open-Source Histopathology Videos, CVPR 2024, arXiv 2312.04746",
    access="agreement: terms of the hub's page",
    remedy=f"agree to the terms at https://huggingface.co/datasets/{HUB}, run `hf download {HUB} --repo-type dataset"
    " --local-dir {place}`, and put the pictures of Quilt-1M into {place}/quilt_1m",
    classes=("captions",),
)

load = captions.loader(
    Release(ABOUT, files="quilt_pretrain.json", pictures="quilt_1m", modality="pathology", keep=("id",)),
    image="image",
    caption=conversations.replied(),
)
