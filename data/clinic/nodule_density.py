"""Is the lung nodule solid, part-solid or of ground glass?

Terms: Fleischner Society glossary, Hansell DM et al., Radiology 246:697 (2008): ground glass does not hide what lies
beneath, a part-solid nodule has a solid core in it. Phantoms, no patient's picture.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from data.clinic._item import Case, Item
from data.clinic._phantom import LESION, Canvas

if TYPE_CHECKING:
    from PIL import Image

NAME = "nodule_density"
KINDS = ("option", "yesno", "text")
ABOUT = "the density of a lung nodule"
IMAGE = True
CLASSES = ("ground glass", "part solid", "solid")
SEEN = {
    "ground glass": "the nodule is grey",
    "part solid": "the nodule is grey with a white core",
    "solid": "the nodule is white",
}


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """A wide nodule in a clear lung (1), a smaller one (2), among vessels (3)."""
    density = rng.choice(CLASSES)
    radius = rng.randint(*{1: (9, 12), 2: (6, 9), 3: (5, 8)}[difficulty])
    x, y = rng.randint(20, 36), rng.randint(20, 36)
    vessels = [
        (rng.randint(6, 40), rng.randint(12, 44), rng.randint(5, 12)) for _ in range(5 if difficulty == 3 else 0)
    ]
    key = f"{NAME} {density} {x},{y},{radius} {' '.join(f'{a},{b},{c}' for a, b, c in sorted(vessels))}".strip()

    def draw(noise: random.Random, size: int) -> Image.Image:
        canvas = Canvas(size)
        canvas.body(0.12)
        for left, height, length in vessels:
            canvas.bar(left, height, length, 1.5, 0.5)
        if density != "solid":
            canvas.ellipse(x, y, radius, radius, 0.5, 0.8)
        if density != "ground glass":
            core = radius if density == "solid" else 0.55 * radius
            canvas.ellipse(x, y, core, core, LESION)
        return canvas.finish(noise)

    return Case(rng, kind, "A lung nodule.", SEEN[density], key).classed("nodule", CLASSES, density).with_picture(draw)
