"""Rows in languages other than those wanted go.

A row's language is that of its question with its options and its answer together: by script where the letters are not
Latin, which short texts tell surely, else by py3langid (Barbaresi's port of Lui and Baldwin, langid.py, ACL 2012).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from data.clean import Drop, Pictures, Step
from data.example import Example
from recipes import BadInput

_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_SCRIPTS = {
    "ja": re.compile(r"[\u3040-\u30ff]"),
    "zh": re.compile(r"[\u3400-\u9fff]"),
    "ko": re.compile(r"[\uac00-\ud7af]"),
    "ru": re.compile(r"[\u0400-\u04ff]"),
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "th": re.compile(r"[\u0e00-\u0e7f]"),
    "hi": re.compile(r"[\u0900-\u097f]"),
}  # ja before zh: Japanese has both; of a script that several languages share, the most spoken
_A_CHARACTER_SAYS = {"ja": 2, "zh": 2}  # times as much as a letter, so that English drug names stay a minority


@dataclass(frozen=True)
class Language(Step):
    """Rows whose language is none of `keep` (ISO 639-1) go. Latin is never found: it is that of anatomy and bacteria.

    min_words: Latin text of fewer words is kept: names of drugs and diseases, which are Latin in every language,
    outweigh the rest. sure: Latin text goes only where the identifier gives its language at least this probability.
    """

    about: ClassVar[str] = "the language is none of `keep`"

    keep: Sequence[str] = ("en", "zh")
    min_words: int = 8
    sure: float = 0.9

    def __post_init__(self) -> None:
        if isinstance(self.keep, str) or not self.keep:
            raise ValueError(f"keep is {self.keep!r}, it must be a list of languages such as [en, zh]")
        object.__setattr__(self, "keep", tuple(self.keep))
        if wrong := [name for name in self.keep if not re.fullmatch(r"[a-z]{2}", str(name))]:
            raise ValueError(f"keep: {wrong[0]!r} is no ISO 639-1 code such as en")

    def clean(self, row: Example, pictures: Pictures) -> Example | Drop:
        text = "\n".join([row.question, *(row.options or {}).values(), *([] if row.options else row.golds)])
        found = by_script(text) or self._latin(text)
        return Drop(f"language {found}") if found and found not in self.keep else row

    def _latin(self, text: str) -> str | None:
        """None where too little is said, or the identifier is not sure."""
        if len(text.split()) < self.min_words:
            return None
        language, probability = _identifier().classify(text)
        return None if language == "la" or probability < self.sure else str(language)


def by_script(text: str) -> str | None:
    """The language of a text most of whose letters are not Latin (a Chinese character is worth two); else None."""
    latin = len(_LATIN.findall(text))
    counts = {name: len(script.findall(text)) * _A_CHARACTER_SAYS.get(name, 1) for name, script in _SCRIPTS.items()}
    if sum(counts.values()) <= latin:
        return None
    if counts["ja"] * 10 >= counts["zh"] and counts["ja"]:
        return "ja"
    return max(counts, key=lambda name: counts[name])


@lru_cache(maxsize=1)
def _identifier() -> Any:
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ImportError as error:
        raise BadInput(["step language needs py3langid: pip install 'lingshu-rlvr[curate]'"]) from error
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


STEP = Language
