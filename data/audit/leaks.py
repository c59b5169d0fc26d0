"""What two splits share: patients, studies, images (by name and by bytes), questions. Pure functions of Examples."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.example import Example
from data.images import content

Keys = Callable[[Example], list[str]]


@dataclass(frozen=True)
class Leak:
    """What `second` has in common with `first`. n: how many different things of a sort it has, shared: how many of
    these `first` has too; rows: how many of its rows that touches."""

    sort: str
    first: str
    second: str
    n: int
    shared: int
    rows: int
    n_rows: int
    examples: tuple[str, ...]

    @property
    def words(self) -> str:
        """
        >>> Leak("image", "train", "test", 203, 203, 451, 451, ("image:1",)).words
        'test shares all 203 of its images with train: all 451 of its rows'
        """
        some = f"all {self.n}" if self.shared == self.n else f"{self.shared} of {self.n}"
        rows = f"all {self.n_rows}" if self.rows == self.n_rows else f"{self.rows} of {self.n_rows}"
        return f"{self.second} shares {some} of its {self.sort}s with {self.first}: {rows} of its rows"


def between(first: str, ones: Sequence[Example], second: str, others: Sequence[Example]) -> list[Leak]:
    """The leaks from one split to another, by sort; sorts of which nothing is shared are left out."""
    found = []
    for sort, keys in (*((kind, _cluster(kind)) for kind in _kinds(others)), *SORTS.items()):
        known = {key for row in ones for key in keys(row)}
        own = [set(keys(row)) for row in others]
        every = set().union(*own) if own else set()
        if shared := known & every:
            n_rows = sum(bool(keys_of & shared) for keys_of in own)
            some = tuple(sorted(shared)[:3]) if sort not in SORTS else ()
            found.append(Leak(sort, first, second, len(every), len(shared), n_rows, len(others), some))
    return found


def picture_keys(row: Example) -> list[str]:
    """A digest of each picture's file; nothing of pictures that are not files."""
    return [digest for picture in row.images if (digest := _digest(picture))]


def question_keys(row: Example) -> list[str]:
    """The question with its options and its pictures: the same one is asked again. Nothing where a picture is no file:
    of another one it is another question."""
    digests = picture_keys(row)
    if len(digests) < len(row.images):
        return []
    options = "|".join(sorted((row.options or {}).values()))
    text = " ".join(f"{row.question} {options}".casefold().split())
    return [f"{text}|{'|'.join(digests)}"]


SORTS: dict[str, Keys] = {"picture file": picture_keys, "question": question_keys}


def _kinds(rows: Sequence[Example]) -> list[str]:
    """What the clusters of these rows are: image, patient, ..."""
    labels = (str(row.meta["cluster"]) for row in rows if row.meta.get("cluster") is not None)
    return sorted({label.partition(":")[0] for label in labels if ":" in label})


def _cluster(kind: str) -> Keys:
    def keys(row: Example) -> list[str]:
        label = str(row.meta.get("cluster") or "")
        return [label] if label.startswith(f"{kind}:") else []

    return keys


_digests: dict[str, str] = {}  # of files, each of which many rows may show


def _digest(picture: Any) -> str:
    picture = content(picture)
    if isinstance(picture, bytes):
        return hashlib.sha256(picture).hexdigest()
    if not isinstance(picture, str | Path):
        return ""
    path = str(picture)
    if path not in _digests:
        _digests[path] = hashlib.sha256(Path(path).read_bytes()).hexdigest() if Path(path).is_file() else ""
    return _digests[path]
