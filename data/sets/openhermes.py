"""OpenHermes 2.5: a million general instructions and conversations of many sources, most of them written by models.

Teknium (2023). Read from openhermes2_5.json.
"""

from __future__ import annotations

from data.formats import conversations
from data.formats.release import Release
from data.registry import SetInfo

HUB = "teknium/OpenHermes-2.5"

ABOUT = SetInfo(
    name="openhermes",
    splits=("train",),
    license="",
    kinds=("text",),
    text="general instructions and conversations",
    hub=HUB,
    citation="Teknium, OpenHermes 2.5: An Open Dataset of Synthetic Data for Generalist LLM Assistants, 2023",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}`",
    rows={"train": 1_001_551},
    classes=("general/text",),
)

load = conversations.loader(Release(ABOUT, files="openhermes2_5.json", keep=("id", "source", "category")))
