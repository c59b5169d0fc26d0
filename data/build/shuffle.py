"""The passes that bring the rows of a corpus into their order and write its shards.

    WORK/divided.pickle           how many rows each file holds, and where in the order each shard begins
    WORK/scattered/00000.rows     a file's rows divided by the shard they will be in, pickled
    WORK/scattered/00000.edges    where in it each shard's rows begin and end: int64

A shard takes about one row of each file. So nothing is read of a file but that: with 5 M rows in 2,500 files, that many
footers of Parquet read again for each of 2,500 shards took days.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from data.build import store
from data.build.passes import files, key, keys, pickled
from data.example import Example


class Divided(NamedTuple):
    """sizes: file -> its rows. firsts: [shards] uint64, the place in the order from which on rows are in a shard."""

    sizes: dict[str, int]
    firsts: np.ndarray


@dataclass(frozen=True)
class Divide:
    """The order cut into shards of `rows_per_shard` or fewer, whose sizes differ by one at most; one task."""

    work: Path
    last: int
    rows_per_shard: int
    seed: int | None  # of the order; None: the sources'

    def __call__(self, _: Any = None, rank: int = 0, world_size: int = 1) -> None:
        path = self.work / "divided.pickle"
        if rank or path.is_file():
            return
        paths = {name: self.work / f"rows-{self.last}" / f"{name}.parquet" for name in files(self.work)}
        sizes = {name: store.count(rows) for name, rows in paths.items()}
        n = sum(sizes.values())
        order = np.arange(n, dtype=np.uint64)
        if self.seed is not None:
            order = np.sort(np.concatenate([order[:0], *(keys(rows, self.seed) for rows in paths.values())]))
        n_shards = -(-n // self.rows_per_shard)
        starts = [shard * n // n_shards for shard in range(n_shards)]
        store.write_bytes(path, pickle.dumps(Divided(sizes, order[starts])))


@dataclass(frozen=True)
class Scatter:
    """Each file's rows divided by the shard they will be in. The file goes then."""

    work: Path
    last: int
    seed: int | None

    def __call__(self, _: Any = None, rank: int = 0, world_size: int = 1) -> None:
        sizes, firsts = pickled(self.work / "divided.pickle")
        starts = np.cumsum([0, *sizes.values()]).tolist()
        for place, name in list(enumerate(sizes))[rank::world_size]:
            path = self.work / "scattered" / f"{place:05d}.edges"
            rows = self.work / f"rows-{self.last}" / f"{name}.parquet"
            if not path.is_file():
                self._scatter(path, store.read(rows), starts[place], firsts)
            rows.unlink(missing_ok=True)

    def _scatter(self, path: Path, rows: Iterable[Example], start: int, firsts: np.ndarray) -> None:
        found: dict[int, list[Example]] = {}
        for place, row in enumerate(rows, start):
            order = np.uint64(place if self.seed is None else key(self.seed, row.id))
            found.setdefault(int(np.searchsorted(firsts, order, "right")) - 1, []).append(row)
        sizes = np.zeros(len(firsts) + 1, np.int64)
        with store.whole(path.with_suffix(".rows")) as file:
            for shard in sorted(found):
                sizes[shard + 1] = file.write(pickle.dumps(found[shard], protocol=5))
        store.write_bytes(path, np.cumsum(sizes).tobytes())  # last: it says done


@dataclass(frozen=True)
class Gather:
    """The shards, each put together from the files that hold rows of it and put in order."""

    work: Path
    out: Path
    seed: int | None
    embed: bool

    def __call__(self, _: Any = None, rank: int = 0, world_size: int = 1) -> None:
        paths = [self.work / "scattered" / f"{place:05d}.edges" for place in range(len(files(self.work)))]
        edges = [np.fromfile(path, np.int64) for path in paths]
        n_shards = len(edges[0]) - 1 if edges else 0
        for shard in range(rank, n_shards, world_size):
            path = self.out / f"part-{shard:05d}-of-{n_shards:05d}.parquet"
            if path.is_file():
                continue
            parts = [(part, *edge[shard : shard + 2].tolist()) for part, edge in zip(paths, edges, strict=True)]
            rows = [row for part, start, end in parts for row in _piece(part.with_suffix(".rows"), start, end)]
            if self.seed is not None:
                rows.sort(key=lambda row: key(self.seed or 0, row.id))
            store.write(path, rows, embed=self.embed)


def _piece(path: Path, start: int, end: int) -> Iterator[Example]:
    if start == end:
        return
    with path.open("rb") as file:
        file.seek(start)
        yield from pickle.loads(file.read(end - start))
