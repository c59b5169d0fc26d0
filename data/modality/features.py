"""The built-in encoder: 413 hand-made features of a picture, by numpy alone, for where no weights can be had.

Modalities differ in what these see: colour, how much of the frame is black, whether it is round, how noise and edges
run. Each picture is looked at 128 px wide and high. Its proportions are a feature; its size is none, since that tells a
data set more than a modality.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

SIDE = 128  # px
SCALES = (1, 2, 4)  # blocks of so many px averaged: fine, middle, coarse
DIRECTIONS = 8  # of gradients, over half a turn
FLOOR = 1e-6
_AROUND = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))  # a pixel's neighbours, in turn


class Handmade:
    """`encode` gives what `features` gives, a row a picture."""

    name = "handmade"

    def encode(self, images: list[Image.Image]) -> np.ndarray:
        """(n, d) float64."""
        return np.stack([features(image) for image in images])


def features(image: Image.Image) -> np.ndarray:
    """(d,) of one picture, d the same for all."""
    rgb = np.asarray(image.convert("RGB").resize((SIDE, SIDE)), dtype=np.float64) / 255
    grey = rgb @ (0.299, 0.587, 0.114)
    parts = [[math.log(image.width / image.height)], _colour(rgb), _shades(grey), _frame(grey), _spectrum(grey)]
    for scale in SCALES:
        shrunk = _averaged(grey, scale)
        parts += [_edges(shrunk), _patterns(shrunk)]
    parts += [_edges_by_place(_averaged(grey, 2)), _averaged(grey, SIDE // 8).ravel()]
    return np.concatenate(parts)


def _averaged(grey: np.ndarray, scale: int) -> np.ndarray:
    """The mean of each block of scale x scale pixels."""
    side = grey.shape[0] // scale
    return grey.reshape(side, scale, side, scale).mean((1, 3))


def _shares(values: np.ndarray, bins: int, weights: np.ndarray | None = None) -> np.ndarray:
    """Histogram over [0, 1] as square roots of shares, which are nearer to normal than shares."""
    counts = np.histogram(values, bins, (0, 1), weights=weights)[0]
    return np.sqrt(counts / (counts.sum() + FLOOR))


def _colour(rgb: np.ndarray) -> np.ndarray:
    """Channels, saturation, and the hues of what is coloured."""
    top, chroma = rgb.max(-1), np.ptp(rgb, -1)
    red, green, blue = np.moveaxis(rgb, -1, 0)
    hue = np.arctan2(math.sqrt(3) * (green - blue), 2 * red - green - blue) / (2 * math.pi) + 0.5
    spread = [chroma.mean(), chroma.std(), (chroma > 0.1).mean(), (chroma / (top + 0.01)).mean()]
    means = np.concatenate([rgb.mean((0, 1)), rgb.std((0, 1))])
    return np.concatenate([means, spread, _shares(chroma, 8), _shares(hue, 12, chroma)])


def _shades(grey: np.ndarray) -> np.ndarray:
    """Brightness: how often each, quantiles, and the shares of black and white."""
    quantiles = np.quantile(grey, (0.05, 0.25, 0.5, 0.75, 0.95))
    return np.concatenate([_shares(grey, 32), quantiles, [(grey < 0.05).mean(), (grey > 0.95).mean(), grey.std()]])


def _frame(grey: np.ndarray) -> np.ndarray:
    """What lies at the border, in the corners and in the middle, the box that is not background, and the profiles."""
    edge, ground = SIDE // 16, np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]]))
    sides = [grey[:edge], grey[-edge:], grey[:, :edge], grey[:, -edge:]]
    corners = [grey[:edge, :edge], grey[:edge, -edge:], grey[-edge:, :edge], grey[-edge:, -edge:]]
    middle = grey[SIDE // 4 : -SIDE // 4, SIDE // 4 : -SIDE // 4]
    filled = np.abs(grey - ground) > 0.1
    box = [filled.mean(), filled.any(0).mean(), filled.any(1).mean()]
    places = [value for part in (*sides, *corners, middle) for value in (part.mean(), part.std())]
    profiles = [grey.mean(axis).reshape(16, -1).mean(1) for axis in (0, 1)]
    mirrored = np.abs(grey - grey[:, ::-1]).mean()
    return np.concatenate([[ground, mirrored, (np.concatenate([s.ravel() for s in sides]) < 0.05).mean()],
                           box, places, *profiles])  # fmt: skip


def _spectrum(grey: np.ndarray) -> np.ndarray:
    """Log power in 16 rings of spatial frequency, of the picture faded to its mean at the border."""
    window = np.hanning(SIDE)
    power = np.abs(np.fft.fft2((grey - grey.mean()) * np.outer(window, window))) ** 2
    frequency = np.fft.fftfreq(SIDE)
    ring = np.minimum(np.hypot(*np.meshgrid(frequency, frequency)) * 32, 15).astype(int)
    return np.log(np.bincount(ring.ravel(), power.ravel(), 16) / np.bincount(ring.ravel(), minlength=16) + FLOOR)


def _gradients(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each pixel, the gradient's size and the number of its direction."""
    down, right = np.gradient(grey)
    turn = np.arctan2(down, right) / math.pi % 1
    return np.hypot(down, right), np.minimum(turn * DIRECTIONS, DIRECTIONS - 1).astype(int)


def _edges(grey: np.ndarray) -> np.ndarray:
    """How strong edges are, their directions, and how rough the picture is."""
    size, direction = _gradients(grey)
    by_direction = np.bincount(direction.ravel(), size.ravel(), DIRECTIONS) / (size.sum() + FLOOR)
    centre = grey[1:-1, 1:-1]
    rough = np.abs(4 * centre - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:])
    quantiles = [*np.quantile(size, (0.5, 0.9, 0.99)), *np.quantile(rough, (0.5, 0.9, 0.99))]
    return np.concatenate([by_direction, np.log(np.array(quantiles) + 1e-3), [size.mean(), rough.mean()]])


def _edges_by_place(grey: np.ndarray) -> np.ndarray:
    """Square roots of the shares of directions in each of 4 x 4 fields, weighted by the gradient's size."""
    size, direction = _gradients(grey)
    field = np.arange(grey.shape[0]) * 4 // grey.shape[0]
    place = (field[:, None] * 4 + field) * DIRECTIONS + direction
    sums = np.bincount(place.ravel(), size.ravel(), 16 * DIRECTIONS).reshape(16, DIRECTIONS)
    return np.sqrt(sums / (sums.sum(1, keepdims=True) + 1e-3)).ravel()


def _patterns(grey: np.ndarray) -> np.ndarray:
    """Local binary patterns (Ojala et al., TPAMI 2002), whatever their turn: how many of a pixel's 8 neighbours are
    brighter by 1 of 255, where they lie together; the last of 10 shares is of those where they do not."""
    side = grey.shape[0] - 2
    centre = grey[1:-1, 1:-1] + 1 / 255
    brighter = np.stack([grey[1 + y : 1 + y + side, 1 + x : 1 + x + side] > centre for y, x in _AROUND]).astype(int)
    changes = np.abs(brighter - np.roll(brighter, 1, 0)).sum(0)
    pattern = np.where(changes <= 2, brighter.sum(0), 9)
    return np.sqrt(np.bincount(pattern.ravel(), minlength=10) / pattern.size)
