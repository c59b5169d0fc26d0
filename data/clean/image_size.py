"""Small pictures go: below 64 px they show nothing to learn from (Lingshu, section 2.1.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from data.clean import Drop, Pictures, Step
from data.example import Example
from data.images import image_sizes

SIDES = ("shorter", "longer")


@dataclass(frozen=True)
class ImageSize(Step):
    """Rows with a picture whose side is below `min_px` go.

    side: which one counts. The paper does not say; by the shorter one a strip of 2,000 x 10 px goes too.
    """

    about: ClassVar[str] = "a picture is smaller than min_px"

    min_px: int = 64
    side: str = "shorter"

    def __post_init__(self) -> None:
        if self.min_px < 1:
            raise ValueError(f"min_px is {self.min_px}, it must be at least 1")
        if self.side not in SIDES:
            raise ValueError(f"side is {self.side!r}, it must be {' or '.join(SIDES)}")

    def clean(self, row: Example, pictures: Pictures) -> Example | Drop:
        measure = min if self.side == "shorter" else max
        for width, height in image_sizes(row):
            if measure(width, height) < self.min_px:
                return Drop(f"image below {self.min_px} px", f"{width} x {height} px")
        return row


STEP = ImageSize
