"""MedReason: 32,682 questions of seven sets with reasoning along the paths of a medical knowledge graph.

Wu J et al., MedReason (2025). Read from ours_quality_33000.jsonl. The options are one text and stand below the
question; `dataset_name` is the set a question is from, MedXpertQA and other benchmarks among them.
"""

from __future__ import annotations

from data.formats import qa
from data.formats.release import Release, joined
from data.registry import SetInfo

HUB = "UCSC-VLAA/MedReason"

ABOUT = SetInfo(
    name="medreason",
    splits=("train",),
    license="Apache-2.0",
    kinds=("text",),
    text="questions with reasoning along a knowledge graph",
    hub=HUB,
    citation="Wu J et al., MedReason: Eliciting Factual Medical Reasoning Steps in LLMs via Knowledge Graphs, 2025,"
    " arXiv 2504.00993",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}`",
    rows={"train": 32_682},
    classes=("text/reasoning",),
)

load = qa.loader(
    Release(ABOUT, files="ours_quality_33000.jsonl", keep=("dataset_name", "id_in_dataset")),
    question=joined("question", "options"),
    answer="answer",
    trace="reasoning",
    kind="text",
)
