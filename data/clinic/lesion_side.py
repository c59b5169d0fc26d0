"""On which side of the patient is the lesion? The marker letter drawn on the film decides, not the side of the picture.

A film carries a marker L or R for the patient's side: ACR-SPR-STR practice parameter for chest radiography (2022);
misread or missing markers are a known cause of wrong-side errors. Phantoms, no patient's picture.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from data.clinic._item import Case, Item
from data.clinic._phantom import LESION, Canvas

if TYPE_CHECKING:
    from PIL import Image

NAME = "lesion_side"
KINDS = ("option", "yesno", "text")
ABOUT = "the patient's side of a lesion, by the side marker"
IMAGE = True
CLASSES = ("left", "right")
OTHER = {"left": "right", "right": "left"}


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """One limb and its marker (1); a chest whose marker stands in its usual place (2) or on either side (3)."""
    side = rng.choice(CLASSES)
    if difficulty == 1:
        return _limb(rng, kind, side)
    # the patient faces the reader: his right side is on the picture's left
    flipped = difficulty == 3 and rng.random() < 0.5
    shown = side if flipped else OTHER[side]
    x, y, radius = rng.randint(13, 20), rng.randint(24, 38), rng.randint(3, 5)
    x = x if shown == "left" else 56 - x
    key = f"{NAME} {side} {flipped} {x},{y},{radius}"
    same = "where" if shown == ("right" if flipped else "left") else "opposite to where"
    steps = f"the lesion is on the {shown} of the image, {same} the marker R stands"

    def draw(noise: random.Random, size: int) -> Image.Image:
        canvas = Canvas(size)
        canvas.body(0.45)
        for lung in (18, 38):
            canvas.ellipse(lung, 30, 8, 14, 0.15)
        canvas.ellipse(x, y, radius, radius, LESION)
        canvas.letter("R", 46 if flipped else 2, 2)
        return canvas.finish(noise)

    stem = "On which side of the patient is the lesion? The marker is at the patient's right."
    return Case(rng, kind, stem, steps, key).classed("side", CLASSES, side).with_picture(draw)


def _limb(rng: random.Random, kind: str, side: str) -> Item:
    """A leg with one lesion; the marker alone tells which leg."""
    x, y, radius = rng.randint(25, 31), rng.randint(20, 46), rng.randint(3, 5)
    marker_x, marker_y = rng.choice((2, 42)), rng.randint(2, 34)
    letter = "L" if side == "left" else "R"
    key = f"{NAME} {letter} {marker_x} {marker_y} {x},{y},{radius}"

    def draw(noise: random.Random, size: int) -> Image.Image:
        canvas = Canvas(size)
        canvas.ellipse(28, 28, 11, 40, 0.30)
        canvas.ellipse(x, y, radius, radius, LESION)
        canvas.letter(letter, marker_x, marker_y, 2.4)
        return canvas.finish(noise)

    steps = f"the marker is {letter}"
    case = Case(rng, kind, "The marker names the leg.", steps, key)
    return case.classed("side", CLASSES, side).with_picture(draw)
