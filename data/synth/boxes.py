"""Regions of interest: the smallest rectangles around what a mask marks, drawn on pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from recipes import BadInput

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

MOST_LABELS = 32  # values of a mask; a picture with more is no mask
INK, LINE_SHARE = (255, 40, 40), 0.006  # of the longer side
Box = dict[str, Any]  # {"box": [x1, y1, x2, y2] in px, x2 and y2 just outside, "label": the mask's value}


def boxes_of(mask: np.ndarray, min_px: int = 1) -> list[Box]:
    """A rectangle around each connected region (8 neighbours) of each label of a mask [height, width]; 0 is background.
    Regions of fewer than min_px pixels are noise. Ordered by label, then from the top."""
    import numpy as np

    return [
        {"box": box, "label": int(label)}
        for label in np.unique(mask)
        if label
        for n_px, box in regions(mask == label)
        if n_px >= min_px
    ]


def regions(marked: np.ndarray) -> list[tuple[int, list[int]]]:
    """(pixels, [x1, y1, x2, y2]) of each connected region of a boolean array [height, width], from the top.

    Row by row: a run of marked pixels belongs to the region of every run that it touches in the row before.
    """
    import numpy as np

    edges = np.diff(np.pad(marked.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    found: list[tuple[int, list[int]]] = []
    above: list[list[Any]] = []  # [start, end, region] of the row before
    groups: list[dict[str, Any]] = []
    for y in range(marked.shape[0]):
        row = []
        for x1, x2 in zip(np.flatnonzero(edges[y] == 1), np.flatnonzero(edges[y] == -1), strict=True):
            group: dict[str, Any] = {"n": int(x2 - x1), "box": [int(x1), y, int(x2), y + 1], "in": None}
            groups.append(group)
            for start, end, other in above:
                if start <= x2 and end >= x1:  # touching at a corner counts
                    _join(_root(other), group)
                    group = _root(group)
            row.append([int(x1), int(x2), group])
        above = row
    found = [(group["n"], group["box"]) for group in groups if group["in"] is None]
    return sorted(found, key=lambda one: (one[1][1], one[1][0]))


def _root(group: dict[str, Any]) -> dict[str, Any]:
    while group["in"] is not None:
        group = group["in"]
    return group


def _join(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Put the second region's root into the first."""
    other = _root(other)
    if one is other:
        return
    (a1, b1, a2, b2), (c1, d1, c2, d2) = one["box"], other["box"]
    one["box"], one["n"] = [min(a1, c1), min(b1, d1), max(a2, c2), max(b2, d2)], one["n"] + other["n"]
    other["in"] = one


def drawn(image: Image.Image, boxes: list[Box]) -> Image.Image:
    """A copy with the boxes outlined, just outside what they enclose. BadInput for a box beyond the picture."""
    from PIL import ImageDraw

    copy = image.convert("RGB")
    pen, width = ImageDraw.Draw(copy), max(2, round(LINE_SHARE * max(image.size)))
    for box in boxes:
        x1, y1, x2, y2 = box["box"]
        if not (0 <= x1 < x2 <= image.width and 0 <= y1 < y2 <= image.height):
            raise BadInput(f"box {box['box']} does not lie in its picture of {image.width} x {image.height} px")
        pen.rectangle((x1 - width, y1 - width, x2 - 1 + width, y2 - 1 + width), outline=INK, width=width)
    return copy


def read_mask(path: str | Path, size: tuple[int, int]) -> np.ndarray:
    """A mask file as [height, width], a value a label. BadInput where it is another size or no mask."""
    import numpy as np
    from PIL import Image

    try:
        with Image.open(path) as file:
            mask = np.asarray(file)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadInput(f"mask {path} cannot be read ({error})") from error
    mask = mask.max(axis=2) if mask.ndim == 3 else mask
    if mask.shape[::-1] != size:
        raise BadInput(f"mask {path} is {mask.shape[1]} x {mask.shape[0]} px, its picture {size[0]} x {size[1]} px")
    if (n := len(np.unique(mask))) > MOST_LABELS + 1:
        raise BadInput(f"mask {path} has {n} values; a mask has one for each label, at most {MOST_LABELS}")
    return mask
