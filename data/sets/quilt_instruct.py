"""Quilt-Instruct: 107,131 questions about histopathology pictures of teaching videos, written by a model.

Seyfioglu MS et al., Quilt-LLaVA (CVPR 2024). Read from quilt_instruct_107k.json, LLaVA's form.
"""

from __future__ import annotations

from data.formats import conversations
from data.formats.release import Release
from data.registry import SetInfo

HUB = "wisdomik/QUILT-LLaVA-Instruct-107K"

ABOUT = SetInfo(
    name="quilt_instruct",
    splits=("train",),
    license="CC-BY-NC-ND-3.0",
    kinds=("text",),
    text="conversations about histopathology pictures from teaching videos",
    hub=HUB,
    citation="Seyfioglu MS et al., Quilt-LLaVA: Visual Instruction Tuning by Extracting Localized Narratives from"
    " Open-Source Histopathology Videos, CVPR 2024, arXiv 2312.04746",
    access="agreement: terms of the hub's page",
    remedy=f"agree to the terms at https://huggingface.co/datasets/{HUB}, run `hf download {HUB} --repo-type dataset"
    " --local-dir {place}`, and put its pictures into {place}/images",
    classes=("instruct",),
)

load = conversations.loader(
    Release(ABOUT, files="quilt_instruct_107k.json", modality="pathology", keep=("id",)), image="image"
)
