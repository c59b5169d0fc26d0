"""Invented pictures of three sorts that only their looks tell apart, each seed another one."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from data.example import Example

SORTS = ("x-ray", "histopathology", "fundus")


def drawn(sort: str, seed: int, side: int = 96) -> Image.Image:
    """Grey and smooth to the edge; purple specks on pink; an orange disc on black."""
    rng = np.random.default_rng([seed, SORTS.index(sort)])
    down, right = np.mgrid[:side, :side] / side - 0.5
    noise = rng.normal(0, 4, (side, side, 1))
    if sort == "x-ray":
        shade = 120 + 60 * np.cos(rng.uniform(2, 5) * right + rng.uniform(0, 3)) * np.cos(3 * down)
        rgb = np.repeat(shade[..., None], 3, -1)
    elif sort == "histopathology":
        specks = rng.random((side, side, 1)) < rng.uniform(0.1, 0.3)
        rgb = np.where(specks, [110, 40, 140], [225, 160, 200])
    else:
        disc = (np.hypot(down, right) < rng.uniform(0.4, 0.48))[..., None]
        rgb = np.where(disc, [200, 90, rng.uniform(20, 50)], [0, 0, 0])
        noise = noise * disc
    return Image.fromarray(np.clip(rgb + noise, 0, 255).astype(np.uint8))


def png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def row(name: str, *images: object, modality: str = "mixed", answer: str = "x", kind: str = "text", **meta: object):
    return Example(name, "Which?", answer, kind, images=images, modality=modality, source="here", meta=meta)


def rows(n: int, **meta: object) -> list[Example]:
    """n pictures of each sort, labelled."""
    return [row(f"{sort}/{i}", png(drawn(sort, i)), modality=sort, **meta) for sort in SORTS for i in range(n)]


def saved(place: Path, image: Image.Image) -> str:
    place.parent.mkdir(parents=True, exist_ok=True)
    image.save(place)
    return str(place)
