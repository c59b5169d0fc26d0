"""Rows that cannot teach: no words to speak of, the same line again and again, a pointer to a figure for an answer, a
refusal, a question that is its own answer.

Each rule has a name; `rules` chooses among them. They are meant for questions and captions of a few words to a few
hundred, not for web pages.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from data.clean import Drop, Pictures, Step
from data.example import Example
from data.near_text import words
from recipes import hint

_TAG = re.compile(
    r"</?(?:p|br|div|span|img|table|tr|td|th|a|b|i|u|ul|ol|li|h[1-6]|strong|em|font|script|style|sub|sup)"
    r"(?:\s[^<>]*)?/?>|&(?:nbsp|amp|lt|gt|quot|#\d+);",
    re.IGNORECASE,
)  # tags by name: "p<0.05 and n>30" is none
_FIGURE = re.compile(
    r"\W*(?:see|refer to|as shown in|shown in|cf\.?|ref)?\W*(?:the\s+)?(?:above\s+|below\s+)?"
    r"(?:fig(?:ure)?s?|tables?|image|panel|ref(?:erence)?|p(?:ages?|g)?)\b\.?\s*[\dIVX]*\s*[a-h]?(?:\s*[-,&]\s*\w{1,3})*"
    r"(?:\s+(?:above|below))?\W*",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"\b(?:as an ai\b|as a (?:large )?language model|i(?: am|'m) (?:just |only )?an? (?:ai|artificial|large language)"
    r"|i(?:'m| am) (?:sorry|unable)\b[^.]{0,40}\b(?:can(?:no|')t|unable|not able|assist|help)"
    r"|i can(?:no|')t (?:assist|help|provide (?:medical|a diagnosis)|view|see (?:the )?images?)"
    r"|i (?:do not|don't) have (?:access to|the ability))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Quality(Step):
    """Rows that break one of `rules` (all of them by default; the first that is broken is the reason) go.

    min_letters: the least share of letters and digits among a text's visible characters. max_repeats: the most times
    that one line of at least three words may stand in an answer.
    """

    about: ClassVar[str] = "the text cannot teach: by a few named rules"

    rules: Sequence[str] = ()
    min_letters: float = 0.5
    max_repeats: int = 2

    def __post_init__(self) -> None:
        if isinstance(self.rules, str):
            raise ValueError(f"rules is {self.rules!r}, it must be a list")
        object.__setattr__(self, "rules", tuple(self.rules) or tuple(RULES))
        if unknown := [name for name in self.rules if name not in RULES]:
            raise ValueError(f"rules: no {unknown[0]!r}{hint(unknown[0], RULES)}; there are {', '.join(RULES)}")
        if not 0 <= self.min_letters <= 1:
            raise ValueError(f"min_letters is {self.min_letters}, it must be a share from 0 to 1")

    def clean(self, row: Example, pictures: Pictures) -> Example | Drop:
        for name in self.rules:
            if RULES[name](self, row):
                return Drop(name.replace("_", " "))
        return row


def _texts(row: Example) -> list[str]:
    return [row.question, *row.gold_texts]


def mostly_no_letters(step: Quality, row: Example) -> bool:
    """Of the question. Answers may be "+" or "<5%"."""
    visible = [c for c in row.question if not c.isspace()]
    return sum(c.isalnum() for c in visible) < step.min_letters * len(visible)


def repeated_lines(step: Quality, row: Example) -> bool:
    lines = [re.split(r"\n|(?<=[.!?])\s", text) for text in row.gold_texts]
    counts = Counter(tuple(words(line)) for part in lines for line in part)
    return any(n > step.max_repeats for line, n in counts.items() if len(line) >= 3)


def markup(step: Quality, row: Example) -> bool:
    return any(_TAG.search(text) for text in _texts(row))


def figure_reference_only(step: Quality, row: Example) -> bool:
    """Of reports and free text; an option may well name a figure."""
    return row.kind in ("report", "text") and any(_FIGURE.fullmatch(text) for text in row.gold_texts)


def refusal(step: Quality, row: Example) -> bool:
    return any(_REFUSAL.search(text.replace("\u2019", "'")) for text in row.gold_texts)


def empty_answer(step: Quality, row: Example) -> bool:
    """Nothing but punctuation; a sign such as "+" says something."""
    return any(not re.search(r"\w|[+\-<>=%\u2191\u2193]", text) for text in row.gold_texts)


def answer_is_question(step: Quality, row: Example) -> bool:
    asked = words(row.question)
    return len(asked) > 1 and any(words(text) == asked for text in row.gold_texts)


RULES: dict[str, Callable[[Quality, Example], bool]] = {
    rule.__name__: rule
    for rule in (
        empty_answer, answer_is_question, mostly_no_letters, refusal, figure_reference_only, markup, repeated_lines,
    )
}  # fmt: skip

STEP = Quality
