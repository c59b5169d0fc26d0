"""Opening the pictures of an Example, whatever they are kept as. Files are read by data/readers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data import readers
from data.example import Example
from data.readers import raster
from recipes import BadInput

if TYPE_CHECKING:
    from PIL import Image

NAMED = re.compile(r"image (.+?) cannot be read")


class BadPicture(BadInput):
    """A row's picture that cannot be read. Whoever sets such rows aside catches no other bad input with them."""


def open_images(example: Example) -> list[Image.Image]:
    """All pictures as loaded RGB images, in order. BadPicture names the row and the file of one that is broken.

    Of a file with several pages or slices one is shown; `readers.lazily` chooses which, and by which window.
    """
    return [_open(example.id, picture) for picture in example.images]


def content(picture: Any) -> Any:
    """A path, or the bytes of a file, also where a function gives them; else what it is kept as."""
    given = picture() if callable(picture) else picture
    return given if isinstance(given, (str, Path, bytes)) else picture


def unnamed(told: str) -> str:
    """What a BadPicture tells, without the file: a path may name a patient, and is another on each machine."""
    found = NAMED.search(told)
    return NAMED.sub("image cannot be read", told).replace(found[1], "the file") if found else told


def image_sizes(example: Example) -> list[tuple[int, int]]:
    """Width and height of each picture in pixels, in order; of a file only the header is read."""
    return [_size(example.id, picture) for picture in example.images]


def _open(row: str, picture: Any) -> Image.Image:
    from PIL import Image

    with _named(row, picture):
        picture = picture() if callable(picture) else picture
        if isinstance(picture, Image.Image):
            return raster.shown(picture)[0]
        return readers.read(picture, margins="ignore").images[0]


def _size(row: str, picture: Any) -> tuple[int, int]:
    from PIL import Image

    with _named(row, picture):
        picture = picture() if callable(picture) else picture
        return raster.extent(picture) if isinstance(picture, Image.Image) else readers.size(picture)


@contextmanager
def _named(row: str, picture: Any) -> Iterator[None]:
    """What is said of a broken picture becomes a BadPicture with its row, and its file where there is one.

    A source's own function, or a decoder given a broken file, may raise anything: only the words of OSError are passed
    on, since those of the others may quote the file.
    """
    try:
        yield
    except BadInput as error:
        raise BadPicture([f"{row}: {problem}" for problem in error.problems]) from error
    except Exception as error:
        where = picture if isinstance(picture, (str, Path)) else getattr(picture, "filename", "")
        why = str(error) if isinstance(error, OSError) else type(error).__name__
        line = f"{row}: image {where or '(in memory)'} cannot be read ({why}); restore the file or leave the row out"
        raise BadPicture([line]) from error
