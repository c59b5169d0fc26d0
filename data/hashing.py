"""Perceptual hashes of pictures, and the search for near ones among millions.

The hash is the 64-bit DCT hash of imagededup's PHash, bit for bit on the same pixels: 32 x 32 by Lanczos, grey, DCT-II,
the 8 x 8 lowest frequencies, a 1 where a coefficient reaches the median of all but the first. (imagehash.phash goes
grey before it shrinks and counts the first coefficient in; its bits differ.) Two pictures are as alike as few bits
differ: the Hamming distance.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from itertools import combinations, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.example import Example
from data.images import content

if TYPE_CHECKING:
    from PIL import Image

    from data.clean import Pictures

SIDE, LOW = 32, 8  # pixels a side that are transformed; frequencies a side that are kept
DECODED = 1024  # px a side that a JPEG is decoded to at least
FARTHEST = 16  # bits; farther hashes say nothing of their pictures
ORIENTATION = 274  # the tag of EXIF
SPARE = 3  # bands that are sorted by: with fewer, hashes of one body part fall together; with more, sorts are many
BATCH = 1 << 22  # pairs held at once


def phash(image: Image.Image) -> int:
    """The hash of a picture of any mode, most significant bit first: f"{phash(image):016x}" is imagededup's text."""
    from PIL import Image

    if image.mode not in ("L", "RGB"):
        image = image.convert("RGBA").convert("RGB")
    small = image.resize((SIDE, SIDE), Image.Resampling.LANCZOS).convert("L")
    return int(phash_small(np.asarray(small)))


def phash_small(small: np.ndarray) -> np.ndarray:
    """The hashes of pictures that are small and grey already: [..., 32, 32] of 0 to 255 -> [...] uint64."""
    low = _cosines() @ small.astype(np.float64) @ _cosines().T  # [..., 8, 8]
    low = np.round(low, 6).reshape(*small.shape[:-2], LOW * LOW)  # what symmetry makes zero would be noise of any sign
    median = np.partition(low[..., 1:], 31)[..., 31:32]  # of 63
    return np.packbits(low >= median, axis=-1).view(">u8")[..., 0].astype(np.uint64)


def grey(picture: Any, side: int) -> Image.Image | None:
    """The brightness of a JPEG file (path or bytes), decoded no larger than `side` px need; None for anything else,
    and for one that is to be turned.

    Colour is not decoded, and a picture whose sides are both at least 2, 4 or 8 times `side` is decoded at that
    fraction of its size, which is what makes this faster than decoding. OSError where the file is broken.
    """
    from PIL import Image

    if not isinstance(picture, (str, Path, bytes)):
        return None
    image = Image.open(io.BytesIO(picture) if isinstance(picture, bytes) else picture)
    if image.format != "JPEG" or image.mode not in ("L", "RGB") or image.getexif().get(ORIENTATION, 1) != 1:
        return None
    image.draft("L", (side, side))
    image.load()
    return image


def views(row: Example, pictures: Pictures) -> Iterator[Image.Image]:
    """The row's pictures to be compared by their brightness: JPEG files decoded by `grey`, anything else whole."""
    from PIL import Image

    for at, picture in enumerate(row.images):
        try:
            image = grey(content(picture), DECODED)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            image = None  # to be named by `pictures`
        yield image or pictures()[at]


def row_hashes(row: Example, pictures: Pictures) -> list[int]:
    """The hash of each of the row's pictures; BadInput names the row and the file of one that is broken."""
    return [phash(image) for image in views(row, pictures)]


def groups(hashes: np.ndarray, distance: int) -> np.ndarray:
    """Of each hash the position of the first one in its group: [n] uint64 -> [n] int64.

    Hashes at most `distance` bits apart (0 to 16) are in one group, and so are those that a chain of such joins. Exact.
    """
    values, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    if distance:
        label = _joined(np.arange(len(values)), _near_pairs(values, distance))
        np.minimum.at(first, label, first.copy())
        first = first[label]
    return first[inverse]


def _near_pairs(values: np.ndarray, distance: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Positions of all pairs at most `distance` bits apart, in batches; a pair may come more than once.

    Of distance + 3 bands of bits such a pair has three without a difference: sorting by each three brings it together.
    """
    for mask in _masks(distance):
        order = np.argsort(values & mask)
        value = values[order]
        key, at = value & mask, np.arange(len(value))
        for step in count(1):
            at = at[: np.searchsorted(at, len(value) - step)]
            at = at[key[at] == key[at + step]]
            if not len(at):
                break
            near = at[np.bitwise_count(value[at] ^ value[at + step]) <= distance]
            if len(near):
                yield order[near], order[near + step]


def _masks(distance: int) -> list[np.uint64]:
    if not 0 <= distance <= FARTHEST:
        raise ValueError(f"distance is {distance}, it must be from 0 to {FARTHEST} bits")
    bands = [sum(1 << int(bit) for bit in band) for band in np.array_split(np.arange(64), distance + SPARE)]
    return [np.uint64(sum(some)) for some in combinations(bands, SPARE)]


def _joined(label: np.ndarray, pairs: Iterator[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Labels in which both of a pair have the same: the lowest position of their component."""
    held: list[tuple[np.ndarray, np.ndarray]] = []
    n = 0
    for pair in pairs:
        held.append(pair)
        n += len(pair[0])
        if n > BATCH:
            label, held, n = _join(label, held), [], 0
    return _join(label, held)


def _join(label: np.ndarray, pairs: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    if not pairs:
        return label
    one, other = (np.concatenate(side) for side in zip(*pairs, strict=True))
    while (apart := label[one] != label[other]).any():
        one, other = one[apart], other[apart]
        low, high = np.minimum(label[one], label[other]), np.maximum(label[one], label[other])
        np.minimum.at(label, high, low)  # a label is a position that has itself as label: hang the higher on the lower
        while (up := label[label]).tobytes() != label.tobytes():
            label = up
    return label


@cache
def _cosines() -> np.ndarray:
    """[8, 32]: the eight lowest frequencies of scipy's unscaled DCT-II."""
    angle = np.pi * np.outer(np.arange(LOW), 2 * np.arange(SIDE) + 1) / (2 * SIDE)
    return 2 * np.cos(angle)
