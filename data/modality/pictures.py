"""The distinct pictures of labelled rows, as features."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from data.example import Example
from data.images import open_images
from data.modality.encoders import AT_ONCE, Encoder
from data.modality.words import UNKNOWN, named
from recipes import BadInput

if TYPE_CHECKING:
    from PIL import Image


class Labelled(NamedTuple):
    """Distinct pictures as features (n, d), their labels, and the clusters that a split must not tear apart: a row's
    own (a patient), else the picture. contradicted: pictures left out because rows label them differently."""

    features: np.ndarray
    labels: list[str]
    clusters: list[str]
    contradicted: int


def labelled(rows: Iterable[Example], column: str, by: Encoder, vocabulary: bool = False) -> Labelled:
    """The pictures of rows whose `column` holds a text, each distinct one once.

    vocabulary: labels are put into the vocabulary of `words`; rows whose label names none are left out.
    BadInput where nothing is left, and for a picture that cannot be read.
    """
    said: dict[str, set[str]] = {}
    clusters: dict[str, str] = {}
    seen = _Seen(by)
    for row in rows:
        label = _label(row, column, vocabulary)
        for picture in row.images if label else ():
            key = seen.key(row, picture)
            clusters.setdefault(key, str(row.meta.get("cluster") or f"image:{key}"))
            said.setdefault(key, set()).add(label)
    keys = [key for key in said if len(said[key]) == 1]
    if not keys:
        raise BadInput([f"no row has a picture and one label in the column {column}; name another --column or --data"])
    features = seen.features()
    stacked, labels = np.stack([features[key] for key in keys]), [min(said[key]) for key in keys]
    return Labelled(stacked, labels, [clusters[key] for key in keys], len(said) - len(keys))


def _label(row: Example, column: str, vocabulary: bool) -> str:
    """Empty where the row has none."""
    value = row.columns().get(column)
    if not isinstance(value, str):
        return ""
    found = named(value) if vocabulary else value.strip()
    return "" if found == UNKNOWN else found


class _Seen:
    """Pictures by what they show, each encoded once, some together; a file is decoded once."""

    def __init__(self, by: Encoder) -> None:
        self._by = by
        self._files: dict[str, str] = {}
        self._features: dict[str, np.ndarray] = {}
        self._waiting: dict[str, Image.Image] = {}

    def key(self, row: Example, picture: Any) -> str:
        """The same for the same pixels, whatever file they come in."""
        file = str(picture) if isinstance(picture, (str, Path)) else ""
        if file in self._files:
            return self._files[file]
        [image] = open_images(replace(row, images=(picture,)))
        key = hashlib.blake2b(f"{image.size}".encode() + image.tobytes(), digest_size=16).hexdigest()
        if key not in self._features:
            self._waiting[key] = image
        if len(self._waiting) >= AT_ONCE:
            self._encode()
        if file:
            self._files[file] = key
        return key

    def features(self) -> dict[str, np.ndarray]:
        """Key -> (d,)."""
        self._encode()
        return self._features

    def _encode(self) -> None:
        if self._waiting:
            found = self._by.encode(list(self._waiting.values()))
            self._features |= dict(zip(self._waiting, found, strict=True))
            self._waiting = {}
