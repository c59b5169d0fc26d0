"""A weighted mixture of built corpora as a stream: a few rows in memory, and any point of it can be gone back to.

An epoch takes of each corpus what its weight asks for and never a row twice: where weights differ, the corpus that is
shortest for its weight is read whole and the others in proportion, beginning where they ended in the epoch before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data.build import store
from data.example import Example
from recipes import BadInput
from recipes.paths import from_root


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

    def rows(self, start: int, seed: int) -> Iterator[Example]:
        """Row after row without end, from row `start` of an order of shards that the seed and the round decide.

        `start` counts on over the rounds: row n + 3 is row 3 of the second.
        """
        around, skip = divmod(start, self.n)
        while True:
            for place in np.random.default_rng([seed, around]).permutation(len(self.shards)):
                if skip < self.sizes[place]:
                    yield from store.read(self.shards[place], skip)
                skip = max(0, skip - self.sizes[place])
            around += 1


def part(name: str, weight: float = 1.0) -> Part:
    """The corpus in the folder `name`; BadInput if it holds none."""
    place = from_root(name)
    shards = tuple(sorted(place.glob("part-*.parquet")))
    if not shards:
        raise BadInput([f"{place} holds no part-*.parquet; make it with `python -m data build RECIPE`"])
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
            for place in order[self._taken :]:
                row = next(rows[place])
                self._taken += 1  # before it is handed out: whoever has it, and asks for the state, has had it
                yield row
            self._epoch, self._taken = self._epoch + 1, 0

    def state(self) -> dict[str, int]:
        """Where the stream is; JSON."""
        return {"epoch": self._epoch, "taken": self._taken, "seed": self.seed, "rows": len(self)}

    def restore(self, state: dict[str, int]) -> None:
        """Go where `state` was taken; BadInput if it is of another mixture."""
        mine = self.state()
        if any(mine[name] != state.get(name) for name in ("seed", "rows")):
            raise BadInput(
                [f"the state {state} is of another mixture: this one has {len(self)} rows, seed {self.seed}"]
            )
        self._epoch, self._taken = state["epoch"], state["taken"]

    def _begin(self) -> tuple[list[Iterator[Example]], bytes]:
        """(every part's rows from where it stands, the part that each row of the epoch comes from)."""
        sizes = self.sizes
        labels = np.repeat(np.arange(len(sizes), dtype=np.uint8), sizes)
        order = np.random.default_rng([self.seed, self._epoch]).permutation(labels)
        read = np.bincount(order[: self._taken], minlength=len(sizes))
        starts = [self._epoch * size + int(done) for size, done in zip(sizes, read, strict=True)]
        rows = [one.rows(start, self.seed) for one, start in zip(self.parts, starts, strict=True)]
        return rows, order.tobytes()
