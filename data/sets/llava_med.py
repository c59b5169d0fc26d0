"""LLaVA-Med instruct: conversations of several turns about PubMed Central figures, written by a model.

Li C et al., LLaVA-Med (2023). The release has a part written from captions alone, and one written from captions and
the sentences that mention the figure; the figures are fetched by its script.
"""

from __future__ import annotations

from data.formats import conversations
from data.formats.release import Release
from data.registry import SetInfo

ABOUT = SetInfo(
    name="llava_med",
    splits=("train",),
    license="CC-BY-NC-4.0",
    kinds=("text",),
    text="conversations about the figures of articles",
    citation="Li C et al., LLaVA-Med: Training a Large Language-and-Vision Assistant for Biomedicine in One Day,"
    " NeurIPS 2023, arXiv 2306.00890",
    remedy="put llava_med_instruct_60k.json and llava_med_instruct_60k_inline_mention.json of"
    " github.com/microsoft/LLaVA-Med into {place}, and the figures that its download_images.py fetches into"
    " {place}/images",
    classes=("instruct",),
)

load = conversations.loader(
    Release(
        ABOUT,
        files={
            "captions": "llava_med_instruct_60k.json",
            "mentions": "llava_med_instruct_60k_inline_mention.json",
        },
        keep=("id", "domain"),
    ),
    image="image",
)
