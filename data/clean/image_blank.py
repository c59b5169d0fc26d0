"""Pictures that show nothing go: files that cannot be read, and frames of one shade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from data.clean import Drop, Pictures, Step
from data.example import Example
from recipes import BadInput

if TYPE_CHECKING:
    from PIL import Image

SAME_SHADE = 8  # of 255: sensor noise and compression stay within it


@dataclass(frozen=True)
class ImageBlank(Step):
    """Rows with a broken picture go, and those with one of which too little differs from its commonest shade.

    min_content: the share of pixels whose brightness must be more than 8 of 255 away from the commonest one.
    """

    about: ClassVar[str] = "a picture cannot be read or is blank"

    min_content: float = 0.005

    def __post_init__(self) -> None:
        if not 0 <= self.min_content < 1:
            raise ValueError(f"min_content is {self.min_content}, it must be a share of pixels from 0 to below 1")

    def clean(self, row: Example, pictures: Pictures) -> Example | Drop:
        try:
            shares = [content(image) for image in pictures()]
        except BadInput as error:  # its line names the file, whose name may be a patient's
            return Drop("image cannot be read", _cause(error))
        blank = [share for share in shares if share < self.min_content]
        return Drop("blank image", f"{100 * blank[0]:.2f} % of it differs from its commonest shade") if blank else row


def _cause(error: BaseException) -> str:
    """What was wrong in the first place, by its type."""
    while error.__cause__:
        error = error.__cause__
    return type(error).__name__


def content(image: Image.Image) -> float:
    """The share of a picture's pixels that differ from its commonest brightness by more than 8 of 255."""
    counts = image.convert("L").histogram()
    commonest = counts.index(max(counts))
    same = sum(counts[max(0, commonest - SAME_SHADE) : commonest + SAME_SHADE + 1])
    return 1 - same / sum(counts)


STEP = ImageBlank
