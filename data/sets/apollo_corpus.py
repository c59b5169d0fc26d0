"""ApolloCorpus, its questions: medical exams, patients' questions and general ones in six languages.

Wang X et al., Apollo (2024). Read from the files train/sft/*.json of the release's archive, which are lists of texts:
a question, then its answer. The texts to read (train/pretrain) are not asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from data.formats import qa
from data.formats.release import Release
from data.registry import SetInfo
from data.sets._items import Row
from data.sets._release import read_json
from recipes import BadInput

HUB = "FreedomIntelligence/ApolloCorpus"

ABOUT = SetInfo(
    name="apollo_corpus",
    splits=("train",),
    license="Apache-2.0",
    kinds=("text",),
    text="exam, patients' and general questions in six languages",
    hub=HUB,
    citation="Wang X et al., Apollo: A Lightweight Multilingual Medical LLM towards Democratizing Medical AI to 6B"
    " People, 2024, arXiv 2403.03640",
    remedy=f"run `hf download {HUB} ApolloCorpus.zip --repo-type dataset --local-dir {{place}}` and unzip it there, so"
    " that {place}/train/sft holds its files",
    languages=("en", "zh", "fr", "es", "hi", "ar"),
    classes=("text/factoid",),
)


def _pairs(place: Path, pattern: str, todo: str) -> Iterable[Row]:
    """The [question, answer] lists of every file, with the file's name."""
    paths = sorted(place.glob(pattern))
    if not paths:
        raise BadInput([f"{place / pattern} is missing; {todo}"])
    for path in paths:
        for pair in read_json(path, todo):
            yield dict(zip(("question", "answer"), pair, strict=False)) | {"file": path.stem}


load = qa.loader(
    Release(ABOUT, files="train/sft/*.json", keep=("file",), reader=_pairs),
    question="question",
    answer="answer",
    kind="text",
)
