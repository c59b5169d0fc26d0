"""Overlap of words: how alike two texts look, which says little of what they mean."""

import math
import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from rewards.contract import RewardError

WORD = re.compile(r"[a-z0-9]+")
LONGEST = 4000  # words
SIGMA = 6.0  # of the Gaussian on the difference in length, in words


def words(text: str) -> list[str]:
    """Lower-case words."""
    return WORD.findall(text.lower())[:LONGEST]


def rouge_l(said: str, gold: str) -> float:
    """The F1 of the longest common subsequence of words (Lin 2004), by the bit-vector method of Hyyro (2004).

    >>> rouge_l("the heart is large", "the heart is not large")
    0.8888888888888888
    """
    mine, wanted = words(said), words(gold)
    places: dict[str, int] = {}
    for place, word in enumerate(wanted):
        places[word] = places.get(word, 0) | 1 << place
    row = full = (1 << len(wanted)) - 1
    for word in mine:
        hits = row & places.get(word, 0)
        row = ((row + hits) | (row - hits)) & full
    common = len(wanted) - row.bit_count()
    return 2 * common / (len(mine) + len(wanted)) if common else 0.0


def cider(said: str, gold: str, corpus: str) -> float:
    """CIDEr-D of one reference (Vedantam 2015, arXiv 1411.5726) from 0 to 1: without its factor of 10.

    corpus: a text file, one reference report a line, that says how rare each n-gram is.
    """
    return cider_d(said, gold, *frequencies(corpus))


def cider_d(said: str, gold: str, seen: Counter[tuple[str, ...]], lines: int) -> float:
    """As `cider`; seen: in how many of `lines` references each n-gram stands."""
    mine, wanted = words(said), words(gold)
    total = 0.0
    for size in range(1, 5):
        left, right = (grams(text, size) for text in (mine, wanted))
        rare = {gram: math.log(lines / max(1, seen[gram])) for gram in left | right}
        norms = [math.sqrt(sum((count * rare[gram]) ** 2 for gram, count in side.items())) for side in (left, right)]
        if all(norms):
            shared = sum(min(left[gram], count) * count * rare[gram] ** 2 for gram, count in right.items())
            total += shared / (norms[0] * norms[1])
    return min(1.0, round(total / 4 * math.exp(-((len(mine) - len(wanted)) ** 2) / (2 * SIGMA**2)), 9))


def grams(text: list[str], size: int) -> Counter[tuple[str, ...]]:
    """How often each n-gram stands in a text."""
    return Counter(zip(*(text[start:] for start in range(size)), strict=False))


@lru_cache(maxsize=4)
def frequencies(corpus: str) -> tuple[Counter[tuple[str, ...]], int]:
    """(in how many lines of a file each n-gram of up to 4 words stands, lines)."""
    path = Path(corpus)
    if not corpus or not path.is_file():
        raise RewardError(
            f"reward report: cider needs `corpus`, a file with one reference report a line, not {corpus!r}"
        )
    return counted(line for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip())


def counted(references: Iterable[str]) -> tuple[Counter[tuple[str, ...]], int]:
    """(in how many references each n-gram of up to 4 words stands, references)."""
    seen: Counter[tuple[str, ...]] = Counter()
    texts = list(map(words, references))
    for text in texts:
        seen.update({gram for size in range(1, 5) for gram in grams(text, size)})
    return seen, len(texts)
