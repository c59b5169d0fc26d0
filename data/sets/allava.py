"""ALLaVA-4V instructions: a question on each general picture with a detailed reply of GPT-4V.

Chen GH et al., ALLaVA (2024). Read from the release's files for pictures of LAION and of Vision-FLAN, LLaVA's form.
"""

from __future__ import annotations

from data.formats import conversations
from data.formats.release import Release
from data.registry import SetInfo

HUB = "FreedomIntelligence/ALLaVA-4V"

ABOUT = SetInfo(
    name="allava",
    splits=("train",),
    license="",
    kinds=("text",),
    text="questions about general pictures with detailed replies",
    hub=HUB,
    citation="Chen GH et al., ALLaVA: Harnessing GPT4V-Synthesized Data for Lite Vision-Language Models, 2024,"
    " arXiv 2402.11684",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}` and unpack the pictures below {{place}}"
    " as the rows name them (allava_laion/images, ...)",
    classes=("general/instruct",),
)

load = conversations.loader(
    Release(
        ABOUT,
        files={
            "laion": "allava_laion/ALLaVA-Instruct-LAION-4V.json",
            "vflan": "allava_vflan/ALLaVA-Instruct-VFLAN-4V.json",
        },
        pictures="",
        modality="general",
        keep=("id",),
    ),
    image="image",
)
