"""The passes over a corpus: read the sources, clean file by file, decide over all, write the shards.

Each leaves a folder of files under the same names as the one before, and a file appears when it is whole; so a pass is
cut into tasks as one likes, and what is there already is not made again.

    WORK/rows-0/000-vqa_rad_train/00000.parquet     rows as read, then after each turn (rows-1, ...)
    WORK/removed-1/000-vqa_rad_train/00000.jsonl    what went, with step and reason
    WORK/notes-1/000-vqa_rad_train/00000.pickle     what the next step to decide has noted
    WORK/decided-1.pickle                           the rows that go by its word
    WORK/scattered/00000.parquet                    the last rows, a row group a shard, on their way to the shards
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from data.build import store
from data.build.plan import Source, Turn
from data.clean import Drop, Note
from data.example import Example
from data.images import open_images
from data.registry import Bad, setting_aside
from recipes import BadInput

BROKEN = "cannot be read"


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
        done = self.work / "rows-0" / name / "whole"
        if done.is_file():
            return
        bad: list[Bad] = []
        with setting_aside(bad):
            rows = source.load()
        removed = [gone(str(one.row), "read", Drop(f"row {BROKEN}", f"{one.where}: {one.why}")) for one in bad]
        n = len(rows) + len(bad)
        for number, start in enumerate(range(0, len(rows), self.rows_per_file)):
            group = list(self._whole(rows[start : start + self.rows_per_file], removed))
            store.write(self.work / "rows-0" / name / f"{number:05d}.parquet", group, embed=False)
        if len(removed) > self.max_bad * n:
            first = removed[0]
            raise BadInput(
                [
                    f"{source.name}: {len(removed)} of {n} rows are broken, more than build.max_bad "
                    f"({self.max_bad:g}) bears; the first is {first['id']}: {first['why']} {first['detail']}".rstrip()
                ]
            )
        write_lines(self.work / "removed-0" / name / "00000.jsonl", removed)
        done.write_text(f"{n}\n")

    def _whole(self, rows: list[Example], removed: list[dict[str, str]]) -> Iterator[Example]:
        """The rows whose pictures can be read."""
        for row in rows:
            try:
                open_images(row)
                yield row
            except BadInput as error:
                removed.append(gone(row.id, "read", Drop(f"image {BROKEN}", error.problems[0])))


@dataclass(frozen=True)
class Clean:
    """One turn, file by file."""

    work: Path
    turn: Turn

    def __call__(self, _: Any = None, rank: int = 0, world_size: int = 1) -> None:
        for name in files(self.work, self.turn.number)[rank::world_size]:
            if not (self.work / f"rows-{self.turn.number + 1}" / f"{name}.parquet").is_file():
                self._clean(name)

    def _clean(self, name: str) -> None:
        after, notes, removed, review = self.turn.number + 1, [], [], []
        rows = store.read(self.work / f"rows-{self.turn.number}" / f"{name}.parquet")
        kept = list(self._kept(rows, notes, removed, review))
        write_lines(self.work / f"removed-{after}" / f"{name}.jsonl", removed)
        write_lines(self.work / f"review-{after}" / f"{name}.jsonl", review)
        if self.turn.next:
            write_bytes(self.work / f"notes-{after}" / f"{name}.pickle", pickle.dumps(notes, protocol=5))
        store.write(self.work / f"rows-{after}" / f"{name}.parquet", kept, embed=False)  # last: it says done

    def _kept(
        self, rows: Iterable[Example], notes: list[Note], removed: list[dict[str, str]], review: list[dict[str, Any]]
    ) -> Iterator[Example]:
        for row in rows:
            step, found = self._through(row)
            note = None
            if self.turn.next and not isinstance(found, Drop):
                try:
                    note = self.turn.next.look(found, pictures(found))
                except BadInput as error:  # a picture that opens but cannot be hashed
                    step, found = self.turn.next_name or "", Drop(f"image {BROKEN}", error.problems[0])
            if isinstance(found, Drop):
                removed.append(gone(row.id, step, found))
                review += [_shown(row, removed[-1])] if found.review else []
                continue
            if note is not None:
                notes.append((found.id, note))
            yield found

    def _through(self, row: Example) -> tuple[str, Example | Drop]:
        """(the last step, the row as it leaves it or why it goes)."""
        name, found = "", decided(self.work, self.turn.number).get(row.id)
        if found:
            return self.turn.names[0], found
        for name, step in zip(self.turn.names, self.turn.steps, strict=True):
            try:
                found = step.clean(row, pictures(row))
            except BadInput as error:
                found = Drop(f"image {BROKEN}", error.problems[0])
            if isinstance(found, Drop):
                return name, found
            row = found
        return name, row


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
        for name in files(self.work, after):
            yield from pickle.loads((self.work / f"notes-{after}" / f"{name}.pickle").read_bytes())


@dataclass(frozen=True)
class Scatter:
    """Each file's rows divided by the shard they will be in: a row group a shard, so that a shard is read at once."""

    work: Path
    last: int
    rows_per_shard: int
    seed: int | None  # of the order; None: the sources'

    def __call__(self, _: Any = None, rank: int = 0, world_size: int = 1) -> None:
        names = files(self.work, self.last)
        counts = [store.count(self.work / f"rows-{self.last}" / f"{name}.parquet") for name in names]
        n_shards = -(-sum(counts) // self.rows_per_shard)
        for place in range(rank, len(names), world_size):
            path = self.work / "scattered" / f"{place:05d}.parquet"
            if not path.with_suffix(".json").is_file():
                rows = store.read(self.work / f"rows-{self.last}" / f"{names[place]}.parquet")
                self._scatter(path, rows, sum(counts[:place]), n_shards)

    def _scatter(self, path: Path, rows: Iterable[Example], start: int, n_shards: int) -> None:
        found: dict[int, list[Example]] = {}
        for place, row in enumerate(rows, start):
            shard = place // self.rows_per_shard if self.seed is None else key(self.seed, row.id) * n_shards >> 64
            found.setdefault(shard, []).append(row)
        groups = sorted(found)
        store.write_groups(path, [found[shard] for shard in groups], embed=False)
        told = {"shards": n_shards, "groups": {str(shard): at for at, shard in enumerate(groups)}}
        write_bytes(path.with_suffix(".json"), json.dumps(told).encode())  # last: it says done


@dataclass(frozen=True)
class Gather:
    """The shards, each put together from the files that hold rows of it and put in order."""

    work: Path
    out: Path
    seed: int | None
    embed: bool

    def __call__(self, _: Any = None, rank: int = 0, world_size: int = 1) -> None:
        paths = sorted((self.work / "scattered").glob("*.parquet"))
        told = [json.loads(path.with_suffix(".json").read_text()) for path in paths]
        n_shards = told[0]["shards"] if told else 0
        for shard in range(rank, n_shards, world_size):
            path = self.out / f"part-{shard:05d}-of-{n_shards:05d}.parquet"
            if path.is_file():
                continue
            groups = [one["groups"].get(str(shard)) for one in told]
            parts = [(part, group) for part, group in zip(paths, groups, strict=True) if group is not None]
            rows = [row for part, group in parts for row in store.read_group(part, group)]
            if self.seed is not None:
                rows.sort(key=lambda row: key(self.seed or 0, row.id))
            store.write(path, rows, embed=self.embed)


def files(work: Path, turn: int) -> list[str]:
    """The files of a pass, as SOURCE/NUMBER, in the corpus's order."""
    folder = work / f"rows-{turn}"
    return sorted(str(path.relative_to(folder).with_suffix("")) for path in folder.glob("*/*.parquet"))


def pictures(row: Example) -> Any:
    """Its pictures, decoded when they are first asked for."""
    return cache(lambda: open_images(row))


@cache
def decided(work: Path, turn: int) -> dict[str, Drop]:
    """What was decided after the turn before."""
    path = work / f"decided-{turn}.pickle"
    return pickle.loads(path.read_bytes()) if path.is_file() else {}


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
    write_bytes(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode())


def write_bytes(path: Path, content: bytes) -> None:
    """The file appears when it is whole."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        os.replace(part, path)
    except OSError as error:
        raise BadInput([f"{path}: cannot be written: {error.strerror or error}"]) from error


def key(seed: int, row: str) -> int:
    """Where a row stands in the order of a seed: 64 bits."""
    return int.from_bytes(hashlib.blake2b(f"{seed}/{row}".encode(), digest_size=8).digest())
