"""Which of two lesions is larger?

Target lesions are followed by their longest diameter: RECIST 1.1, Eisenhauer EA et al., Eur J Cancer 45:228 (2009).
Left and right are those of the picture. Phantoms, no patient's picture.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from data.clinic._item import Case, Item
from data.clinic._phantom import LESION, Canvas

if TYPE_CHECKING:
    from PIL import Image

NAME = "larger_lesion"
KINDS = ("option", "yesno", "text")
ABOUT = "which of two lesions is larger"
IMAGE = True
CLASSES = ("left", "right")
SIZES = {1: ((2, 3), (7, 8)), 2: ((3, 4), (6, 7)), 3: ((4, 5), (6, 7))}  # radii of the smaller and the larger


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """Very unlike (1), unlike (2), alike, and each of its own brightness (3)."""
    small, large = (rng.choice(radii) for radii in SIZES[difficulty])
    larger = rng.choice(CLASSES)
    radii = (large, small) if larger == "left" else (small, large)
    discs = [(x + rng.randint(-2, 2), rng.randint(20, 36), radius) for x, radius in zip((16, 40), radii, strict=True)]
    levels = [rng.choice((0.6, 0.75, 0.9)) if difficulty == 3 else LESION for _ in discs]
    key = f"{NAME} {' '.join(f'{x},{y},{r},{level}' for (x, y, r), level in zip(discs, levels, strict=True))}"
    steps = f"the left lesion is {2 * radii[0]} wide, the right {2 * radii[1]}"

    def draw(noise: random.Random, size: int) -> Image.Image:
        canvas = Canvas(size)
        canvas.body()
        for (x, y, radius), level in zip(discs, levels, strict=True):
            canvas.ellipse(x, y, radius, radius, level)
        return canvas.finish(noise)

    return Case(rng, kind, "Two lesions.", steps, key).classed("larger lesion", CLASSES, larger).with_picture(draw)
