"""The passes over a corpus that change its rows: read the sources, clean file by file, decide over all.

Each leaves a folder of files under the same names as the one before, and a file appears when it is whole; so a pass is
cut into tasks as one likes, and what is there already is not made again.

    WORK/rows-0/000-vqa_rad_train/00000.parquet     rows as read, then after each turn (rows-1, ...)
    WORK/repeats.pickle                             which of these have an id that came before
    WORK/removed-1/000-vqa_rad_train/00000.jsonl    what went, with step and reason
    WORK/notes-1/000-vqa_rad_train/00000.pickle     what the next step to decide has noted
    WORK/decided-1.pickle                           the rows that go by its word
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

import data
from data.build import store
from data.build.plan import Source, Turn
from data.clean import Drop, Note, Pictures
from data.example import Example
from data.images import BadPicture, open_images
from data.registry import Bad, setting_aside
from recipes import BadInput

BROKEN = "cannot be read"
WHOLE = "whole"  # the file that says that a source is read to its end


@dataclass(frozen=True)
class Load:
    """Sources into files of `rows_per_file`; a task a source. Rows that are broken are set aside and counted."""

    work: Path
    sources: tuple[Source, ...]
    rows_per_file: int
    max_bad: float

    def __call__(self, _: Any = None, rank: int = 0, world_size: int = 1) -> None:
        for place in range(rank, len(self.sources), world_size):
            self._load(f"{place:03d}-{self.sources[place].name}", self.sources[place])

    def _load(self, name: str, source: Source) -> None:
        done = self.work / "rows-0" / name / WHOLE
        if done.is_file():
            return
        shutil.rmtree(done.parent, ignore_errors=True)  # of a read that did not end, maybe of other files than now
        bad: list[Bad] = []
        with setting_aside(bad):
            rows = source.load()
        removed = [gone(str(one.row), "read", Drop(f"row {BROKEN}", f"{one.where}: {one.why}")) for one in bad]
        for number, start in enumerate(range(0, len(rows), self.rows_per_file)):
            group = list(self._whole(rows[start : start + self.rows_per_file], removed))
            store.write(self.work / "rows-0" / name / f"{number:05d}.parquet", group, embed=False)
        n = len(rows) + len(bad)
        released = max(n, data.describe(source.use).rows.get(source.split, 0)) if source.n else n
        # where n rows are drawn, those that are none are of the whole release, and broken pictures of the n
        if len(bad) / max(1, released) + (len(removed) - len(bad)) / max(1, len(rows)) > self.max_bad:
            first = removed[0]
            raise BadInput(
                [
                    f"{source.name}: {len(removed)} of {n} rows are broken, more than build.max_bad "
                    f"({self.max_bad:g}) bears; the first is {first['id']}: {first['why']} {first['detail']}".rstrip()
                ]
            )
        write_lines(self.work / "removed-0" / name / "00000.jsonl", removed)
        write_bytes(done, b"")

    def _whole(self, rows: list[Example], removed: list[dict[str, str]]) -> Iterator[Example]:
        """The rows that a file can hold and whose pictures can be read."""
        for row in rows:
            if why := store.problem(row):
                removed.append(gone(ascii(row.id)[1:-1], "read", Drop(f"row {BROKEN}", why)))
                continue
            try:
                open_images(row)
            except BadPicture as error:
                removed.append(gone(row.id, "read", Drop(f"image {BROKEN}", error.problems[0])))
                continue
            yield row


@dataclass(frozen=True)
class Repeats:
    """Rows with an id that came before, in an earlier source, are found; one task.

    What steps decide they say by id: of two rows with one id, both would go.
    """

    work: Path

    def __call__(self, _: Any = None, rank: int = 0, world_size: int = 1) -> None:
        if rank or (self.work / "repeats.pickle").is_file():
            return
        names = files(self.work)
        keys = [self._keys(name) for name in names]
        every = np.concatenate([np.empty(0, np.uint64), *keys])
        again = np.ones(len(every), bool)
        again[np.unique(every, return_index=True)[1]] = False
        parts = np.split(again, np.cumsum([len(some) for some in keys]))
        found = {name: set(np.flatnonzero(part).tolist()) for name, part in zip(names, parts, strict=False)}
        write_bytes(self.work / "repeats.pickle", pickle.dumps({name: at for name, at in found.items() if at}))

    def _keys(self, name: str) -> np.ndarray:
        """[rows] uint64."""
        ids = store.ids(self.work / "rows-0" / f"{name}.parquet")
        return np.fromiter((key(0, row) for row in ids), np.uint64, len(ids))


@dataclass(frozen=True)
class Clean:
    """One turn, file by file."""

    work: Path
    turn: Turn

    def __call__(self, _: Any = None, rank: int = 0, world_size: int = 1) -> None:
        for name in files(self.work)[rank::world_size]:
            if not (self.work / f"rows-{self.turn.number + 1}" / f"{name}.parquet").is_file():
                self._clean(name)

    def _clean(self, name: str) -> None:
        after, notes, removed, review = self.turn.number + 1, [], [], []
        kept = list(self._kept(self._rows(name, removed), notes, removed, review))
        write_lines(self.work / f"removed-{after}" / f"{name}.jsonl", removed)
        write_lines(self.work / f"review-{after}" / f"{name}.jsonl", review)
        if self.turn.next:
            write_bytes(self.work / f"notes-{after}" / f"{name}.pickle", pickle.dumps(notes, protocol=5))
        store.write(self.work / f"rows-{after}" / f"{name}.parquet", kept, embed=False)  # last: it says done

    def _rows(self, name: str, removed: list[dict[str, str]]) -> Iterator[Example]:
        again = pickled(self.work / "repeats.pickle").get(name, set()) if self.turn.number == 0 else set()
        for place, row in enumerate(store.read(self.work / f"rows-{self.turn.number}" / f"{name}.parquet")):
            if place in again:
                removed.append(gone(row.id, "read", Drop("its id came before")))
            else:
                yield row

    def _kept(
        self, rows: Iterable[Example], notes: list[Note], removed: list[dict[str, str]], review: list[dict[str, Any]]
    ) -> Iterator[Example]:
        decided = pickled(self.work / f"decided-{self.turn.number}.pickle") if self.turn.number else {}
        for row in rows:
            step, found, seen = self._through(row, decided)
            note = None
            if self.turn.next and not isinstance(found, Drop):
                try:
                    note = self.turn.next.look(found, seen)
                except BadPicture as error:  # a picture that opens but cannot be hashed
                    step, found = self.turn.next_name or "", Drop(f"image {BROKEN}", error.problems[0])
            if isinstance(found, Drop):
                removed.append(gone(row.id, step, found))
                review += [_shown(row, removed[-1])] if found.review else []
                continue
            if note is not None:
                notes.append((found.id, note))
            yield found

    def _through(self, row: Example, decided: Mapping[str, Drop]) -> tuple[str, Example | Drop, Pictures]:
        """(the last step, the row as it leaves it or why it goes, its pictures)."""
        name, seen = "", pictures(row)
        if found := decided.get(row.id):
            return self.turn.names[0], found, seen
        for name, step in zip(self.turn.names, self.turn.steps, strict=True):
            try:
                found = step.clean(row, seen)
            except BadPicture as error:
                found = Drop(f"image {BROKEN}", error.problems[0])
            if isinstance(found, Drop):
                return name, found, seen
            row, seen = found, seen if found.images is row.images else pictures(found)
        return name, row, seen


@dataclass(frozen=True)
class Decide:
    """What a step says over all its notes; one task."""

    work: Path
    turn: Turn

    def __call__(self, _: Any = None, rank: int = 0, world_size: int = 1) -> None:
        path = self.work / f"decided-{self.turn.number + 1}.pickle"
        if rank or self.turn.next is None or path.is_file():
            return
        write_bytes(path, pickle.dumps(dict(self.turn.next.decide(self._notes())), protocol=5))

    def _notes(self) -> Iterator[Note]:
        after = self.turn.number + 1
        for name in files(self.work):
            yield from pickle.loads((self.work / f"notes-{after}" / f"{name}.pickle").read_bytes())


def files(work: Path) -> list[str]:
    """The files of every pass, as SOURCE/NUMBER, in the corpus's order. BadInput where a source is not read yet."""
    folder = work / "rows-0"
    for place in sorted(folder.glob("*/")):
        if not (place / WHOLE).is_file():
            raise BadInput([f"{place} is not read to its end; the same command goes on with it"])
    return sorted(str(path.relative_to(folder).with_suffix("")) for path in folder.glob("*/*.parquet"))


