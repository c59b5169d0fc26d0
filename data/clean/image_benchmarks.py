"""Rows that show a picture of a benchmark go, also one that was cropped, resized or compressed again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from data import registry
from data.clean import Drop, Pictures, Step
from data.crops import Known, known
from data.example import Example
from data.hashing import views
from data.images import content, open_images
from recipes import BadInput, from_root, hint

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True)
class ImageBenchmarks(Step):
    """Rows with a picture of one of these benchmarks go.

    against: names of data sets, whose benchmark split is meant, or files that list pictures, one path a line, from the
    list's folder. What they show is read once a process, when the first row with a picture comes.
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
    return known(picture for name in against for picture in _pictures(name))


def _pictures(name: str) -> Iterator[tuple[str, Image.Image]]:
    """What a set or a list shows; BadInput where that is nothing."""
    found = False
    for picture in _of_set(name) if name in registry.names() else _of_list(from_root(name)):
        found = True
        yield picture
    if not found:
        raise BadInput([f"step image_benchmarks: {name} has no picture; leave it out of `against`"])


def _of_set(name: str) -> Iterator[tuple[str, Image.Image]]:
    """Each picture of the benchmark split once, named after the first row that shows it."""
    about, seen = registry.describe(name), set()
    for row in registry.load(name, about.benchmark or "", **about.asked):
        new = {key: picture for picture in row.images if (key := _key(picture)) not in seen}
        seen.update(new)
        yield from ((row.id, image) for image in open_images(replace(row, images=tuple(new.values()))))


def _key(picture: Any) -> Any:
    """What two rows that show one file have in common; a picture in memory is itself only."""
    kept = content(picture)
    return kept if isinstance(kept, (str, Path, bytes)) else id(picture)


def _of_list(path: Path) -> Iterator[tuple[str, Image.Image]]:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip():
            row = Example(f"{path.name}:{number}", "?", "?", images=(str(path.parent / line.strip()),))
            yield from ((row.id, image) for image in open_images(row))


STEP = ImageBenchmarks
