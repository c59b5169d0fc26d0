"""A picture in a file of rows, read when it is called for."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from recipes import BadInput


@dataclass(frozen=True)
class Stored:
    """A picture that is read from its file of rows when it is called for; it can be pickled.

    Its row group is read for it, 1 MB. Two groups are remembered, so that pictures in their order are read once, and
    the footers of 64 files, so that pictures out of order mostly cost no more than that.
    """

    file: str
    row: int
    place: int

    def __call__(self) -> bytes:
        changed = os.stat(self.file).st_mtime_ns
        firsts = _footer(self.file, changed)[1]
        group = bisect_right(firsts, self.row) - 1
        return _pictures(self.file, changed, group)[self.row - firsts[group]][self.place]


@lru_cache(maxsize=64)
def _footer(path: str, _: int) -> tuple[Any, list[int]]:
    """(metadata, the first row of each group). No open file is kept: a forked process would share it."""
    import pyarrow.parquet as pq

    with reading(Path(path)):
        found = pq.read_metadata(path)
    return found, [0, *accumulate(found.row_group(group).num_rows for group in range(found.num_row_groups))][:-1]


@lru_cache(maxsize=2)
def _pictures(path: str, changed: int, group: int) -> list[list[bytes]]:
    import pyarrow.parquet as pq

    with reading(Path(path)), pq.ParquetFile(path, metadata=_footer(path, changed)[0], memory_map=True) as file:
        table = file.read_row_group(group, columns=["images.list.element.bytes"], use_threads=False)
        return [[one["bytes"] for one in row or ()] for row in table["images"].to_pylist()]


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """What a damaged file, or one of another make, does to its reader becomes one line."""
    import pyarrow as pa

    try:
        yield
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        line = f"{path}: not a file of rows made by `python -m data build` ({reason}); build it again"
        raise BadInput([line]) from error
