"""Options are taken away where the gold is a word or a phrase, so that it must be said and not chosen.

What the paper does to its RL set (Lingshu, section 3.1.4): the question gets harder and stays checkable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import ClassVar

from data.clean import Drop, Pictures, Step
from data.example import Example, infer_kind

# Options that mean something only beside the others, and questions that cannot be read without them.
ANCHOR = re.compile(
    r"\b(all|none|both|neither|any|either|two)\b.*\b(above|these|those|following|them|of)\b|^[A-J]( and|,|/)",
    re.IGNORECASE,
)
POINTS = re.compile(
    r"\b(which|what) (one )?of (the|these|this)\b|\bfollowing\b|\bexcept\b|\b(options?|choices?|statements?)\b|_{2,}"
    r"|\b(least|most|best) (likely|appropriate|accurate)|\bnot (true|correct)\b"
    r"|\b(false|incorrect|correct|true)\b.{0,40}\?|:\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class OpenEnded(Step):
    """max_words: longer golds stay options, for no rule can tell whether other words mean the same."""

    about: ClassVar[str] = "options are taken away where the gold is a word or a phrase and the question stands alone"

    max_words: int = 5

    def __post_init__(self) -> None:
        if self.max_words < 1:
            raise ValueError(f"max_words is {self.max_words}, it must be at least 1")

    def clean(self, row: Example, pictures: Pictures) -> Example | Drop:
        if row.kind != "option" or not row.options or not isinstance(row.answer, str):
            return row
        gold = row.options[row.answer].strip().rstrip(".").rstrip()
        if not gold or len(gold.split()) > self.max_words or ANCHOR.search(gold) or POINTS.search(row.question):
            return row
        kind = infer_kind(gold)
        wrong = [text for letter, text in row.options.items() if letter != row.answer and text.strip() != gold]
        meta = {**row.meta, "options_were": dict(row.options), "distractors": wrong}
        return replace(row, answer=gold, kind=kind, options=None, meta=meta)


STEP = OpenEnded
