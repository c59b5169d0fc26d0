"""Examples in Parquet files: what goes in comes out, and `datasets.load_dataset("parquet", ...)` shows the pictures."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from data.build.stored import Stored, reading
from data.example import Example
from data.images import open_images
from recipes import BadInput

if TYPE_CHECKING:
    import pyarrow as pa

PLAIN = ("id", "question", "kind", "source", "split", "modality", "license")  # columns of text
AT_ONCE = 256  # rows written and read together: a row group
AT_MOST = 1 << 20  # bytes of a row group, or one row: what is read for one picture (`Stored`)
# Of files that are embedded as they are: the chunks of a PNG and the segments of a JPEG that say how pixels look.
CHUNKS = {b"IHDR", b"IDAT", b"IEND", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs"}
SEGMENTS = {"APP0", "APP14"}


@cache
def schema() -> pa.Schema:
    """answer: text, or a JSON list where answer_is_list. options: letters and texts. images: encoded, or by path.
    meta: a JSON object."""
    import datasets

    text, option = datasets.Value("string"), {"letter": datasets.Value("string"), "text": datasets.Value("string")}
    return datasets.Features(
        {
            **dict.fromkeys(PLAIN, text),
            "answer": text,
            "answer_is_list": datasets.Value("bool"),
            "options": datasets.List(option),
            "images": datasets.List(datasets.Image()),
            "meta": text,
        }
    ).arrow_schema


def write(path: Path, rows: Iterable[Example], *, embed: bool) -> int:
    """Write rows to a file that appears when it is whole; returns how many.

    embed: pictures are kept in the file; else those that have a path are kept by it. BadInput names the row whose
    picture cannot be read, and the path if it cannot be written to.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    n = 0
    with whole(path) as file, pq.ParquetWriter(file, schema(), compression="zstd") as writer:
        for group in _groups(_packed(row, embed) for row in rows):
            writer.write_table(pa.Table.from_pylist(group, schema()), row_group_size=len(group))
            n += len(group)
    return n


def write_bytes(path: Path, content: bytes) -> None:
    with whole(path) as file:
        file.write(content)


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """A file to write to that appears when it is whole, and is on the disk then: what it was made from may be deleted.
    BadInput where it cannot be written."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        raise BadInput([f"{path}: cannot be written: {error.strerror or error}"]) from error


def problem(row: Example) -> str:
    """Why a row cannot be kept in a file, in words that do not quote it; empty if it can."""
    if not all(isinstance(text, str) for option in (row.options or {}).items() for text in option):
        return "an option is no text"
    try:
        json.dumps(_packed(replace(row, images=()), embed=False), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return "its text holds half of a UTF-16 pair"
    except (TypeError, ValueError) as error:
        return f"its meta cannot be written as JSON ({error})"
    return ""


def shards(place: Path) -> list[Path]:
    """The files of a corpus in their order. BadInput where there is none, or one is missing."""
    found = sorted(place.glob("part-*.parquet"))
    if not found:
        raise BadInput([f"{place} holds no part-*.parquet; make it with `python -m data build RECIPE`"])
    wanted = found[0].stem.rpartition("-of-")[2]
    if wanted.isdigit() and len(found) != int(wanted):
        raise BadInput([f"{place} holds {len(found)} of {int(wanted)} files; let its `python -m data build` end"])
    return found


def read(path: Path, skip: int = 0, *, pictures: bool = True) -> Iterator[Example]:
    """The rows of a file but for the first `skip`, a few in memory at a time. BadInput for a file that is missing,
    damaged or of another make.

    pictures: read what is embedded, too; without it images are only as many as there are.
    """
    import pyarrow.parquet as pq

    columns = None if pictures else [*(name for name in schema().names if name != "images"), "images.list.element.path"]

    with reading(path), pq.ParquetFile(path) as file:
        groups = list(range(file.num_row_groups))
        while groups and skip >= (size := file.metadata.row_group(groups[0]).num_rows):
            groups.pop(0)
            skip -= size
        for batch in file.iter_batches(AT_ONCE, row_groups=groups, columns=columns):
            yield from map(_unpacked, batch.slice(skip).to_pylist())
            skip = max(0, skip - batch.num_rows)


def lazily(path: Path) -> Iterator[Example]:
    """The rows of a file, of whose pictures those that are embedded are `Stored`."""
    for number, row in enumerate(read(path, pictures=False)):
        images = (Stored(str(path), number, at) if one is None else one for at, one in enumerate(row.images))
        yield replace(row, images=tuple(images)) if row.images else row


def ids(path: Path) -> list[str]:
    """The ids of a file's rows."""
    import pyarrow.parquet as pq

    with reading(path):
        return pq.read_table(path, columns=["id"])["id"].to_pylist()


