"""HuatuoGPT2-SFT-GPT4-140K: patients' questions in Chinese with replies of GPT-4.

Chen J et al., HuatuoGPT-II (2023). Read from HuatuoGPT2-GPT4-SFT-140K.json.
"""

from __future__ import annotations

from data.formats import conversations
from data.formats.release import Release
from data.registry import SetInfo

HUB = "FreedomIntelligence/HuatuoGPT2-SFT-GPT4-140K"

ABOUT = SetInfo(
    name="huatuogpt2_sft",
    splits=("train",),
    license="Apache-2.0",
    kinds=("text",),
    text="patients' questions with replies of GPT-4, in Chinese",
    hub=HUB,
    citation="Chen J et al., HuatuoGPT-II, One-stage Training for Medical Adaption of LLMs, 2023, arXiv 2311.09774",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}`",
    languages=("zh",),
    classes=("text/dialogue",),
)

load = conversations.loader(Release(ABOUT, files="HuatuoGPT2-GPT4-SFT-140K.json"))
