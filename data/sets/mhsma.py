"""MHSMA: microscopy pictures of human sperm heads, 64 pixels wide, with a normal or abnormal acrosome.

Javadi S, Mirroshandel SA, A novel deep learning method for automatic assessment of human sperm images (Computers in
Biology and Medicine 2019). Read from x_64_SPLIT.npy and y_acrosome_SPLIT.npy (1: abnormal): 1,000, 240 and 300
pictures. Head, vacuole and tail are labelled too; the column `defects` lists what of the four is abnormal.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo
from data.sets._items import Row
from recipes import BadInput

PARTS = ("acrosome", "head", "vacuole", "tail")

ABOUT = SetInfo(
    name="mhsma",
    splits=("train", "validation", "test"),
    license="",
    kinds=("text",),
    text="microscopy pictures of human sperm heads, normal or not",
    citation="Javadi S, Mirroshandel SA, A novel deep learning method for automatic assessment of human sperm images,"
    " Computers in Biology and Medicine 109, 2019",
    remedy="put the .npy files of github.com/soroushj/mhsma-dataset into {place}",
    rows={"train": 1_000, "validation": 240, "test": 300},
    classes=("imaging",),
)


def _arrays(place: Path, pattern: str, todo: str) -> Iterable[Row]:
    """A row a picture, with the labels of its parts."""
    import numpy

    split = pattern.removeprefix("x_64_")
    try:
        pictures = numpy.load(place / pattern)
        labels = {part: numpy.load(place / f"y_{part}_{split}") for part in PARTS}
    except FileNotFoundError as error:
        raise BadInput([f"{error.filename} is missing; {todo}"]) from error
    except (OSError, ValueError) as error:
        raise BadInput([f"{place / pattern} cannot be read ({error}); {todo}"]) from error
    return [
        {"picture": partial(_picture, one), "defects": [part for part in PARTS if labels[part][i]]}
        for i, one in enumerate(pictures)
    ]


def _picture(pixels: Any) -> Any:
    from PIL import Image

    return Image.fromarray(pixels)


load = labelled.loader(
    Release(
        ABOUT,
        files="x_64_{split}.npy",
        names={"validation": "valid"},
        modality="microscopy",
        keep=("defects",),
        reader=_arrays,
    ),
    image="picture",
    label=lambda row: "abnormal acrosome" if "acrosome" in row["defects"] else "normal acrosome",
    question="Is the acrosome of the sperm head in this picture normal?",
    names="cell",
)
