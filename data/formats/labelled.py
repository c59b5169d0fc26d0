"""Pictures with labels or masks: a table of labels, or a folder a class. The question asks for the label.

Captions and questions are synthesised from these: the column `labels` says what is seen as `data synth` takes it
({"abnormality": ..., "anatomy": ..., "modality": ...}), `label` is what the release calls it, `label_space` all that
the set may answer, `mask` the file that marks it, and `volume` the file of a picture that is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from data.example import Example
from data.formats.release import Column, Loader, Release, Spot, text, value
from data.sets._items import Row
from data.sets._release import clean
from recipes import BadInput

VOLUMES = (".nii", ".nii.gz")


def loader(
    release: Release,
    *,
    label: Column,
    image: Column = "path",
    words: Mapping[str, str] | None = None,
    question: str = "What does this image show?",
    mask: Column | None = None,
    names: str = "abnormality",
    anatomy: str = "",
) -> Loader:
    """`load` of a set of labelled pictures. label: one, or a list; a picture without one asks nothing and is left out.

    words: label -> what it stands for; ValueError for a label that lacks in it. mask: a path as `image` is.
    names: what the label tells, abnormality or anatomy; another word (cell, say) where it is neither, of which no
    question is made by template. anatomy: what all pictures show.
    """

    def made(row: Row, spot: Spot) -> Example | None:
        found = value(row, label)
        several = isinstance(found, (list, tuple))
        given = [clean(one) for one in (found if several else [found]) if one is not None and clean(one)]
        if not given:
            return None
        named = [_word(words, one) for one in given]
        images, masks = release.images(value(row, image)), release.images(value(row, mask)) if mask else ()
        if not images:
            raise ValueError("there is no picture")
        answer, kind = (named, "multi") if several else (named[0], "text")
        seen = {names: answer, **({"anatomy": anatomy} if anatomy else {}), "modality": release.modality_of(row)}
        own = {
            "label": given if several else given[0],
            "labels": seen,
            "label_space": None,
            "mask": masks[0] if masks else None,
            "volume": images[0] if str(images[0]).endswith(VOLUMES) else None,
        }
        return release.example(row, spot, question, answer, kind=kind, images=images, meta=own)

    extra = ("label", "labels", "label_space", "mask", "volume")
    return release.loader(made, extra, lambda rows: _with_space(rows, words))


def folders(without: str = "") -> Callable[[Path, str, str], Iterable[Row]]:
    """A reader of pictures that have no table: `path` below the set's folder, `folder` the class, `name` the file's.

    without: a part of the names of files that are no pictures of their own, e.g. masks.
    """

    def reader(place: Path, pattern: str, todo: str) -> Iterable[Row]:
        found = sorted(path for path in place.glob(pattern) if not without or without not in path.name)
        if not found:
            raise BadInput([f"{place / pattern} is missing; {todo}"])
        rows = ((path.relative_to(place), path) for path in found)
        return [{"path": str(inside), "folder": path.parent.name, "name": path.stem} for inside, path in rows]

    return reader


def split_at(column: str, mark: str) -> Callable[[Row], list[str]]:
    """The labels of a cell that holds several."""
    return lambda row: [part.strip() for part in text(row, column).split(mark)]


def marked(*columns: str, by: tuple[str, ...] = ("1", "1.0")) -> Callable[[Row], list[str]]:
    """The columns that are marked in a row: one column a label."""
    return lambda row: [column for column in columns if text(row, column) in by]


def first_marked(*columns: str) -> Callable[[Row], str]:
    """The one column that is marked in a row, "" where none is."""
    return lambda row: next(iter(marked(*columns)(row)), "")


def _word(words: Mapping[str, str] | None, label: str) -> str:
    if words is None:
        return label
    if label not in words:
        raise ValueError(f"the label {label!r} is none of {', '.join(words)}")
    return words[label]


def _with_space(rows: list[Example], words: Mapping[str, str] | None) -> list[Example]:
    """The rows with the label space: what the labels stand for, or the answers that there are."""
    space = sorted(set(words.values()) if words else {gold for row in rows for gold in row.golds})
    return [replace(row, meta={**row.meta, "label_space": space}) for row in rows]
