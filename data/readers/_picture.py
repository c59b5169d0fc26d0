"""What leaves a reader: pictures that are pixels and nothing else, and a report that quotes nothing of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from data.readers._frames import Frames
from data.readers._windows import Wanted

if TYPE_CHECKING:
    from PIL import Image


class Margin(NamedTuple):
    """A stretch of a picture's border that looks like burned-in text. frame: which of `images`; box in pixels."""

    frame: int
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class Report:
    """What was in the file, and what was done.

    Attributes:
        format: raster, dicom or nifti.
        frames: the numbers of those read, from 0. total: how many the file has.
        window: what was applied, in words; empty where none was.
        identifiers: names of the tags that may identify somebody -> how many hold something; never what they hold.
        burned_in: whether the file itself says that text is burned into the pixels; None where it does not say.
        margins: where the borders look like text. blanked: whether these were painted black.
        notes: what else a reader of this picture should know.
    """

    format: str
    frames: tuple[int, ...]
    total: int
    window: str = ""
    identifiers: Mapping[str, int] = field(default_factory=dict)
    burned_in: bool | None = None
    margins: tuple[Margin, ...] = ()
    blanked: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """One file as read. images: RGB, one a frame, without tags or EXIF."""

    images: list[Image.Image]
    report: Report


@dataclass(frozen=True)
class Wish:
    """What is asked of a reader. frames None: the format's own choice; axis: of a volume."""

    window: Wanted
    frames: Frames | None
    axis: str
