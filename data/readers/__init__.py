"""Reading what hospitals and data sets hold: this folder is listed, a new format is one new file.

    picture = readers.read("ct.dcm", window="lung")
    picture.images, picture.report
    Example(..., images=(readers.lazily("ct.nii.gz", window="three", frames="middle"),))

A format's module holds SUFFIXES, `knows(head) -> bool` (the first bytes of its files), `read(source, wish) -> Picture`
and `size(source, wish) -> (width, height)`, which decodes as little as it can. Only pixels leave a reader: no tag, no
EXIF. What might tell who the patient is, is counted in the report by the tag's name, and never quoted or logged.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from data.readers import _frames, _margins, _windows
from data.readers._frames import Frames
from data.readers._picture import Margin, Picture, Report, Wish
from data.readers._source import Source, reading, refused, source
from data.readers._windows import PRESETS, THREE, Window
from recipes import BadInput, hint

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["AXES", "PRESETS", "THREE", "Margin", "Picture", "Report", "lazily", "names", "read", "size"]

AXES = ("axial", "coronal", "sagittal")
MARGINS = ("report", "blank", "ignore")


def names() -> list[str]:
    """Every format there is."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


def read(
    file: str | Path | bytes,
    *,
    window: Window = None,
    frames: Frames | None = None,
    axis: str = "axial",
    margins: str = "report",
    root: str | Path | None = None,
) -> Picture:
    """The pictures of one file (a path, or the file's bytes) as RGB, and what was found in it.

    window: a name (`PRESETS`, in HU; `three`: three of them as red, green, blue; `file`: the file's own; `auto`: 0.5
    to 99.5 % of the values), (centre, width), or three such pairs. None is `file`, which is `auto` where the file has
    none.
    frames: middle, all, even:K (K of them, evenly spaced), I/K (the Ith of these), a number from 0, a list of numbers.
    None: the first page of a TIFF, the middle frame of DICOM or NIfTI. axis: the slices of a volume.
    margins: whether borders that look like text are reported, painted black, or not looked for.
    root: the folder that the file must lie in, links followed.
    BadInput, one line: for a choice that there is not, and for a file that is missing, empty, broken, too large or
    outside root.
    """
    if margins not in MARGINS:
        raise BadInput(f"margins {margins!r}{hint(margins, MARGINS)} must be one of {', '.join(MARGINS)}")
    wish = _wish(window, frames, axis)
    found = source(file, root)
    with reading(found):
        picture = _format(found).read(found, wish)
    return picture if margins == "ignore" else _margins.looked_for(picture, blank=margins == "blank")


def size(
    file: str | Path | bytes, *, frames: Frames | None = None, axis: str = "axial", root: str | Path | None = None
) -> tuple[int, int]:
    """Width and height in pixels of the pictures that `read` would give, mostly from the header. BadInput as there."""
    wish, found = _wish(None, frames, axis), source(file, root)
    with reading(found):
        return _format(found).size(found, wish)


def lazily(
    file: str | Path,
    *,
    window: Window = None,
    frames: Frames | None = None,
    axis: str = "axial",
    margins: str = "ignore",
    root: str | Path | None = None,
) -> Callable[[], Image.Image]:
    """A picture of an Example that is read when it is opened; the choices are those of `read`, of a single frame.

    Eight slices: `tuple(lazily(path, frames=f"{i}/8") for i in range(1, 9))`. What is returned can be pickled.
    """
    _wish(window, frames, axis)
    return partial(_only, file, window, frames, axis, margins, root)


def _only(
    file: str | Path, window: Window, frames: Frames | None, axis: str, margins: str, root: str | Path | None
) -> Image.Image:
    images = read(file, window=window, frames=frames, axis=axis, margins=margins, root=root).images
    if len(images) != 1:
        raise refused(str(file), f"frames {frames!r} gives {len(images)} pictures", "choose one frame")
    return images[0]


def _wish(window: Window, frames: Frames | None, axis: str) -> Wish:
    if axis not in AXES:
        raise BadInput(f"axis {axis!r}{hint(axis, AXES)} must be one of {', '.join(AXES)}")
    return Wish(_windows.wanted(window), frames if frames is None else _frames.checked(frames), axis)


def _format(source: Source) -> ModuleType:
    """The format by the file's ending, else by its first bytes; else raster, which knows a hundred more."""
    head = source.head()
    if not head:
        raise refused(source.name, "it is empty")
    by_name = (module for module in _formats() if source.ending.endswith(module.SUFFIXES))
    by_content = (module for module in _formats() if module.knows(head))
    return next(by_name, None) or next(by_content, None) or importlib.import_module("data.readers.raster")


@cache
def _formats() -> list[ModuleType]:
    return [importlib.import_module(f"data.readers.{name}") for name in names()]
