"""Captions and reports of fewer than 10 or more than 1,024 tokens go (Lingshu, section 2.1.4).

Short answers of other rows are answers: they stay. The paper does not name its tokenizer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from data.clean import Drop, Pictures, Step
from data.example import KINDS, Example
from recipes import BadInput

# Words, numbers and punctuation marks, each one token; Chinese and Japanese count by character.
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+|[^\w\s]")


@dataclass(frozen=True)
class CaptionLength(Step):
    """Rows whose answer has fewer than `least` or more than `most` tokens go, of the `kinds` that are captions.

    sources: of these data sets only; all of them by default. tokenizer: a hub id or a local path of a Hugging Face
    tokenizer; without one, words and punctuation marks are counted.
    """

    about: ClassVar[str] = "a caption has fewer than `least` or more than `most` tokens"

    least: int = 10
    most: int = 1024
    kinds: Sequence[str] = ("report",)
    sources: Sequence[str] = ()
    tokenizer: str = ""

    def __post_init__(self) -> None:
        for name in ("kinds", "sources"):
            if isinstance(getattr(self, name), str):
                raise ValueError(f"{name} is {getattr(self, name)!r}, it must be a list")
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if not 0 < self.least <= self.most:
            raise ValueError(f"least is {self.least} and most {self.most}; 0 < least <= most must hold")
        if unknown := [kind for kind in self.kinds if kind not in KINDS]:
            raise ValueError(f"kinds: {unknown[0]!r} is none of {', '.join(KINDS)}")

    def clean(self, row: Example, pictures: Pictures) -> Example | Drop:
        if row.kind not in self.kinds or (self.sources and row.source not in self.sources):
            return row
        text = row.answer if isinstance(row.answer, str) else " ".join(row.answer)
        n_tokens = _counter(self.tokenizer)(text) if self.tokenizer else len(_TOKEN.findall(text))
        if n_tokens < self.least:
            return Drop(f"caption below {self.least} tokens", f"{n_tokens} tokens")
        return row if n_tokens <= self.most else Drop(f"caption above {self.most} tokens", f"{n_tokens} tokens")


@lru_cache(maxsize=2)
def _counter(name: str) -> Callable[[str], int]:
    """Text -> number of tokens, special ones not counted; the tokenizer is read once in each process."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(name)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise BadInput([f"step caption_length: the tokenizer {name} cannot be read ({reason})"]) from error
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False))


STEP = CaptionLength
