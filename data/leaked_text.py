"""Is a question one of a benchmark's, reworded, with its options shuffled, or quoted within a longer text?

Words and whole options are weighted by how rare they are among the references (log of references per use, in nats):
what two questions share by being questions counts for little. `shared` is the weight of what both have. A row matches
where the weighted Jaccard index is high; the less is shared, the higher it must be, since short stems of one template
("Is ... effective for ...?") differ in one word only. Without options a row's answer counts if it is one of the
reference's options, but nothing against it if it is none.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from data.example import Example
from data.near_text import content, telling, words

_COMMON_OPTION = 20  # an option of more references than that says nothing of which one it is
_FEWEST = 10_000  # a word is taken to be no rarer, nor more telling, than among so many references
_QUOTED = 3, 5  # n-grams of so many words of content; a reference of fewer n-grams is not looked for as a quotation


class Item(NamedTuple):
    """What is compared of one question. parts: the same as a set and, marked by "=", its telling options."""

    name: str
    order: list[str]  # its words of content as they come
    parts: frozenset[str]
    answer: str  # marked as an option where the item has no options, else empty

    def stem(self) -> tuple[str, ...]:
        return tuple(self.order)

    def has_options(self) -> bool:
        """Are there options that say more than yes or none of the above?"""
        return any(part[0] == "=" for part in self.parts)


class Match(NamedTuple):
    """The reference that a text is like, how (Jaccard index or share quoted), and by which rule."""

    name: str
    index: float
    rule: str


def item(row: Example) -> Item:
    """A row, its answer taken for an option where it has none."""
    options = [words(text) for text in (row.options or {}).values()]
    answer = "" if row.options or not isinstance(row.answer, str) else _marked(words(row.answer))
    return text_item(row.id, row.question, options, answer)


def text_item(name: str, question: str, options: Iterable[Sequence[str]] = (), answer: str = "") -> Item:
    order = content(words(question))
    marked = (_marked(option) for option in options)
    return Item(name, order, frozenset(order) | {option for option in marked if option}, answer)


def _marked(option: Sequence[str]) -> str:
    return "=" + " ".join(option) if telling(option) else ""


@dataclass(frozen=True)
class Rule:
    """similarity: the least Jaccard index of a match. short_similarity: the same where less than `evidence` nats are
    shared. least: below this many nats nothing matches. quoted: the share of a reference's n-grams that a longer text
    must hold."""

    similarity: float = 0.5
    short_similarity: float = 0.65
    evidence: float = 25.0
    least: float = 15.0
    quoted: float = 0.75


class References:
    """An index of benchmark questions. Equal ones are kept once."""

    def __init__(self, items: Iterable[Item], rule: Rule) -> None:
        self.rule = rule
        self.items = list({(given.stem(), given.parts): given for given in items}.values())
        self.unknown = math.log(max(len(self.items), _FEWEST) + 1)
        self.holders = _holders(given.parts for given in self.items)
        self.weights = {part: self._weight(part, len(numbers)) for part, numbers in self.holders.items()}
        self.grams = _holders(set(_grams(given.order)) for given in self.items)
        self.n_grams = np.array([len(set(_grams(given.order))) for given in self.items])  # (references,)
        options = [[part for part in given.parts if part[0] == "="] for given in self.items]
        self.whole = np.array([self._sum(given.parts) for given in self.items])  # (references,) nats
        self.stems = self.whole - np.array([self._sum(parts) for parts in options])

    def find(self, given: Item) -> Match | None:
        """The reference that this one is like most, if any is like enough."""
        if not self.items:
            return None
        shared = self._promising(given)
        if shared is None:
            return self._quotation(given)
        rest = self._sum(given.parts) + (self.whole if given.has_options() else self.stems) - 2 * shared
        if given.answer:
            shared += self._shared([given.answer])
        index = shared / np.maximum(shared + rest, 1e-9)
        enough = np.where(shared >= self.rule.evidence, self.rule.similarity, self.rule.short_similarity)
        index[(index < enough) | (shared < self.rule.least)] = 0
        best = int(index.argmax())
        return Match(self.items[best].name, float(index[best]), "reworded") if index[best] else self._quotation(given)

    def _promising(self, given: Item) -> np.ndarray | None:
        """float (references,): the weight in nats that each shares with the parts; None where none can be like enough.

        The parts are looked up from the rarest on; after three quarters of the weight, what is left is known to be too
        little for most texts, and the longest lists are never read.
        """
        ranked = sorted(given.parts, key=lambda part: -self.weights.get(part, self.unknown))
        whole = left = self._sum(ranked)
        taken = 0
        while taken < len(ranked) and left > whole / 4:
            left -= self.weights.get(ranked[taken], self.unknown)
            taken += 1
        shared = self._shared(ranked[:taken])
        helped = self._sum([given.answer]) if given.answer else 0.0
        if shared.max() + left + helped < self.rule.similarity * (whole + helped):
            return None
        return shared + self._shared(ranked[taken:])

    def _quotation(self, given: Item) -> Match | None:
        """A reference most of whose n-grams stand in this text."""
        held = [self.grams[gram] for gram in set(_grams(given.order)) if gram in self.grams]
        if not held:
            return None
        numbers, counts = np.unique(np.concatenate(held), return_counts=True)
        shares = np.where(self.n_grams[numbers] >= _QUOTED[1], counts / self.n_grams[numbers], 0)
        best = int(shares.argmax())
        if shares[best] < self.rule.quoted:
            return None
        return Match(self.items[numbers[best]].name, float(shares[best]), "quoted")

    def _shared(self, parts: Iterable[str]) -> np.ndarray:
        """float (references,): the weight in nats of the parts that each of them has too."""
        known = [part for part in parts if part in self.holders]
        if not known:
            return np.zeros(len(self.items))
        lists = [self.holders[part] for part in known]
        weights = np.repeat([self.weights[part] for part in known], [len(numbers) for numbers in lists])
        return np.bincount(np.concatenate(lists), weights, len(self.items))

    def _weight(self, part: str, uses: int) -> float:
        common = part[0] == "=" and uses > _COMMON_OPTION
        return 0.0 if common else max(self.unknown - math.log(uses + 1), 0.0)

    def _sum(self, parts: Iterable[str]) -> float:
        return sum(self.weights.get(part, self.unknown) for part in parts)


def _holders(sets: Iterable[Iterable[Any]]) -> dict[Any, np.ndarray]:
    """Part or n-gram -> int32, the numbers of the sets that hold it."""
    found: dict[Any, list[int]] = defaultdict(list)
    for number, keys in enumerate(sets):
        for key in keys:
            found[key].append(number)
    return {key: np.array(numbers, np.int32) for key, numbers in found.items()}


def _grams(order: Sequence[str]) -> Iterable[tuple[str, ...]]:
    return zip(*(order[k:] for k in range(_QUOTED[0])), strict=False)
