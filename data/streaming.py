"""A weighted mixture of built corpora as a stream: a few rows in memory, and any point of it can be gone back to.

An epoch takes of each corpus what its weight asks for and never a row twice: where weights differ, the corpus that is
shortest for its weight is read whole and the others in proportion, beginning where they ended in the epoch before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from data.build import store
from data.build.corpus import corpus
from data.example import Example
from recipes import BadInput


@dataclass(frozen=True)
class Part:
    """A built corpus: its shards and how many rows each holds."""

    name: str
    weight: float
    shards: tuple[Path, ...]
    sizes: tuple[int, ...]

    @property
    def n(self) -> int:
        return sum(self.sizes)

    def rows(self, start: int, seed: int, size: int) -> Iterator[Example]:
        """Row after row without end: `_files` one after the other."""
        return chain.from_iterable(self._files(start, seed, size))

    def _files(self, start: int, seed: int, size: int) -> Iterator[Iterator[Example]]:
        """The rows of each file, without end, from row `start` of an order of shards that the seed decides.

        `start` counts on over the rounds: row n + 3 is row 3 of the second. size: rows of an epoch. Where an epoch is
        a round, each round has an order of its own; else an epoch reaches from one into the next, and in another order
        a row of this one's end would come again.
        """
        around, skip = divmod(start, self.n)
        while True:
            order = [seed, around if size == self.n else 0]
            for place in np.random.default_rng(order).permutation(len(self.shards)):
                if skip < self.sizes[place]:
                    yield store.read(self.shards[place], skip)
                skip = max(0, skip - self.sizes[place])
            around += 1


def part(name: str, weight: float = 1.0) -> Part:
    """The corpus in the folder `name`, or of the recipe `name`; BadInput if there is none, or a part of one."""
    shards = tuple(store.shards(corpus(name)))
    return Part(name, weight, shards, tuple(map(store.count, shards)))


@dataclass
class Mixture:
    """Rows, epoch after epoch, from where the last iterator over it stood; `state()` says where that is, and `restore`
    goes there.

    epochs: after how many it ends; None: never.
    """

    parts: Sequence[Part]
    seed: int = 0
    epochs: int | None = 1
    _epoch: int = 0
    _taken: int = 0  # rows of the epoch

    def __post_init__(self) -> None:
        if not self.parts or len(self.parts) > 256:
            raise BadInput([f"a mixture has 1 to 256 corpora, not {len(self.parts)}"])
        if any(part.weight <= 0 for part in self.parts):
            raise BadInput(["every weight of a mixture must be above 0; leave the corpus out instead"])

    @property
    def sizes(self) -> list[int]:
        """Rows that an epoch takes of each part."""
        if len({part.weight for part in self.parts}) == 1:
            return [part.n for part in self.parts]
        room = min(part.n / part.weight for part in self.parts)
        return [max(1, round(room * part.weight)) for part in self.parts]

    def __len__(self) -> int:
        """Rows of an epoch."""
        return sum(self.sizes)

    def __iter__(self) -> Iterator[Example]:
        while self.epochs is None or self._epoch < self.epochs:
            rows, order = self._begin()
            read = [one.__next__ for one in rows]  # a row costs microseconds, and a lookup is some of it
            for taken, place in enumerate(order[self._taken :], self._taken + 1):
                row = read[place]()
                self._taken = taken  # before it is handed out: whoever has it, and asks for the state, has had it
                yield row
            self._epoch, self._taken = self._epoch + 1, 0

    def state(self) -> dict[str, Any]:
        """Where the stream is; JSON."""
        shards = [[list(part.sizes), size] for part, size in zip(self.parts, self.sizes, strict=True)]
        return {"epoch": self._epoch, "taken": self._taken, "seed": self.seed, "shards": shards}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go where `state` was taken; BadInput if it is of another mixture, or damaged."""
        mine = self.state()
        if any(mine[name] != state.get(name) for name in ("seed", "shards")):
            told = f"this one takes {self.sizes} rows of its corpora, seed {self.seed}"
            raise BadInput([f"the state is of another mixture: {told}; restore its corpora, weights and seed"])
        epoch, taken = state.get("epoch"), state.get("taken")
        if not (isinstance(epoch, int) and epoch >= 0 and isinstance(taken, int) and 0 <= taken <= len(self)):
            raise BadInput([f"the state is damaged: epoch {epoch!r}, taken {taken!r}; begin anew"])
        self._epoch, self._taken = epoch, taken

    def _begin(self) -> tuple[list[Iterator[Example]], bytes]:
        """(every part's rows from where it stands, the part that each row of the epoch comes from)."""
        sizes = self.sizes
        labels = np.repeat(np.arange(len(sizes), dtype=np.uint8), sizes)
        order = np.random.default_rng([self.seed, self._epoch]).permutation(labels)
        read = np.bincount(order[: self._taken], minlength=len(sizes))
        starts = [self._epoch * size + int(done) for size, done in zip(sizes, read, strict=True)]
        rows = [one.rows(at, self.seed, size) for one, at, size in zip(self.parts, starts, sizes, strict=True)]
        return rows, order.tobytes()
