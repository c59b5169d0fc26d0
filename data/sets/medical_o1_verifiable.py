"""medical-o1-verifiable-problem: open questions made of exam items, each with one short answer that can be checked.

Chen J et al., HuatuoGPT-o1 (2024). Read from medical_o1_verifiable_problem.json.
"""

from __future__ import annotations

from data.formats import qa
from data.formats.release import Release
from data.registry import SetInfo

HUB = "FreedomIntelligence/medical-o1-verifiable-problem"

ABOUT = SetInfo(
    name="medical_o1_verifiable",
    splits=("train",),
    license="Apache-2.0",
    kinds=("yesno", "numeric", "text"),
    text="open questions with a short answer that can be checked",
    hub=HUB,
    citation="Chen J et al., HuatuoGPT-o1, Towards Medical Complex Reasoning with LLMs, 2024, arXiv 2412.18925",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}`",
    classes=("text/reasoning",),
)

load = qa.loader(
    Release(ABOUT, files="medical_o1_verifiable_problem.json"),
    question="Open-ended Verifiable Question",
    answer="Ground-True Answer",
)
