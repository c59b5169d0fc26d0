"""Drawing phantoms: a grey body on black with discs in it, in numpy, soft-edged and noisy like a film.

Places and lengths are in units of a 56 x 56 grid and scale with the picture. numpy and PIL are imported when drawing.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

GRID = 56
BODY, LESION, INK = 0.30, 0.90, 1.0

# 5 x 7 letters for the side marker, a row a string
GLYPHS = {
    "L": ("#....", "#....", "#....", "#....", "#....", "#....", "#####"),
    "R": ("####.", "#...#", "#...#", "####.", "#.#..", "#..#.", "#...#"),
}


class Canvas:
    """A grey picture, float array [size, size] in [0, 1]; x to the right, y downwards, both on the 56 grid."""

    def __init__(self, size: int) -> None:
        import numpy as np

        self.size = size
        axis = (np.arange(size) + 0.5) * GRID / size
        self.x, self.y = np.meshgrid(axis, axis)
        self.grey: Any = np.full((size, size), 0.04)

    def ellipse(self, x: float, y: float, rx: float, ry: float, level: float, strength: float = 1.0) -> None:
        """A filled ellipse of a grey level, its edge one grid unit soft; strength < 1 lets the ground shine through."""
        import numpy as np

        distance = np.sqrt(((self.x - x) / rx) ** 2 + ((self.y - y) / ry) ** 2)
        cover = strength * np.clip((1 - distance) * min(rx, ry) + 0.5, 0, 1)
        self.grey = self.grey * (1 - cover) + level * cover

    def body(self, level: float = BODY) -> None:
        """The trunk's outline, nearly as large as the picture."""
        self.ellipse(GRID / 2, GRID / 2, 26, 24, level)

    def bar(self, x: float, y: float, length: float, thick: float = 2.0, level: float = INK) -> None:
        """A horizontal bar starting at x, its middle at y."""
        inside = (self.x >= x) & (self.x <= x + length) & (abs(self.y - y) <= thick / 2)
        self.grey[inside] = level

    def letter(self, name: str, x: float, y: float, dot: float = 1.5) -> None:
        """A marker letter, top left corner at (x, y), each of its 5 x 7 dots `dot` grid units wide."""
        for row, line in enumerate(GLYPHS[name]):
            for column, mark in enumerate(line):
                if mark == "#":
                    self.bar(x + column * dot, y + (row + 0.5) * dot, dot, dot)

    def finish(self, rng: random.Random, noise: float = 0.03) -> Image.Image:
        """The picture with Gaussian noise, as RGB."""
        import numpy as np
        from PIL import Image

        grain = np.random.default_rng(rng.getrandbits(64)).normal(0.0, noise, self.grey.shape)
        pixels = np.clip((self.grey + grain) * 255, 0, 255).astype(np.uint8)
        return Image.fromarray(pixels).convert("RGB")


def scatter(rng: random.Random, radii: list[int], gap: int = 3) -> list[tuple[int, int, int]]:
    """Discs (x, y, radius) inside the body that do not touch each other."""
    while True:
        placed: list[tuple[int, int, int]] = []
        for radius in radii:
            spot = _spot(rng, radius, placed, gap)
            if spot is None:
                break  # the ones before it leave too little room: start again
            placed.append(spot)
        else:
            return placed


def _spot(rng: random.Random, radius: int, others: list[tuple[int, int, int]], gap: int) -> tuple[int, int, int] | None:
    """A free place for one more disc; None if twenty tries find none."""
    reach = 22 - radius
    for _ in range(20):
        x, y = rng.randint(-reach, reach), rng.randint(-reach, reach)
        apart = all((28 + x - a) ** 2 + (28 + y - b) ** 2 >= (radius + c + gap) ** 2 for a, b, c in others)
        if apart and x * x + y * y <= reach * reach:
            return 28 + x, 28 + y, radius
    return None


def spell(discs: list[tuple[int, int, int]]) -> str:
    """Places and radii for a key, in an order of their own."""
    return " ".join(f"{x},{y},{r}" for x, y, r in sorted(discs))
