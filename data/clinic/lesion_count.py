"""How many bright lesions does the slice show?

Counting metastases decides treatment: one to three (by some guidelines four) brain metastases are "limited" disease;
Vogelbaum MA et al., ASCO-SNO-ASTRO guideline, J Clin Oncol 40:492 (2022). Phantoms, no patient's picture.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from data.clinic._item import Case, Item, Measure
from data.clinic._phantom import BODY, LESION, Canvas, scatter, spell

if TYPE_CHECKING:
    from PIL import Image

NAME = "lesion_count"
KINDS = ("option", "numeric", "yesno")
ABOUT = "how many bright lesions a slice shows"
IMAGE = True

WORDS = ("no lesion", "1 lesion", *(f"{n} lesions" for n in range(2, 7)))
COUNTS = {1: (1, 2, 3), 2: (1, 2, 3, 4, 5), 3: (0, 1, 2, 3, 4, 5, 6)}
BODIES = ((27, 29), (27, 29), (23, 26), (23, 26))  # ranges of the middle's x and y, of both half axes
RADII = {1: (5,), 2: (3, 4, 5), 3: (2, 3, 4)}


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """1 to 3 equal discs (1), 1 to 5 of several sizes (2), 0 to 6 small ones, fainter (3)."""
    count = rng.choice(COUNTS[difficulty])
    discs = scatter(rng, [rng.choice(RADII[difficulty]) for _ in range(count)])
    # the body's own place and shape tell pictures without any lesion apart
    x0, y0, rx, ry = (rng.randint(*ends) for ends in BODIES) if difficulty == 3 else (28, 28, 26, 24)
    key = f"{NAME} {count} {spell(discs)} {f'body {x0},{y0},{rx},{ry}' if difficulty == 3 else ''}".strip()
    steps = f"the image shows {WORDS[count]}"
    level = {1: LESION, 2: 0.8, 3: 0.6}[difficulty]

    def draw(noise: random.Random, size: int) -> Image.Image:
        canvas = Canvas(size)
        canvas.ellipse(x0, y0, rx, ry, BODY)
        for x, y, radius in discs:
            canvas.ellipse(x, y, radius, radius, level)
        return canvas.finish(noise)

    case = Case(rng, kind, "Count the lesions.", steps, key)
    if kind == "numeric":
        return case.number(Measure("number", str(count), "", 1)).with_picture(draw)
    return case.classed("number", [str(n) for n in COUNTS[difficulty]], str(count)).with_picture(draw)
