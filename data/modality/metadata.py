"""The modality of a row by what is known of it: its own value, columns, DICOM tags, file names, its caption."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from data.example import Example
from data.modality.words import UNKNOWN, candidates, named, of_file, of_tag, told
from data.readers.dicom import SUFFIXES
from recipes import BadInput

# Values of Example.modality that are no imaging modality, and yet say all there is to say.
SETTLED = ("text", "general", "phantom")
COLUMNS = ("modality_type", "modality", "Modality", "image_type", "labels")  # keys of meta where sets keep it


def is_known(row: Example) -> bool:
    """Whether the row says it itself; a row without pictures has nothing to say."""
    return not row.images or row.modality in SETTLED or named(row.modality) != UNKNOWN


def of_row(row: Example, columns: Sequence[str] = COLUMNS) -> str:
    """By the first that names one: the row's value, the columns, its files' tags, their names, its caption.

    Nothing that the row's value excludes counts (no fundus in radiology). A question never tells: "Is this an MRI?" may
    be answered no. A report is taken for the caption of its picture.
    """
    allowed = candidates(row.modality)
    return next((name for name in _said(row, columns) if name in allowed), UNKNOWN)


def _said(row: Example, columns: Sequence[str]) -> Iterator[str]:
    yield named(row.modality)
    for column in columns:
        yield named(_label(row.meta.get(column)))
    files = [path for picture in row.images if (path := _file(picture))]
    yield _agreed([_tag(path) for path in files])
    yield _agreed([of_file(path) for path in files])
    if row.kind == "report" and isinstance(row.answer, str):
        yield told(row.answer)


def _label(value: Any) -> str:
    """A column's value as one text; of `labels` (as data/synth has them) the entry `modality`."""
    value = value.get("modality") if isinstance(value, Mapping) else value
    values = value if isinstance(value, (list, tuple)) else [value]
    return "; ".join(one for one in values if isinstance(one, str))


def _file(picture: Any) -> Path | None:
    """The file of a picture; also of one that `readers.lazily` will read."""
    if isinstance(picture, partial):
        picture = next(iter(picture.args), None)
    return Path(picture) if isinstance(picture, (str, Path)) else None


def _agreed(names: list[str]) -> str:
    """What all pictures of a row are said to be."""
    return names[0] if len(set(names)) == 1 else UNKNOWN


def _tag(path: Path) -> str:
    """By the attribute Modality of a DICOM file; nothing else of the file is read."""
    if not path.name.lower().endswith(SUFFIXES):
        return UNKNOWN
    try:
        from pydicom import dcmread
    except ImportError as error:
        raise BadInput(["DICOM files need pydicom: pip install 'lingshu-rlvr[imaging]'"]) from error
    try:
        return of_tag(str(dcmread(path, force=True, stop_before_pixels=True, specific_tags=["Modality"]).Modality))
    except (OSError, AttributeError, ValueError, EOFError):  # what is wrong with the file, opening its picture tells
        return UNKNOWN
