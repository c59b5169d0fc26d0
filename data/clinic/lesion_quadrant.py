"""In which quadrant of the picture is the lesion?

Places are told by quadrant in breast imaging and elsewhere: ACR BI-RADS Atlas, 5th ed. (2013). Upper, lower, left and
right here are those of the picture. Phantoms, no patient's picture.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from data.clinic._item import Case, Item
from data.clinic._phantom import LESION, Canvas

if TYPE_CHECKING:
    from PIL import Image

NAME = "lesion_quadrant"
KINDS = ("option", "yesno", "text")
ABOUT = "the quadrant of the picture a lesion lies in"
IMAGE = True
CLASSES = ("upper left", "upper right", "lower left", "lower right")


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """Far from the axes (1), nearer to them (2), and among faint shadows (3)."""
    clear = {1: 8, 2: 5, 3: 4}[difficulty]
    across, down, radius = rng.randint(clear, 12), rng.randint(clear, 12), rng.randint(3, 5) if difficulty < 3 else 3
    place = rng.choice(CLASSES)
    x = 28 + (across if "right" in place else -across)
    y = 28 + (down if "lower" in place else -down)
    shadows = [(rng.randint(14, 42), rng.randint(14, 42)) for _ in range(3)] if difficulty == 3 else []
    vertical, side = place.split()
    steps = f"the lesion is {'above' if vertical == 'upper' else 'below'} the middle and {side} of it"
    key = f"{NAME} {x},{y},{radius} {' '.join(f'{a},{b}' for a, b in sorted(shadows))}".strip()

    def draw(noise: random.Random, size: int) -> Image.Image:
        canvas = Canvas(size)
        canvas.body()
        for a, b in shadows:
            canvas.ellipse(a, b, 4, 4, 0.5, 0.6)
        canvas.ellipse(x, y, radius, radius, LESION)
        return canvas.finish(noise)

    return Case(rng, kind, "Find the lesion.", steps, key).classed("quadrant", CLASSES, place).with_picture(draw)
