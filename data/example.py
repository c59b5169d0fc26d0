"""One row of any data set: what is asked, with which pictures, and what the right answer is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

KINDS = ("option", "yesno", "numeric", "text", "multi", "ranked", "box", "report")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_NUMBER = re.compile(r"[-+]?\d[\d,]*(\.\d+)?(e[-+]?\d+)?\s*(%|[A-Za-zµ°][\wµ°²³/^*.·-]*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Example:
    """A question with its gold answer. `columns()` is what a reward may ask for by name.

    answer: the letter for `option`, a list for `multi`, else the text. images: 0..n of a PIL image, a path, the
    bytes of an image file, or a function that returns one of these.
    options: letter -> text. meta: whatever else the set knows (also readable as columns).
    Raises ValueError when the fields contradict each other.
    """

    id: str
    question: str
    answer: str | list[str]
    kind: str = ""
    images: tuple[Any, ...] = ()
    options: Mapping[str, str] | None = None
    source: str = ""
    split: str = ""
    modality: str = "text"
    license: str = ""
    meta: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if not self.kind:
            object.__setattr__(self, "kind", infer_kind(self.answer, self.options))
        for problem in _problems(self):
            raise ValueError(f"example {self.id!r}: {problem}")

    @property
    def golds(self) -> list[str]:
        """The right answers; of options their letters."""
        return self.answer if isinstance(self.answer, list) else [self.answer]

    @property
    def gold_texts(self) -> list[str]:
        """The right answers in words; of options what they say."""
        return [(self.options or {}).get(gold, gold) for gold in self.golds]

    def columns(self) -> dict[str, Any]:
        """Every column a reward can name: the fields, and the keys of meta that no field hides."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "meta"}
        return {**self.meta, **fields}


def infer_kind(answer: str | list[str], options: Mapping[str, str] | None = None) -> str:
    """The kind of a row that does not state one: list, options, yes/no/maybe, number (with unit), else text."""
    if isinstance(answer, list):
        return "multi"
    if options:
        return "option"
    word = answer.strip().lower().rstrip(".")
    if word in ("yes", "no", "maybe"):
        return "yesno"
    return "numeric" if _NUMBER.fullmatch(answer.strip()) else "text"


def _problems(example: Example) -> list[str]:
    """What makes this row unusable, in words."""
    found: list[str] = []
    if not example.id or not example.question.strip():
        found.append("id and question must not be empty")
    if example.kind not in KINDS:
        found.append(f"kind {example.kind!r} is none of {', '.join(KINDS)}")
    if not example.golds or not all(isinstance(a, str) and a and a == a.strip() for a in example.golds):
        found.append(f"answer {example.answer!r} must be text without outer spaces, or a list of such")
    if example.kind == "option" and (not example.options or example.answer not in example.options):
        found.append(f"answer {example.answer!r} is not a letter of the options {list(example.options or {})}")
    return found
