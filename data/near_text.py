"""Texts that say nearly the same: words, hashed shingles, MinHash bands, and which rows repeat an earlier one.

A text is the set of its word n-grams, hashed to 64 bits alike in every process. Two texts that share a MinHash band
are candidates (Broder 1997; banding: Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, section 3.4); the true
Jaccard index of their shingles decides. A row goes only for an earlier row that stays, so that nothing is lost along a
chain of ever less similar texts. A template filled in with other numbers asks another question and is no copy.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

# A number with its decimals or its other half (120/80) is one word; underscores (the ___ of scrubbed reports) are none.
_WORD = re.compile(r"\d+(?:[.,/]\d+)*|[\u3040-\u30ff\u3400-\u9fff]+|[^\W\d_\u3040-\u30ff\u3400-\u9fff]+")
# Words that say how is asked rather than what. Negations are not among them: they turn a question round.
_ASKING = (
    "a an the of in on at to for from by with and or as is are was were be been being it its this that these those"
    " there which what who whom whose when where how why do does did has have had can could may might will would"
    " should one following true used use patient patients s"
)
_STOCK = "yes no maybe true false none all both neither any of the these above options"
FUNCTION_WORDS, _STOCK_ANSWER = frozenset(_ASKING.split()), frozenset(_STOCK.split())
_ODD = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)  # the constants of splitmix64


class Prints(NamedTuple):
    """What is compared of one text, as little as a note should hold: arrays of uint64 as bytes.

    numbers: the shingles of its numbers. gold: tells whether answers are the same; empty where they are in the text.
    """

    shingles: bytes
    bands: bytes
    numbers: bytes = b""
    gold: bytes = b""


def words(text: str) -> list[str]:
    """The words in order: lower case, without accents and punctuation, compatibility forms (µ, ², ﬁ) made plain.

    Chinese and Japanese do not part words: a run of n characters is its n - 1 overlapping pairs.
    """
    if text.isascii():
        return _WORD.findall(text.lower())
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return [word for run in _WORD.findall(text.casefold()) for word in _parted(run)]


def _parted(run: str) -> list[str]:
    return [run[k : k + 2] for k in range(len(run) - 1)] if len(run) > 1 and run[0] >= "\u3040" else [run]


def content(found: Iterable[str]) -> list[str]:
    """The words that say what is asked."""
    return [word for word in found if word not in FUNCTION_WORDS]


def telling(found: Iterable[str]) -> bool:
    """Does an option say more than yes, none of the above and the like, which hundreds of questions share?"""
    return not _STOCK_ANSWER.issuperset(found)


def mixed(x: np.ndarray) -> np.ndarray:
    """uint64 -> uint64, one to one, every bit of the result depending on every bit given (splitmix64's last step)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(_ODD[1])
    x = (x ^ (x >> np.uint64(27))) * np.uint64(_ODD[2])
    return x ^ (x >> np.uint64(31))


@dataclass(frozen=True)
class MinHash:
    """Signatures of `bands` x `band_rows` hashes over word n-grams.

    Two texts of Jaccard index s share a band with probability 1 - (1 - s^band_rows)^bands.
    """

    n_grams: int
    bands: int
    band_rows: int
    seed: int = 1

    def band_keys(self, shingles: np.ndarray) -> np.ndarray:
        """uint64 (bands,): equal where all hashes of a band are. shingles: uint64, at least one."""
        factors, shifts = _permutations(self.bands * self.band_rows, self.seed)
        signature = (shingles[:, None] * factors + shifts).min(axis=0)  # (shingles, hashes) -> (hashes,)
        weights = _permutations(self.band_rows, self.seed + 1)[0]
        return mixed((mixed(signature).reshape(self.bands, self.band_rows) * weights).sum(axis=1, dtype=np.uint64))

    def prints(self, found: Sequence[str], gold: bytes = b"") -> Prints | None:
        """What `repeats` compares, of a text's words; None for no words."""
        shingles = grams(found, self.n_grams)
        if not len(shingles):
            return None
        numbers = grams([word for word in found if word[0].isdecimal()], 1)
        return Prints(shingles.tobytes(), self.band_keys(shingles).tobytes(), numbers.tobytes(), gold)


def grams(found: Sequence[str], n: int) -> np.ndarray:
    """Shingles: sorted uint64, one for each different n-gram; a text of fewer words is one, of none has none."""
    hashes = np.fromiter((zlib.crc32(word.encode()) for word in found), np.uint64, len(found))
    n = min(n, len(hashes))
    if n == 0:
        return hashes
    joined = hashes[: len(hashes) - n + 1]
    for k in range(1, n):
        joined = joined * np.uint64(_ODD[0]) + hashes[k : len(hashes) - n + 1 + k]
    return np.unique(mixed(joined))


@lru_cache(maxsize=8)
def _permutations(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """n maps x -> factor * x + shift modulo 2^64, one to one since the factors are odd."""
    drawn = np.random.default_rng(seed).integers(0, 2**64, (2, n), dtype=np.uint64)
    return drawn[0] | np.uint64(1), drawn[1]


def repeats(prints: Sequence[Prints], threshold: float) -> dict[int, tuple[int, float]]:
    """Row -> (the earliest row that stays and is like it, their Jaccard index), for rows at or above the threshold."""
    first: dict[bytes, int] = {}
    for row, one in enumerate(prints):
        first.setdefault(one.shingles, row)
    different = list(first.values())
    near = _near([prints[row] for row in different], threshold)
    gone = {different[row]: (different[kept], index) for row, (kept, index) in near.items()}
    for row, one in enumerate(prints):
        if (same := first[one.shingles]) != row:
            gone[row] = gone.get(same, (same, 1.0))
    return gone


def _near(prints: Sequence[Prints], threshold: float) -> dict[int, tuple[int, float]]:
    """`repeats` of texts of which no two are equal."""
    staying: dict[int, list[int]] = defaultdict(list)  # shared band -> rows that stay
    gone: dict[int, tuple[int, float]] = {}
    sets: dict[int, frozenset[int]] = {}
    for row, bands in _shared([one.bands for one in prints]).items():
        own = _set(prints[row].shingles)
        found = None
        for other in sorted({other for band in bands for other in staying[band]}):
            index = jaccard(own, sets[other])
            if index >= threshold and not refilled(prints[row], prints[other]):
                found = (other, index)
                break
        if found:
            gone[row] = found
            continue
        sets[row] = own
        for band in bands:
            staying[band].append(row)
    return gone


def refilled(one: Prints, other: Prints) -> bool:
    """Are they one template with other numbers? Each has numbers that the other lacks, and their answers differ as
    well, or more numbers than other words do."""
    numbers, others = _set(one.numbers), _set(other.numbers)
    if numbers <= others or others <= numbers:
        return False
    return one.gold != other.gold or 2 * len(numbers ^ others) > len(_set(one.shingles) ^ _set(other.shingles))


def _set(hashes: bytes) -> frozenset[int]:
    return frozenset(np.frombuffer(hashes, np.uint64).tolist())


def _shared(bands: Sequence[bytes]) -> Mapping[int, list[int]]:
    """Row -> the bands that it shares with another row, for rows that share any, in their order."""
    found: dict[int, list[int]] = defaultdict(list)
    if not bands:
        return found
    keys = np.frombuffer(b"".join(bands), np.uint64).reshape(len(bands), -1)
    start = 0
    for column in keys.T:
        _, group, size = np.unique(column, return_inverse=True, return_counts=True)
        for row in np.flatnonzero(size[group] > 1).tolist():
            found[row].append(start + int(group[row]))
        start += len(size)
    return dict(sorted(found.items()))


def jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    """Shared parts of all parts, 0 to 1; 0 for two empty sets."""
    both = len(one & other)
    return both / max(len(one) + len(other) - both, 1)
