"""Rows that show a picture of a benchmark go, also one that was cropped, resized or compressed again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from data import registry
from data.clean import Drop, Pictures, Step
from data.crops import MADE_WITH, Known, kept, known
from data.example import Example
from data.hashing import views
from data.images import content, open_images
from recipes import BadInput, from_root, hint

CACHE = ".cache/pictures"


@dataclass(frozen=True)
class ImageBenchmarks(Step):
    """Rows with a picture of one of these benchmarks go.

    against: names of data sets, whose benchmark split is meant, or files that list pictures, one path a line, from the
    list's folder. What they show is read when the first row with a picture comes, and kept in CACHE: until a file
    changes, by size or time, no other process or build reads it again.
    """

    about: ClassVar[str] = "a picture is of a benchmark"

    against: Sequence[str] = ()

    def __post_init__(self) -> None:
        if isinstance(self.against, str) or not self.against:
            raise ValueError(f"against is {self.against!r}, it must list data sets or files of paths of pictures")
        object.__setattr__(self, "against", tuple(self.against))
        for name in self.against:
            _check(name)

    def benchmarks(self) -> list[str]:
        return [name for name in self.against if name in registry.names()]

    def clean(self, row: Example, pictures: Pictures) -> Example | Drop:
        for image in views(row, pictures):
            if found := _known(tuple(self.against)).find(image):
                return Drop("image of a benchmark", f"{found[0]}, likeness {found[1]:.2f}")
        return row


def _check(name: str) -> None:
    """ValueError for what is neither a benchmark nor a file."""
    sets = registry.names()
    if name not in sets and not from_root(name).is_file():
        raise ValueError(f"against names {name!r}{hint(name, sets)}, which is neither a data set nor a file")
    if name in sets and not registry.describe(name).benchmark:
        raise ValueError(f"against names {name!r}, which has no benchmark split; list its pictures in a file")


@cache
def _known(against: tuple[str, ...]) -> Known:
    """What all of them show, read from the cache where the same files were read before."""
    rows = [row for name in against for row in _rows(name)]
    pictures = ((row.id, image) for row in rows for image in open_images(row))
    mark = _mark(rows)
    return kept(from_root(CACHE) / f"{mark}.npz", lambda: known(pictures)) if mark else known(pictures)


def _rows(name: str) -> list[Example]:
    """What a set or a list shows, each picture with the first row that has it; BadInput where that is nothing."""
    if name in registry.names():
        about = registry.describe(name)
        rows = registry.load(name, about.benchmark or "", **about.asked)
    else:
        rows = list(_listed(from_root(name)))
    found, seen = [], set()
    for row in rows:
        new = {key: picture for picture in row.images if (key := _key(picture)) not in seen}
        seen.update(new)
        found += [replace(row, images=tuple(new.values()))] if new else []
    if not found:
        raise BadInput([f"step image_benchmarks: {name} has no picture; leave it out of `against`"])
    return found


def _key(picture: Any) -> Any:
    """What two rows that show one file have in common; a picture in memory is itself only."""
    kept = content(picture)
    return kept if isinstance(kept, (str, Path, bytes)) else id(picture)


def _mark(rows: list[Example]) -> str:
    """Tells whether rows and their files are the same, by names, sizes and times; empty where a picture is no file."""
    made = hashlib.blake2b(repr(MADE_WITH).encode(), digest_size=16)
    for row in rows:
        for picture in row.images:
            if not isinstance(picture, (str, Path, bytes)):
                return ""
            content = picture if isinstance(picture, bytes) else _stamp(picture)
            made.update(repr((row.id, content)).encode())
    return made.hexdigest()


def _stamp(path: str | Path) -> tuple[str, int, int]:
    """(path, bytes, time of the last change); zeros for a file that is not there, which opening it will tell."""
    try:
        found = Path(path).stat()
    except OSError:
        return str(path), 0, 0
    return str(path), found.st_size, found.st_mtime_ns


def _listed(path: Path) -> Iterator[Example]:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip():
            yield Example(f"{path.name}:{number}", "?", "?", images=(str(path.parent / line.strip()),))


STEP = ImageBenchmarks