def count(path: Path) -> int:
    """How many rows a file holds, by its footer."""
    import pyarrow.parquet as pq

    with reading(path):
        return pq.read_metadata(path).num_rows


def _groups(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Packed rows, AT_ONCE together or fewer that have AT_MOST bytes."""
    group: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        n_bytes = len(row["meta"]) + sum(len(picture["bytes"] or b"") for picture in row["images"])
        if group and (len(group) == AT_ONCE or size + n_bytes > AT_MOST):
            yield group
            group, size = [], 0
        group.append(row)
        size += n_bytes
    if group:
        yield group


def _packed(row: Example, embed: bool) -> dict[str, Any]:
    is_list = isinstance(row.answer, list)
    options = None if row.options is None else [{"letter": a, "text": b} for a, b in row.options.items()]
    return {
        **{name: getattr(row, name) for name in PLAIN},
        "answer": json.dumps(row.answer, ensure_ascii=False) if is_list else row.answer,
        "answer_is_list": is_list,
        "options": options,
        "images": [_picture(row, place, embed) for place in range(len(row.images))],
        "meta": json.dumps(dict(row.meta), ensure_ascii=False, sort_keys=True, default=_plain),
    }


def _plain(value: Any) -> Any:
    """What JSON has for values of other packages; TypeError where there is nothing that is the same in every run."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    if isinstance(value, date | time | Path):
        return str(value)
    if hasattr(value, "tolist"):  # numpy's and torch's numbers and arrays
        return value.tolist()
    raise TypeError(f"it holds a {type(value).__name__}")


def _picture(row: Example, place: int, embed: bool) -> dict[str, Any]:
    picture = row.images[place]
    if isinstance(picture, str | Path) and not embed:
        return {"bytes": None, "path": os.path.abspath(picture)}  # whoever reads it may work elsewhere
    return {"bytes": encoded(row, place), "path": None}


def held(row: Example) -> Example:
    """The row with pictures as a file can hold them: by path, else encoded. BadPicture for one that cannot be."""
    if all(isinstance(picture, str | Path) for picture in row.images):
        return row
    found = (one if isinstance(one, str | Path) else encoded(row, place) for place, one in enumerate(row.images))
    return replace(row, images=tuple(found))


def encoded(row: Example, place: int) -> bytes:
    """One picture as a file that holds pixels only: its own bytes where these are a JPEG or PNG of 8 bits without EXIF,
    text or comments, which may name a patient, else a PNG of what is seen."""
    picture = row.images[place]
    content = _content(picture)
    if content is not None and _only_pixels(content):
        return content
    [image] = open_images(replace(row, images=(picture if content is None else content,)))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _content(picture: Any) -> bytes | None:
    """A file's bytes; None for what is no file, or cannot be read, which `open_images` then says with the row."""
    if isinstance(picture, Stored):
        return picture()
    if not isinstance(picture, str | Path):
        return picture if isinstance(picture, bytes) else None
    try:
        return Path(picture).read_bytes()
    except OSError:
        return None


def _only_pixels(content: bytes) -> bool:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.mode not in ("L", "RGB") or image.format not in ("JPEG", "PNG"):
                return False
            if image.format == "PNG":
                return _chunks(content) <= CHUNKS
            segments = {name for name, _ in getattr(image, "applist", ())}
            return segments <= SEGMENTS and content.endswith(b"\xff\xd9")
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError):
        return False


def _chunks(png: bytes) -> set[bytes]:
    """The names of a PNG's chunks; what follows its end would be one of no known name."""
    found, at = set(), 8
    while at < len(png):
        found.add(png[at + 4 : at + 8])
        at += 12 + int.from_bytes(png[at : at + 4])
    return found


def _unpacked(row: dict[str, Any]) -> Example:
    pictures: Sequence[dict[str, Any]] = row["images"] or ()
    return Example(
        **{name: row[name] for name in PLAIN},
        answer=json.loads(row["answer"]) if row["answer_is_list"] else row["answer"],
        options=None if row["options"] is None else {one["letter"]: one["text"] for one in row["options"]},
        images=tuple(one["path"] if one.get("bytes") is None else one["bytes"] for one in pictures),
        meta=json.loads(row["meta"]),
    )
