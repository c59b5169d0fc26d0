"""How wide is the nodule, in mm, by the scale bar; and is it small, medium or large?

Classes of a solid lung nodule, below 6 mm, 6 to 8 mm, above 8 mm: Fleischner Society, MacMahon H et al.,
Radiology 284:228 (2017). Phantoms, no patient's picture.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from data.clinic._item import Case, Item, Measure
from data.clinic._phantom import LESION, Canvas
from data.clinic._words import plain

if TYPE_CHECKING:
    from PIL import Image

NAME = "lesion_size_mm"
KINDS = ("option", "numeric", "yesno")
ABOUT = "width of a nodule in mm, calibrated by a scale bar"
IMAGE = True
CLASSES = ("small", "medium", "large")

# widths in mm by class; at difficulty 1 well apart
EASY = {"small": (3, 4), "medium": (7,), "large": (11, 12)}
ALL = {"small": (3, 4, 5), "medium": (6, 7, 8), "large": (9, 10, 11, 12)}
BAR_MM = 10


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """Two grid units a mm always and widths well apart (1), all widths (2), and a scale that differs by picture (3)."""
    size_class = rng.choice(CLASSES)
    width = rng.choice((EASY if difficulty == 1 else ALL)[size_class])
    per_mm = 2.0 if difficulty < 3 else rng.choice((1.5, 2.0, 2.5))  # grid units in a mm
    reach = round(20 - per_mm * width / 2)
    x, y = 28 + rng.randint(-reach, reach), 24 + rng.randint(-reach // 2, reach // 2)
    key = f"{NAME} {width} {per_mm} {x} {y}"
    steps = f"the lesion is {width} mm wide"
    if difficulty == 3:
        part = plain(width / BAR_MM)
        steps = f"the lesion is {part} of the bar, {part} times {BAR_MM} is {width}, {steps}"

    def draw(noise: random.Random, size: int) -> Image.Image:
        canvas = Canvas(size)
        canvas.body()
        canvas.ellipse(x, y, per_mm * width / 2, per_mm * width / 2, LESION)
        canvas.bar(28 - per_mm * BAR_MM / 2, 53.5, per_mm * BAR_MM)
        return canvas.finish(noise)

    stem = f"The bar is {BAR_MM} mm."
    if kind == "numeric":
        case = Case(rng, kind, stem, steps, key)
        return case.number(Measure("width of the lesion", str(width), "mm", 1)).with_picture(draw)
    case = Case(rng, kind, stem, f"{steps}, {_against(width)}", key)
    return case.classed("size", CLASSES, size_class).with_picture(draw)


def _against(width: int) -> str:
    """`above 8 mm`: the width beside Fleischner's limits."""
    return "below 6 mm" if width < 6 else "above 8 mm" if width > 8 else "6 to 8 mm"
