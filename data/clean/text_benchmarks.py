"""Decontamination of text: a row whose question is one of a benchmark's goes (Lingshu does not say that it did this).

Looked for are the question itself, the question with up to 30 % of its words replaced and its options shuffled or left
out, and the question quoted in a longer text; what counts as one is told in data/leaked_text.py, how much is found and
how much goes wrongly is measured by benchmarks/curation/texts.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from data import registry
from data.clean import Drop, Pictures, Step
from data.example import Example
from data.leaked_text import Item, References, Rule, item, text_item
from data.near_text import words
from recipes import ROOT, BadInput, hint


@dataclass(frozen=True)
class TextBenchmarks(Step):
    """Rows that ask what a benchmark asks go.

    against: names of data sets, of which the benchmark's split is taken, and paths (with a slash, relative to the
    checkout) of files with one text a line; by default every benchmark whose files are here. picture_words: a question
    about a picture, of either side, is compared only from so many words up, since "Is there a fracture?" is asked of
    thousands of pictures, and a copied picture is what `image_benchmarks` looks for. template_repeats: what a benchmark
    itself asks more often than that, without options that tell the items apart, is a template and no item.
    similarity, short_similarity, evidence: see `Rule`.
    """

    about: ClassVar[str] = "the question is one of a benchmark's"

    against: Sequence[str] = ()
    picture_words: int = 25
    template_repeats: int = 2
    similarity: float = Rule.similarity
    short_similarity: float = Rule.short_similarity
    evidence: float = Rule.evidence

    def __post_init__(self) -> None:
        if isinstance(self.against, str):
            raise ValueError(f"against is {self.against!r}, it must be a list")
        object.__setattr__(self, "against", tuple(self.against))
        for name in ("similarity", "short_similarity"):
            if not 0 < getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}, it must be above 0 and at most 1")
        for name in self.against:
            if "/" not in name and (name not in registry.names() or not registry.describe(name).benchmark):
                known = [known for known in registry.names() if registry.describe(known).benchmark]
                raise ValueError(f"against: no benchmark {name!r}{hint(name, known)}; there are {', '.join(known)}")

    def benchmarks(self) -> list[str]:
        return [name for name in self.against if name in registry.names()]

    def clean(self, row: Example, pictures: Pictures) -> Example | Drop:
        if row.images and len(words(row.question)) < self.picture_words:
            return row
        match = references(self).find(item(row))
        return Drop(f"a benchmark's question, {match.rule}", f"{match.name}, {match.index:.2f}") if match else row


@lru_cache(maxsize=2)
def references(step: TextBenchmarks) -> References:
    """The index, built once in each process; BadInput where there is nothing to compare with."""
    names = step.against or [name for name in registry.names() if _is_here(name)]
    items = [found for name in names for found in (_lines(name) if "/" in name else _asked(name, step))]
    if not items:
        raise BadInput(["step text_benchmarks: no benchmark's files are here; name some by `against`"])
    return References(items, Rule(step.similarity, step.short_similarity, step.evidence))


def _is_here(name: str) -> bool:
    return registry.describe(name).benchmark is not None and registry.folder(name).is_dir()


def _asked(name: str, step: TextBenchmarks) -> list[Item]:
    """The items of a benchmark that can be known by their text."""
    info = registry.describe(name)
    rows = registry.load(name, info.benchmark or "", **info.asked)
    items = [item(row) for row in rows if not row.images or len(words(row.question)) >= step.picture_words]
    asked = Counter(found.stem() for found in items)
    return [found for found in items if found.has_options() or asked[found.stem()] <= step.template_repeats]


def _lines(name: str) -> list[Item]:
    path = ROOT / name
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput([f"step text_benchmarks: {path} cannot be read ({error}); it holds one text a line"]) from error
    return [text_item(f"{Path(name).name}:{number}", line) for number, line in enumerate(lines, 1) if line.strip()]


STEP = TextBenchmarks
