"""medical-o1-reasoning-SFT: open questions made of exam items, with reasoning of GPT-4o that a verifier passed.

Chen J et al., HuatuoGPT-o1 (2024). Read from medical_o1_sft.json, and medical_o1_sft_Chinese.json for the part zh.
"""

from __future__ import annotations

from data.formats import qa
from data.formats.release import Release
from data.registry import SetInfo

HUB = "FreedomIntelligence/medical-o1-reasoning-SFT"

ABOUT = SetInfo(
    name="medical_o1_reasoning",
    splits=("train",),
    license="Apache-2.0",
    kinds=("text",),
    text="open questions with reasoning of GPT-4o",
    hub=HUB,
    citation="Chen J et al., HuatuoGPT-o1, Towards Medical Complex Reasoning with LLMs, 2024, arXiv 2412.18925",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}`",
    classes=("text/reasoning",),
)

load = qa.loader(
    Release(ABOUT, files="medical_o1_sft.json"),
    question="Question",
    answer="Response",
    trace="Complex_CoT",
    kind="text",
)
