"""HealthCareMagic-100k: patients' questions to doctors of a consultation site, with their replies.

Li Y et al., ChatDoctor (2023). Read from the Parquet files of a copy on the hub; its one instruction for all rows is
left out. Replies may name people and give prescriptions: the Lingshu paper has a model rewrite them first.
"""

from __future__ import annotations

from data.formats import qa
from data.formats.release import Release
from data.registry import SetInfo

HUB = "lavita/ChatDoctor-HealthCareMagic-100k"

ABOUT = SetInfo(
    name="healthcaremagic",
    splits=("train",),
    license="",
    kinds=("text",),
    text="patients' questions with doctors' replies",
    hub=HUB,
    citation="Li Y et al., ChatDoctor: A Medical Chat Model Fine-Tuned on LLaMA Using Medical Domain Knowledge, Cureus"
    " 2023, arXiv 2303.14070",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}`",
    rows={"train": 112_165},
    classes=("text/dialogue",),
)

load = qa.loader(Release(ABOUT), question="input", answer="output", kind="text")
