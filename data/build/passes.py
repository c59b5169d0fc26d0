"""The passes over a corpus that change its rows: clean file by file, decide over all.

Each leaves a folder of files under the same names as the one before, and a file appears when it is whole; so a pass is
cut into tasks as one likes, and what is there already is not made again. The log of a file is written last: it says
that the pass is done with the file, whose rows of the pass before go then. So no more than two passes lie on the disk.

    WORK/rows-1/000-vqa_rad_train/00000.parquet     rows after the first turn (rows-0: as `reading` left them)
    WORK/review-1/000-vqa_rad_train/00000.jsonl     rows that somebody should look at
    WORK/removed-1/000-vqa_rad_train/00000.jsonl    what went, with step and reason
    WORK/notes-1/000-vqa_rad_train/00000.pickle     what the next step to decide has noted, until it has decided
    WORK/decided-1.pickle                           the rows that go by its word
"""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from data.build import store
from data.build.plan import Turn
from data.clean import Drop, Note, Pictures
from data.example import Example
from data.images import BadPicture, open_images, unnamed
from recipes import BadInput

BROKEN = "cannot be read"
WHOLE = "whole"  # the file that says that a source is read to its end, and into how many files

Line = dict[str, str]  # of the audit log, see `gone`


@dataclass(frozen=True)
class Clean:
    """One turn, file by file."""

    work: Path
    turn: Turn

    def __call__(self, _: Any = None, rank: int = 0, world_size: int = 1) -> None:
        for name in files(self.work)[rank::world_size]:
            if not (self.work / f"removed-{self.turn.number + 1}" / f"{name}.jsonl").is_file():
                self._clean(name)
            self._before(name).unlink(missing_ok=True)

    def _before(self, name: str) -> Path:
        return self.work / f"rows-{self.turn.number}" / f"{name}.parquet"

    def _clean(self, name: str) -> None:
        after, notes, removed, review = self.turn.number + 1, [], [], []
        kept = list(self._kept(self._rows(name, removed), notes, removed, review))
        if self.turn.next:
            store.write_bytes(self.work / f"notes-{after}" / f"{name}.pickle", pickle.dumps(notes, protocol=5))
        store.write(self.work / f"rows-{after}" / f"{name}.parquet", kept, embed=False)
        write_lines(self.work / f"review-{after}" / f"{name}.jsonl", review)
        write_lines(self.work / f"removed-{after}" / f"{name}.jsonl", removed)  # last: it says done

    def _rows(self, name: str, removed: list[Line]) -> Iterator[Example]:
        again, broken = self._unfit(name)
        for place, row in enumerate(store.read(self._before(name))):
            if place in again:
                removed.append(gone(row.id, "read", Drop("its id came before")))
            elif line := broken.get(place):
                removed.append({**line, "detail": unnamed(line["detail"])})
            else:
                yield row

    def _unfit(self, name: str) -> tuple[set[int], dict[int, Line]]:
        """Places of rows that came before, and of those whose pictures are broken; the first turn takes them out."""
        if self.turn.number:
            return set(), {}
        return pickled(self.work / "repeats.pickle").get(name, set()), pickle.loads(
            broken_of(self.work, name).read_bytes()
        )

    def _kept(
        self, rows: Iterable[Example], notes: list[Note], removed: list[Line], review: list[dict[str, Any]]
    ) -> Iterator[Example]:
        decided = pickled(self.work / f"decided-{self.turn.number}.pickle") if self.turn.number else {}
        for row in rows:
            step, found, seen = self._through(row, decided)
            note = None
            if self.turn.next and not isinstance(found, Drop):
                try:
                    note = self.turn.next.look(found, seen)
                except BadPicture as error:  # a picture that opens but cannot be hashed
                    step, found = self.turn.next_name or "", Drop(f"image {BROKEN}", unnamed(error.problems[0]))
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
                found = Drop(f"image {BROKEN}", unnamed(error.problems[0]))
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
        if rank or self.turn.next is None:
            return
        path = self.work / f"decided-{self.turn.number + 1}.pickle"
        if not path.is_file():
            store.write_bytes(path, pickle.dumps(dict(self.turn.next.decide(self._notes())), protocol=5))
        shutil.rmtree(self.work / f"notes-{self.turn.number + 1}", ignore_errors=True)

    def _notes(self) -> Iterator[Note]:
        after = self.turn.number + 1
        for name in files(self.work):
            yield from pickle.loads((self.work / f"notes-{after}" / f"{name}.pickle").read_bytes())


def files(work: Path) -> list[str]:
    """The files of every pass, as SOURCE/NUMBER, in the corpus's order. BadInput where a source is not read yet."""
    found: list[str] = []
    for place in sorted((work / "rows-0").glob("*/")):
        if not (place / WHOLE).is_file():
            raise BadInput([f"{place} is not read to its end; the same command goes on with it"])
        n = json.loads((place / WHOLE).read_bytes())["files"]
        found += [f"{place.name}/{number:05d}" for number in range(n)]
    return found


def broken_of(work: Path, name: str) -> Path:
    """Where it says which rows of a file have pictures that cannot be read."""
    return work / "broken" / f"{name}.pickle"


def pictures(row: Example) -> Pictures:
    """Its pictures, decoded when they are first asked for."""
    return cache(lambda: open_images(row))


def pickled(path: Path) -> Any:
    """What a pass of one task has found, kept in memory until another file is asked for. BadInput if it is missing:
    nothing found is a file, too."""
    try:
        return _pickled(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise BadInput([f"{path}: cannot be read: {error.strerror}; delete the folder and build again"]) from error


@lru_cache(maxsize=1)
def _pickled(path: Path, _: int) -> Any:
    return pickle.loads(path.read_bytes())


def gone(row: str, step: str, drop: Drop) -> Line:
    """A line of the audit log, of which the folder says the source."""
    return {"id": row, "step": step, "why": drop.why, "detail": drop.detail}


def _shown(row: Example, removed: Line) -> dict[str, Any]:
    """A row for whoever reviews it; its pictures are those of the source."""
    options = None if row.options is None else dict(row.options)
    told = {"question": row.question, "options": options, "answer": row.answer, "kind": row.kind}
    return {**removed, **told, "images": len(row.images)}


def source_of(path: Path) -> str:
    """The source whose rows a file of a pass holds."""
    return path.parent.name.partition("-")[2]


def write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with store.whole(path) as file:
        file.writelines(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def keys(path: Path, seed: int) -> np.ndarray:
    """The `key` of each row of a file: [rows] uint64."""
    ids = store.ids(path)
    return np.fromiter((key(seed, row) for row in ids), np.uint64, len(ids))


def key(seed: int, row: str) -> int:
    """Where a row stands in the order of a seed: 64 bits."""
    return int.from_bytes(hashlib.blake2b(f"{seed}/{row}".encode(), digest_size=8).digest())
