"""A text that repeats an earlier one goes: the first source of the recipe, its most reliable, keeps its copy.

Lingshu removes such rows across its instruction sets by MinHash-LSH (section 2.1.4), without saying how much alike is
alike. The defaults here find 96 % of copies with up to 30 % of the question's words replaced and the options shuffled
(benchmarks/curation/texts.py); longer n-grams, as for web pages, find next to none of these.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from data.clean import Drop, Note, Pictures, Step
from data.example import Example
from data.near_text import MinHash, Prints, content, repeats, telling, words

PARTS = ("auto", "question", "answer")


@dataclass(frozen=True)
class TextDedup(Step):
    """Rows whose words are, by their Jaccard index, at least `threshold` those of an earlier row that stays.

    Not so where the numbers are others and the answers, or little else, differ as well: a template that asks anew.
    of: what is compared: the question with its options ("question"; without options with the answer), or the answer
    alone ("answer"); "auto" takes the answer of reports, whose question is one of a few prompts. pictures: compare rows
    with pictures too; by default they stay, since the same words asked of another picture are another question.
    min_words: a text of fewer different words goes only for an equal one: what differs may be all that it asks.
    n_grams, bands, band_rows: of MinHash; with n_grams 1 words like "the" and "which" are left out.
    """

    about: ClassVar[str] = "the text repeats that of an earlier source"
    needs_notes: ClassVar[bool] = True

    threshold: float = 0.58
    of: str = "auto"
    pictures: bool = False
    min_words: int = 5
    n_grams: int = 1
    bands: int = 40
    band_rows: int = 4

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1:
            raise ValueError(f"threshold is {self.threshold}, it must be above 0 and at most 1")
        if self.of not in PARTS:
            raise ValueError(f"of is {self.of!r}, it must be {', '.join(PARTS)}")
        if small := [name for name in ("n_grams", "bands", "band_rows") if getattr(self, name) < 1]:
            raise ValueError(f"{small[0]} is {getattr(self, small[0])}, it must be at least 1")

    def look(self, row: Example, pictures: Pictures) -> Prints | None:
        if row.images and not self.pictures:
            return None
        parts = self._parts(row)
        found = [word for part in parts for word in words(part)]
        found = content(found) if self.n_grams == 1 else found
        if self.n_grams == 1 and len(set(found)) < self.min_words:
            found = [" ".join(word for part in parts for word in words(part))]
        hashes = MinHash(self.n_grams, self.bands, self.band_rows)
        return hashes.prints([word for word in found if word], b"" if self._answer_only(row) else _gold(row))

    def _parts(self, row: Example) -> list[str]:
        if self._answer_only(row):
            return row.golds
        if not row.options:
            return [row.question, *row.golds]
        return [row.question, *sorted(text for text in row.options.values() if telling(words(text)))]

    def _answer_only(self, row: Example) -> bool:
        return self.of == "answer" or (self.of == "auto" and row.kind == "report")

    def decide(self, notes: Iterable[Note]) -> Mapping[str, Drop]:
        rows = list(notes)
        gone = repeats([prints for _, prints in rows], self.threshold)
        return {
            rows[row][0]: Drop(
                "same text as an earlier row" if index == 1 else "nearly the text of an earlier row",
                f"{rows[kept][0]}, Jaccard index {index:.2f}",
            )
            for row, (kept, index) in gone.items()
        }


def _gold(row: Example) -> bytes:
    """A digest of the answer's words, those of options whatever their letters."""
    golds = "|".join(sorted(" ".join(words(text)) for text in row.gold_texts))
    return hashlib.blake2b(golds.encode(), digest_size=8).digest()


STEP = TextDedup
