"""Opening the pictures of an Example, whatever they are kept as."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.example import Example
from recipes import BadInput

if TYPE_CHECKING:
    from PIL import Image


def open_images(example: Example) -> list[Image.Image]:
    """All pictures as loaded RGB images, in order. BadInput names the row and the file of one that is broken."""
    return [_open(example.id, picture) for picture in example.images]


def image_sizes(example: Example) -> list[tuple[int, int]]:
    """Width and height of each picture in pixels, in order; of a file only the header is read."""
    return [_size(example.id, picture) for picture in example.images]


def _open(row: str, picture: Any) -> Image.Image:
    from PIL import Image

    with _named(row, picture):
        picture = picture() if callable(picture) else picture
        image = picture if isinstance(picture, Image.Image) else Image.open(_file(picture))
        return image.convert("RGB")


def _size(row: str, picture: Any) -> tuple[int, int]:
    from PIL import Image

    with _named(row, picture):
        picture = picture() if callable(picture) else picture
        if isinstance(picture, Image.Image):
            return picture.size
        with Image.open(_file(picture)) as image:
            return image.size


def _file(picture: Any) -> Any:
    """A path as it is, bytes (as Parquet files hold them) as a file."""
    return io.BytesIO(picture) if isinstance(picture, bytes) else picture


@contextmanager
def _named(row: str, picture: Any) -> Iterator[None]:
    """What PIL says of a broken picture becomes a BadInput with its row and file."""
    from PIL import Image

    try:
        yield
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        where = picture if isinstance(picture, (str, Path)) else getattr(picture, "filename", "")
        line = f"{row}: image {where or '(in memory)'} cannot be read ({error}); restore the file or leave the row out"
        raise BadInput([line]) from error
