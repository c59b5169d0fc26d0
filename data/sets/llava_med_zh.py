"""LLaVA-Med-zh: 60,000 of LLaVA-Med's conversations in Chinese, with their pictures.

BUAADreamer (2024), a translation by a model. Read from the Parquet files of the hub's release.
"""

from __future__ import annotations

from data.formats import conversations
from data.formats.release import HUB_FILES, Release
from data.registry import SetInfo

HUB = "BUAADreamer/llava-med-zh-instruct-60k"

ABOUT = SetInfo(
    name="llava_med_zh",
    splits=("train",),
    license="",
    kinds=("text",),
    text="conversations about the figures of articles, in Chinese",
    hub=HUB,
    citation="BUAADreamer, llava-med-zh-instruct-60k, 2024",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}`",
    languages=("zh",),
    classes=("instruct",),
)

load = conversations.loader(
    Release(ABOUT, files=HUB_FILES), image="images", turns="messages", role="role", said="content"
)