def pictures(row: Example) -> Pictures:
    """Its pictures, decoded when they are first asked for."""
    return cache(lambda: open_images(row))


def pickled(path: Path) -> dict[str, Any]:
    """What a pass of one task has found, kept in memory until another file is asked for. BadInput if it is missing:
    nothing found is a file, too."""
    try:
        return _pickled(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise BadInput([f"{path}: cannot be read: {error.strerror}; delete the folder and build again"]) from error


@lru_cache(maxsize=1)
def _pickled(path: Path, _: int) -> dict[str, Any]:
    return pickle.loads(path.read_bytes())


def gone(row: str, step: str, drop: Drop) -> dict[str, str]:
    """A line of the audit log, of which the folder says the source."""
    return {"id": row, "step": step, "why": drop.why, "detail": drop.detail}


def _shown(row: Example, removed: dict[str, str]) -> dict[str, Any]:
    """A row for whoever reviews it; its pictures are those of the source."""
    options = None if row.options is None else dict(row.options)
    told = {"question": row.question, "options": options, "answer": row.answer, "kind": row.kind}
    return {**removed, **told, "images": len(row.images)}


def source_of(path: Path) -> str:
    """The source whose rows a file of a pass holds."""
    return path.parent.name.partition("-")[2]


def write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with whole(path) as file:
        file.writelines(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def write_bytes(path: Path, content: bytes) -> None:
    with whole(path) as file:
        file.write(content)


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """A file to write to that appears when it is whole. BadInput where it cannot be written."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            yield file
        os.replace(part, path)
    except OSError as error:
        raise BadInput([f"{path}: cannot be written: {error.strerror or error}"]) from error


def key(seed: int, row: str) -> int:
    """Where a row stands in the order of a seed: 64 bits."""
    return int.from_bytes(hashlib.blake2b(f"{seed}/{row}".encode(), digest_size=8).digest())
