"""The passes that read the sources: rows into files, pictures looked at, and what of both no corpus can hold.

WORK/rows-0/000-vqa_rad_train/00000.parquet     rows as read
WORK/rows-0/000-vqa_rad_train/whole             how many files, once all are there; stays when they go
WORK/removed-0/000-vqa_rad_train/00000.jsonl    rows that are none
WORK/broken/000-vqa_rad_train/00000.pickle      by their places in the file, rows whose pictures cannot be read
WORK/repeats.pickle                             by file, the places of rows with an id that came before
"""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import data
from data.build import store
from data.build.passes import BROKEN, WHOLE, Line, broken_of, files, gone, keys, pictures, write_lines
from data.build.plan import Source
from data.clean import Drop
from data.example import Example
from data.images import BadPicture, unnamed
from data.registry import Bad, folder, setting_aside
from recipes import BadInput


@dataclass(frozen=True)
class Load:
    """Sources into files of `rows_per_file`; a task a source. Rows that no file can hold are set aside.

    In memory are the rows of one source, with those of its pictures that are not files or functions; they are let go
    as they are written.
    """

    work: Path
    sources: tuple[Source, ...]
    rows_per_file: int
    max_bad: float

    def __call__(self, _: Any = None, rank: int = 0, world_size: int = 1) -> None:
        for name, source in named(self.sources)[rank::world_size]:
            self._load(name, source)

    def _load(self, name: str, source: Source) -> None:
        done = self.work / "rows-0" / name / WHOLE
        if done.is_file():
            return
        shutil.rmtree(done.parent, ignore_errors=True)  # of a read that did not end, maybe of other files than now
        shutil.rmtree(self.work / "broken" / name, ignore_errors=True)
        bad: list[Bad] = []
        with setting_aside(bad):
            rows = source.load()
        removed = [gone(str(one.row), "read", Drop(f"row {BROKEN}", _said(one, source))) for one in bad]
        n = len(rows) + len(bad)
        released = max(n, data.describe(source.use).rows.get(source.split, 0)) if source.n else n
        read = {"files": -(-len(rows) // self.rows_per_file), "rows": len(rows), "bad": len(bad), "released": released}
        rows.reverse()
        for number in range(read["files"]):
            group = (rows.pop() for _ in range(min(self.rows_per_file, len(rows))))
            store.write(done.parent / f"{number:05d}.parquet", _whole(group, removed), embed=False)
        bearable(source, read, removed, self.max_bad)
        write_lines(self.work / "removed-0" / name / "00000.jsonl", removed)
        store.write_bytes(done, json.dumps(read).encode())


@dataclass(frozen=True)
class Check:
    """Every picture is decoded, file by file: what cannot be is known before anything is made of it."""

    work: Path

    def __call__(self, _: Any = None, rank: int = 0, world_size: int = 1) -> None:
        for name in files(self.work)[rank::world_size]:
            if not broken_of(self.work, name).is_file():
                store.write_bytes(broken_of(self.work, name), pickle.dumps(self._broken(name), protocol=5))

    def _broken(self, name: str) -> dict[int, Line]:
        found: dict[int, Line] = {}
        for place, row in enumerate(store.read(self.work / "rows-0" / f"{name}.parquet")):
            try:
                pictures(row)()
            except BadPicture as error:
                found[place] = gone(row.id, "read", Drop(f"image {BROKEN}", error.problems[0]))
        return found


@dataclass(frozen=True)
class Sift:
    """Too much that is broken stops the build; then rows with an id that came before are found. One task.

    What steps decide they say by id: of two rows with one id, both would go.
    """

    work: Path
    sources: tuple[Source, ...]
    max_bad: float

    def __call__(self, _: Any = None, rank: int = 0, world_size: int = 1) -> None:
        if rank or (self.work / "repeats.pickle").is_file():
            return
        names = files(self.work)
        broken = {name: pickle.loads(broken_of(self.work, name).read_bytes()) for name in names}
        for name, source in named(self.sources):
            self._bear(
                name, source, [line for one in names if one.startswith(f"{name}/") for line in broken[one].values()]
            )
        store.write_bytes(self.work / "repeats.pickle", pickle.dumps(self._repeats(broken)))

    def _bear(self, name: str, source: Source, broken: list[Line]) -> None:
        done = self.work / "rows-0" / name / WHOLE
        with (self.work / "removed-0" / name / "00000.jsonl").open(encoding="utf-8") as file:
            lost = [*map(json.loads, file), *broken]
        try:
            bearable(source, json.loads(done.read_bytes()), lost, self.max_bad)
        except BadInput:
            done.unlink()  # the source is read anew: what was broken may be mended by then
            raise

    def _repeats(self, broken: Mapping[str, Mapping[int, Line]]) -> dict[str, set[int]]:
        parts = [keys(self.work / "rows-0" / f"{name}.parquet", 0) for name in broken]
        every = np.concatenate([np.empty(0, np.uint64), *parts])
        starts = np.cumsum([0, *map(len, parts)])
        again = np.ones(len(every), bool)
        for start, places in zip(starts[:-1], broken.values(), strict=True):
            again[start + np.fromiter(places, np.int64, len(places))] = False
        fine = np.flatnonzero(again)
        again[fine[np.unique(every[fine], return_index=True)[1]]] = False
        spans = zip(broken, starts[:-1], starts[1:], strict=True)
        found = {name: set(np.flatnonzero(again[start:end]).tolist()) for name, start, end in spans}
        return {name: places for name, places in found.items() if places}


def named(sources: Sequence[Source]) -> list[tuple[str, Source]]:
    """Every source with its folder in each pass."""
    return [(f"{place:03d}-{source.name}", source) for place, source in enumerate(sources)]


def bearable(source: Source, read: Mapping[str, int], lost: Sequence[Line], max_bad: float) -> None:
    """BadInput where the broken rows are more than a share of `max_bad`.

    Where n rows are drawn, those that are none are of the whole release, and broken pictures of the n.
    """
    own = len(lost) - read["bad"]
    if read["bad"] / max(1, read["released"]) + own / max(1, read["rows"]) > max_bad:
        n, first = read["rows"] + read["bad"], lost[0]
        told = f"{source.name}: {len(lost)} of {n} rows are broken, more than build.max_bad ({max_bad:g}) bears"
        raise BadInput([f"{told}; the first is {first['id']}: {first['why']} {first['detail']}".rstrip()])


def _said(bad: Bad, source: Source) -> str:
    """Where a bad row lies, in the set's folder, wherever that is, and why."""
    return f"{bad.where.removeprefix(f'{folder(source.use)}/')}: {bad.why}"


def _whole(rows: Iterator[Example], removed: list[Line]) -> Iterator[Example]:
    """The rows that a file can hold."""
    for row in rows:
        if why := store.problem(row):
            removed.append(gone(ascii(row.id)[1:-1], "read", Drop(f"row {BROKEN}", why)))
            continue
        try:
            yield store.held(row)
        except BadPicture as error:
            removed.append(gone(row.id, "read", Drop(f"image {BROKEN}", unnamed(error.problems[0]))))
