"""Invented pictures: soft blobs and sharp-edged ones on a dark ground, each seed another arrangement."""

import numpy as np
from PIL import Image


def scene(seed: int, side: int = 256, blobs: int = 40) -> Image.Image:
    rng = np.random.default_rng(seed)
    down, right = np.mgrid[:side, :side] / side
    shade = np.zeros((side, side))
    for number in range(blobs):
        y, x, wide, light = *rng.uniform(0, 1, 2), rng.uniform(0.02, 0.15), rng.uniform(-80, 120)
        apart = ((down - y) ** 2 + (right - x) ** 2) / wide**2
        shade += light * (np.exp(-apart) if number % 2 else apart < 1)
    grey = np.clip(shade + 60, 0, 255)
    return Image.fromarray(np.stack([grey, grey, np.clip(grey + 9, 0, 255)], -1).astype(np.uint8))


def scenes(n: int, side: int = 256) -> list[Image.Image]:
    return [scene(seed, side) for seed in range(n)]
