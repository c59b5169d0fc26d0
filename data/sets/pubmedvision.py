"""PubMedVision: pictures of PubMed articles with captions and questions that a model wrote anew.

Chen J et al., HuatuoGPT-Vision (2024). Two parts of 647,031 rows each over the same pictures: alignment asks for a
description, instruct asks as users would. Read from the release's two JSON files and its unpacked images_*.zip.
"""

from __future__ import annotations

from data.formats import conversations
from data.formats.release import Release
from data.registry import SetInfo

HUB = "FreedomIntelligence/PubMedVision"

ABOUT = SetInfo(
    name="pubmedvision",
    splits=("train",),
    license="Apache-2.0",
    kinds=("text",),
    text="pictures of articles, described and asked about by a model",
    hub=HUB,
    citation="Chen J et al., HuatuoGPT-Vision: Towards Injecting Medical Visual Knowledge into Multimodal LLMs at"
    " Scale, 2024, arXiv 2406.19280",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}` and unzip every images_*.zip there with"
    " `unzip -j`, so that its pictures lie in {place}/images",
    rows={"train": 1_294_062, "train/alignment": 647_031, "train/instruct": 647_031},
    classes=("captions", "instruct"),
)

load = conversations.loader(
    Release(
        ABOUT,
        files={"alignment": "PubMedVision_Alignment_VQA.json", "instruct": "PubMedVision_InstructionTuning_VQA.json"},
        pictures="",  # the rows say images/NAME
        modality=lambda row: row.get("modality"),
        keep=("id", "body_part"),
    ),
    image="image",
)
