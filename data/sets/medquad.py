"""MedQuAD: questions about diseases, drugs and tests with answers of 12 sites of the US health institutes (NIH).

Ben Abacha A, Demner-Fushman D, A Question-Entailment Approach to Question Answering (2019): 47,457 pairs. Read from the
Parquet files of a copy on the hub. The answers of three collections are not in the release, for copyright; their
questions are left out.
"""

from __future__ import annotations

from data.formats import qa
from data.formats.release import Release, text
from data.registry import SetInfo

HUB = "lavita/MedQuAD"

ABOUT = SetInfo(
    name="medquad",
    splits=("train",),
    license="",
    kinds=("text",),
    text="questions about diseases, drugs and tests, answers of NIH sites",
    hub=HUB,
    citation="Ben Abacha A, Demner-Fushman D, A Question-Entailment Approach to Question Answering, BMC Bioinformatics"
    " 20:511 (2019), arXiv 1901.08079",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}`",
    rows={"train": 47_457},
    classes=("text/factoid",),
)

load = qa.loader(
    Release(ABOUT, only=lambda row, part, split: bool(text(row, "answer"))),
    question="question",
    answer="answer",
    kind="text",
)
