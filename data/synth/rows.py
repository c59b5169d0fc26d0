"""Rows on disk: one JSON object a line, pictures as paths (below the file's folder where they were made here)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from data.example import Example
from data.images import open_images
from recipes import BadInput

FIELDS = tuple(name for name in Example.__dataclass_fields__ if name not in ("meta", "images"))
FILES = ("mask", "volume")  # keys of meta that name a file
TO_DESCRIBE = "Describe the image."


def write(row: Example, folder: Path) -> str:
    """The row as a line of a file in `folder`; pictures that are no files are written to folder/images.

    BadInput for meta that JSON cannot hold.
    """
    fields = {name: getattr(row, name) for name in FIELDS}
    options = dict(row.options) if row.options else None
    images = [_stored(row, index, folder) for index in range(len(row.images))]
    try:
        return json.dumps({**fields, "options": options, "images": images, "meta": dict(row.meta)}, ensure_ascii=False)
    except TypeError as error:
        raise BadInput(f"{row.id}: its meta cannot be written as JSON ({error}); leave that column out") from error


def read(path: Path) -> Iterator[Example]:
    """The rows of a file; relative pictures, masks and volumes lie beside it. Keys that no field has are meta.

    A row without a question is a picture to describe: its answer is then its `caption`, or its labels.
    BadInput names the line of a row that is none, or whose id came before.
    """
    seen: set[str] = set()
    for number, line in enumerate(_lines(path), 1):
        try:
            row = _row(json.loads(line), path.parent)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise BadInput(f"{path}:{number}: no row ({type(error).__name__}: {error})") from error
        if row.id in seen:
            raise BadInput(f"{path}:{number}: the id {row.id} comes twice; ids must differ")
        seen.add(row.id)
        yield row


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8") as file:
            yield from (line for line in file if line.strip())
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read ({error}); it must be JSON lines in UTF-8") from error


def _row(said: dict[str, Any], place: Path) -> Example:
    json.dumps(said, ensure_ascii=False).encode()  # raises for halves of UTF-16 pairs, which no request can hold
    own = {name: said[name] for name in FIELDS if said.get(name) is not None}
    meta = {name: value for name, value in said.items() if name not in (*FIELDS, "images", "meta")}
    meta |= said.get("meta") or {}
    meta |= {name: str(place / meta[name]) for name in FILES if meta.get(name)}
    if "question" not in own:
        own |= {"question": TO_DESCRIBE, "kind": "report", "answer": meta.get("caption") or labels_line(meta["labels"])}
    images = said.get("images") or []
    if isinstance(images, str):
        raise TypeError("images must be a list of paths")
    return Example(**own, images=tuple(str(place / image) for image in images), meta=meta)


def labels_line(labels: Mapping[str, str | list[str]]) -> str:
    """What a row is labelled with, in one line: `anatomy: chest; abnormality: effusion, mass`."""
    return "; ".join(f"{name}: {', '.join(all_of(value))}" for name, value in labels.items() if value)


def all_of(value: str | list[str]) -> list[str]:
    """A label, or several, as a list."""
    return [value] if isinstance(value, str) else list(value)


def _stored(row: Example, index: int, folder: Path) -> str:
    """The path of a picture, which is written first if it is no file yet; named by its pixels."""
    picture = row.images[index]
    if isinstance(picture, str | Path):
        path = Path(picture).absolute()
        return str(path.relative_to(folder.absolute())) if path.is_relative_to(folder.absolute()) else str(path)
    [image] = open_images(Example(row.id, row.question, row.answer, row.kind, (picture,), row.options))
    name = hashlib.sha256(repr(image.size).encode() + image.tobytes()).hexdigest()[:24]
    path = folder / "images" / f"{name}.png"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".part")
        image.save(draft, "PNG")
        draft.replace(path)
    return f"images/{path.name}"
