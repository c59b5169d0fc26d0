"""Text as a picture, as a page of an exam shows it."""

from __future__ import annotations

import random
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recipes import BadInput

if TYPE_CHECKING:
    from PIL import Image

MARGIN_PX, WIDTHS_PX, SIZES_PX = 24, (560, 720, 880), (18, 22, 26)
PAPERS = ((255, 255, 255), (250, 248, 240), (240, 243, 248))
INK = (20, 20, 24)


def render(text: str, draw_from: random.Random, font: str = "") -> Image.Image:
    """A picture of the text, its width, letter size and paper drawn at random. font: a file; '' for DejaVu Sans, which
    matplotlib brings: Latin, Greek and Cyrillic letters and the signs of mathematics."""
    from PIL import Image, ImageDraw

    width, paper = draw_from.choice(WIDTHS_PX), draw_from.choice(PAPERS)
    face = load_font(font, draw_from.choice(SIZES_PX))
    lines = [line for paragraph in text.splitlines() for line in wrapped(paragraph, face, width - 2 * MARGIN_PX)]
    step = round(face.size * 1.4)
    image = Image.new("RGB", (width, 2 * MARGIN_PX + step * len(lines)), paper)
    pen = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        pen.text((MARGIN_PX, MARGIN_PX + number * step), line, INK, face)
    return image


def lacking(text: str, font: str = "") -> str:
    """The characters of a text that a font has no shape for, each once."""
    face = load_font(font, SIZES_PX[0])
    none = _shape(face, "\U0010ffff")
    return "".join(c for c in dict.fromkeys(text) if not c.isspace() and _shape(face, c) == none)


@cache
def load_font(font: str, size: int) -> Any:
    """BadInput for a file that is no font."""
    from PIL import ImageFont

    try:
        return ImageFont.truetype(str(Path(font).expanduser() if font else _dejavu()), size)
    except OSError as error:
        raise BadInput(f"font {font}: cannot be read ({error}); name a TrueType or OpenType file") from error


def _dejavu() -> Path:
    spec = find_spec("matplotlib")  # its folder is found without importing it, which takes half a second
    if spec is None or spec.origin is None:
        raise BadInput("no font: install matplotlib, which brings DejaVu Sans, or name a file by font=FILE")
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"


def wrapped(paragraph: str, face: Any, width: int) -> list[str]:
    """Its lines of at most `width` px, broken at spaces; a word that is longer, or of a script without spaces, is
    broken where it must be."""
    lines, line = [], ""
    for word in paragraph.split(" "):
        longer = f"{line} {word}" if line else word
        while face.getlength(longer) > width and longer:
            if line:
                lines.append(line)
                longer, line = word, ""
                continue
            fits = max(1, next(i for i in range(len(longer), -1, -1) if face.getlength(longer[:i]) <= width))
            lines.append(longer[:fits])
            longer = longer[fits:]
        line = longer
    return [*lines, line]


def _shape(face: Any, character: str) -> tuple[Any, bytes]:
    mask = face.getmask(character)
    return mask.size, bytes(mask)
