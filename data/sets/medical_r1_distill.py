"""Medical-R1-Distill-Data: the questions of medical-o1-verifiable-problem with reasoning and reply of DeepSeek-R1.

Chen J et al., HuatuoGPT-o1 (2024). Read from medical_r1_distill_sft.json.
"""

from __future__ import annotations

from data.formats import qa
from data.formats.release import Release
from data.registry import SetInfo

HUB = "FreedomIntelligence/Medical-R1-Distill-Data"

ABOUT = SetInfo(
    name="medical_r1_distill",
    splits=("train",),
    license="",
    kinds=("text",),
    text="open questions with reasoning and reply of DeepSeek-R1",
    hub=HUB,
    citation="Chen J et al., HuatuoGPT-o1, Towards Medical Complex Reasoning with LLMs, 2024, arXiv 2412.18925",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}`",
    classes=("text/reasoning",),
)

load = qa.loader(
    Release(ABOUT, files="medical_r1_distill_sft.json"),
    question="question",
    answer="response (content)",
    trace="reasoning (reasoning_content)",
    kind="text",
)
