"""PMC-LLaMA instructions: 513,999 rows made of the training parts of MedQA, MedMCQA and PubMedQA, and of UMLS.

Wu C et al., PMC-LLaMA (2023). Read from release.json. `source` names the part. The dialogues of ChatDoctor, which the
paper's authors used too, are not in it. Questions repeat with other wordings of the instruction.
"""

from __future__ import annotations

from data.formats import qa
from data.formats.release import Release, joined
from data.registry import SetInfo

HUB = "axiong/pmc_llama_instructions"

ABOUT = SetInfo(
    name="pmc_llama",
    splits=("train",),
    license="OpenRAIL",
    kinds=("text",),
    text="instructions made of medical question sets and UMLS",
    hub=HUB,
    citation="Wu C et al., PMC-LLaMA: Towards Building Open-source Language Models for Medicine, 2023,"
    " arXiv 2304.14454",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}`",
    rows={"train": 513_999},
    classes=("text/factoid",),
)

load = qa.loader(
    Release(ABOUT, files="release.json", keep=("source", "sample_id")),
    question=joined("instruction", "input"),
    answer="output",
    kind="text",
)
