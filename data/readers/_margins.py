"""Text burned into the borders of a picture: found by its look, reported, and painted black if asked for.

A border looks like text where several rows in a run cross many thin bright strokes on an even background. This is a
warning and no proof: large, dark, coloured or faint letters, letters over anatomy and those inside the picture are not
found, and rulers and dotted frames are. Nothing is read.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

from data.readers._picture import Margin, Picture

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

SIDE = 1024  # px; larger pictures are looked at in a smaller copy
BORDER = 0.2  # of the width or height, at each side
STROKE = 9  # px; thinner than this across is a stroke
BRIGHT, CONTRAST = 150, 90  # of 255: a stroke's level, and its height above what surrounds it
STROKES, ROWS = 6, 5  # that many strokes in a row, and that many rows in a run, are a line of text
SHORT = 3  # strokes of the rows that belong to it where a border holds such a line
EVEN = 10.0  # median deviation from its median that the background of text may have


def looked_for(picture: Picture, *, blank: bool) -> Picture:
    """The picture with its margins reported; painted black if `blank`."""
    margins = [Margin(at, *box) for at, image in enumerate(picture.images) for box in boxes(image)]
    if blank:
        for margin in margins:
            picture.images[margin.frame].paste((0, 0, 0), margin[1:])
    report = dataclasses.replace(picture.report, margins=tuple(margins), blanked=bool(blank and margins))
    return dataclasses.replace(picture, report=report)


def boxes(image: Image.Image) -> list[tuple[int, int, int, int]]:
    """Left, top, right, bottom in pixels of what looks like text in the upper, lower, left and right border."""
    import numpy as np

    width, height = image.size
    factor = -(-max(width, height) // SIDE)
    grey = np.asarray(image.convert("L").reduce(factor))
    tall, wide = (max(round(side * BORDER), ROWS) for side in grey.shape)
    h, w = grey.shape
    found = []
    for left, top, right, bottom in (
        (0, 0, w, tall), (0, h - tall, w, h), (0, tall, wide, h - tall), (w - wide, tall, w, h - tall),
    ):  # fmt: skip
        if box := _text(grey[max(top, 0) : bottom, max(left, 0) : right]):
            x0, y0, x1, y1 = box
            corners = ((left + x0) * factor, (top + y0) * factor, (left + x1) * factor, (top + y1) * factor)
            found.append((corners[0], corners[1], min(corners[2], width), min(corners[3], height)))
    return found


def _text(grey: np.ndarray) -> tuple[int, int, int, int] | None:
    """The box around all lines of text within a border."""
    import numpy as np

    if grey.shape[0] < ROWS or grey.shape[1] < 2 * STROKE:
        return None
    strokes = (grey >= BRIGHT) & (grey.astype(np.int16) - _without_strokes(grey) >= CONTRAST)
    starts = (strokes[:, 1:] & ~strokes[:, :-1]).sum(axis=1) + strokes[:, 0]
    if not _runs(starts >= STROKES).any():
        return None
    rows = np.flatnonzero(_runs(starts >= SHORT))
    columns = np.flatnonzero(strokes[rows].any(axis=0))
    left, top, right, bottom = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    behind = grey[rows][:, left:right][~strokes[rows][:, left:right]]
    if behind.size and float(np.median(np.abs(behind - np.median(behind)))) > EVEN:
        return None
    pad = STROKE // 2
    return max(left - pad, 0), max(top - pad, 0), min(right + pad, grey.shape[1]), min(bottom + pad, grey.shape[0])


def _without_strokes(grey: np.ndarray) -> np.ndarray:
    """The greys with bright strokes taken out: each row opened by STROKE pixels."""
    import numpy as np

    half = STROKE // 2
    for extreme in (np.minimum, np.maximum):
        wide = np.pad(grey, ((0, 0), (half, half)), mode="edge")
        grey = functools.reduce(extreme, (wide[:, at : wide.shape[1] - STROKE + 1 + at] for at in range(STROKE)))
    return grey


def _runs(flags: np.ndarray) -> np.ndarray:
    """Only those flags that stand in a run of at least ROWS."""
    import numpy as np

    changes = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    kept = np.zeros_like(flags)
    for start, stop in zip(changes[::2], changes[1::2], strict=True):
        kept[start:stop] = stop - start >= ROWS
    return kept
