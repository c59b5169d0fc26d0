"""Opening the pictures of an Example, whatever they are kept as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.example import Example
from recipes import BadInput

if TYPE_CHECKING:
    from PIL import Image


def open_images(example: Example) -> list[Image.Image]:
    """All pictures as loaded RGB images, in order. BadInput names the row and the file of one that is broken."""
    return [_open(example.id, picture) for picture in example.images]


def _open(row: str, picture: Any) -> Image.Image:
    from PIL import Image

    try:
        image = picture if isinstance(picture, Image.Image) else Image.open(picture)
        return image.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        where = getattr(picture, "filename", "") if isinstance(picture, Image.Image) else picture
        line = f"{row}: image {where or '(in memory)'} cannot be read ({error}); restore the file or leave the row out"
        raise BadInput([line]) from error
