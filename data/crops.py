"""Whether a picture is a known one again: as it was, cropped by up to a tenth a side, resized, compressed again.

Two stages. The hash of a picture is compared with those of 81 crops of every known picture, which leaves the few that
it could be. For each of these the crop is then found exactly (Gauss-Newton over its four edges, with brightness and
contrast), and the fine structure at that crop is compared: the correlation of the gradients. Pictures of one body part
share their hash and their broad shapes, but not their edges.
"""

from __future__ import annotations

import fcntl
import os
import zipfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from data import hashing

if TYPE_CHECKING:
    from PIL import Image

Box = tuple[float, float, float, float]  # left, top, right, bottom, as fractions of width and height

CUTS = (0.0, 0.05, 0.10)  # of each side
CROPS: tuple[Box, ...] = tuple((left, top, 1 - right, 1 - low) for left, top, right, low in product(CUTS, repeat=4))
BITS = 12  # of the hash that may differ for a picture to be looked at closely
MOST = 64  # known pictures looked at closely
HASHED, KNOWN, SEEN = (
    128,
    96,
    64,
)  # px a side: what crops are hashed of; thumbnails, of which SEEN shows a part of KNOWN
MADE_WITH = (CROPS, HASHED, KNOWN, hashing.SIDE)  # what is kept of known pictures holds for these
ROUNDS, FARTHEST, STILL = 10, 0.03, 1e-3  # at most; an edge's move in a round, at most; moves that end the search
ALIKE = 0.9  # correlation of gradients from which two pictures are one

_ACROSS = np.broadcast_to((np.arange(SEEN, dtype=np.float32) + 0.5) / SEEN, (SEEN, SEEN))


@dataclass(frozen=True)
class Known:
    """Pictures that can be recognised. names: [n]; hashes: [n, 81] uint64; thumbnails: [n, 96, 96] uint8."""

    names: Sequence[str]
    hashes: np.ndarray
    thumbnails: np.ndarray

    def find(self, image: Image.Image) -> tuple[str, float] | None:
        """The name of the known picture that this one is, and how alike they are (0.9 to 1); None if it is none."""
        seen = _thumbnail(image, SEEN)
        for picture, crop in self._candidates(hashing.phash(image)):
            alike = likeness(self.thumbnails[picture], seen, CROPS[crop])
            if alike >= ALIKE:
                return self.names[picture], alike
        return None

    def _candidates(self, value: int) -> list[tuple[int, int]]:
        """(picture, crop) of the pictures with the nearest hashes, nearest first."""
        apart = np.bitwise_count(self.hashes ^ np.uint64(value))  # [n, 81]
        bits = apart.min(1)
        near = np.flatnonzero(bits <= BITS)
        near = near[np.argsort(bits[near], kind="stable")][:MOST]
        return [(int(picture), int(apart[picture].argmin())) for picture in near]


def known(pictures: Iterable[tuple[str, Image.Image]]) -> Known:
    """What is needed to recognise named pictures."""
    names, hashes, thumbnails = [], [], []
    for name, image in pictures:
        names.append(name)
        hashes.append(_crop_hashes(image))
        thumbnails.append(_thumbnail(image, KNOWN).astype(np.uint8))
    shape = (len(names), KNOWN, KNOWN)
    return Known(names, np.reshape(hashes, (-1, len(CROPS))), np.reshape(thumbnails, shape))


def kept(path: Path, make: Callable[[], Known]) -> Known:
    """What was made before, from its file, or made now and kept there; of several processes one makes it, the others
    wait. Where nothing can be written it is made and not kept."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_suffix(".lock").open("w")
    except OSError:
        return make()
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            with np.load(path) as file:
                return Known(file["names"].tolist(), file["hashes"], file["thumbnails"])
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):  # not there, or torn
            made = make()
        with suppress(OSError):
            part = path.with_suffix(".part")
            with part.open("wb") as file:
                np.savez(file, names=made.names, hashes=made.hashes, thumbnails=made.thumbnails)
            os.replace(part, path)
        return made


def likeness(known: np.ndarray, seen: np.ndarray, crop: Box) -> float:
    """How alike the fine structures of `seen` [64, 64] and of the best crop of `known` [96, 96] are, from -1 to 1.

    The search starts at `crop` and ends early once the two are alike enough.
    """
    from PIL import Image

    whole, edges, best = Image.fromarray(known.astype(np.float32)), np.array(crop), -1.0
    fine = _gradients(seen)
    for _ in range(ROUNDS):
        part = np.asarray(whole.resize((SEEN, SEEN), Image.Resampling.BILINEAR, box=tuple(edges * KNOWN)))
        down, right = _gradients(part)
        best = max(best, _correlation(np.stack([down, right]), fine))
        move = _move(part, down, right, seen) * np.tile(edges[2:] - edges[:2], 2)
        if best >= ALIKE or np.abs(move).max() < STILL:
            break
        edges = np.clip(edges + np.clip(move, -FARTHEST, FARTHEST), [0, 0, 0.7, 0.7], [0.3, 0.3, 1, 1])
    return best


def _move(part: np.ndarray, down: np.ndarray, right: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """By how much of the crop's width or height each edge should move (left, top, right, bottom) for it to show `seen`.

    Least squares: seen = gain * (part + the part's change with each edge) + offset.
    """
    changes = [right * (1 - _ACROSS), down * (1 - _ACROSS.T), right * _ACROSS, down * _ACROSS.T]
    system = np.stack([*changes, part, np.ones_like(part)]).reshape(6, -1)
    *moves, gain, _ = np.linalg.solve(system @ system.T + 1e-3 * np.eye(6), system @ seen.ravel())
    return np.array(moves) / (gain if abs(gain) > 1e-3 else 1.0) / SEEN


def _gradients(picture: np.ndarray) -> np.ndarray:
    """[2, 64, 64]: the change downwards and to the right, per pixel."""
    return np.stack(np.gradient(picture))


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Of two fields of gradients; 0 where either picture is flat."""
    scale = float(np.sqrt(np.vdot(one, one) * np.vdot(other, other)))
    return float(np.vdot(one, other)) / scale if scale > 0 else 0.0


def _crop_hashes(image: Image.Image) -> np.ndarray:
    """[81] uint64."""
    from PIL import Image

    whole, side = image.convert("L").resize((HASHED, HASHED), Image.Resampling.BOX), hashing.SIDE
    boxes = np.array(CROPS) * HASHED
    small = [np.asarray(whole.resize((side, side), Image.Resampling.LANCZOS, box=tuple(box))) for box in boxes]
    return hashing.phash_small(np.stack(small))


def _thumbnail(image: Image.Image, side: int) -> np.ndarray:
    """[side, side] float32 brightness, 0 to 255, whatever the picture's shape."""
    from PIL import Image

    return np.asarray(image.convert("L").resize((side, side), Image.Resampling.BOX), np.float32)
