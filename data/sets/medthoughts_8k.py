"""MedThoughts-8K: questions of MedQA's training part with the reasoning of DeepSeek-R1.

Wei H (2025). Read from MedThoughts-8K.jsonl; `trace` is the column ds_think.
"""

from __future__ import annotations

from data.formats import qa
from data.formats.release import Release
from data.registry import SetInfo

HUB = "hw-hwei/MedThoughts-8K"

ABOUT = SetInfo(
    name="medthoughts_8k",
    splits=("train",),
    license="GPL-3.0",
    kinds=("option",),
    text="USMLE questions with reasoning of DeepSeek-R1",
    hub=HUB,
    citation="Wei H, MedThoughts-8K, 2025",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}`",
    classes=("text/reasoning",),
)

load = qa.loader(
    Release(ABOUT, files="MedThoughts-8K.jsonl"),
    question="question",
    options="options",
    answer="answer_idx",
    trace="ds_think",
)
