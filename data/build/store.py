"""Examples in Parquet files: what goes in comes out, and `datasets.load_dataset("parquet", ...)` shows the pictures."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.example import Example
from data.images import open_images
from recipes import BadInput

if TYPE_CHECKING:
    import pyarrow as pa

PLAIN = ("id", "question", "kind", "source", "split", "modality", "license")  # columns of text
AT_ONCE = 256  # rows written and read together: a row group
KEPT = ("JPEG", "PNG")  # formats whose bytes are embedded as they are


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
    return write_groups(path, _groups(rows), embed=embed)


def write_groups(path: Path, groups: Iterable[Sequence[Example]], *, embed: bool) -> int:
    """The same with the rows in row groups that can be read one by one (`read_group`)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    part, n = path.with_name(path.name + ".part"), 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with pq.ParquetWriter(part, schema(), compression="zstd") as writer:
            for group in groups:
                table = pa.Table.from_pylist([_packed(row, embed) for row in group], schema())
                writer.write_table(table, row_group_size=max(1, len(group)))
                n += len(group)
        os.replace(part, path)
    except OSError as error:
        raise BadInput([f"{path}: cannot be written: {error.strerror or error}"]) from error
    return n


def read(path: Path, skip: int = 0) -> Iterator[Example]:
    """The rows of a file but for the first `skip`, a few in memory at a time. BadInput for a file that is missing,
    damaged or of another make."""
    import pyarrow.parquet as pq

    with _named(path), pq.ParquetFile(path) as file:
        groups = list(range(file.num_row_groups))
        while groups and skip >= (size := file.metadata.row_group(groups[0]).num_rows):
            groups.pop(0)
            skip -= size
        for batch in file.iter_batches(AT_ONCE, row_groups=groups):
            yield from map(_unpacked, batch.slice(skip).to_pylist())
            skip = max(0, skip - batch.num_rows)


def read_group(path: Path, group: int) -> list[Example]:
    """The rows of one row group."""
    import pyarrow.parquet as pq

    with _named(path), pq.ParquetFile(path) as file:
        return list(map(_unpacked, file.read_row_group(group).to_pylist()))


@contextmanager
def _named(path: Path) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        line = f"{path}: not a file of rows made by `python -m data build` ({reason}); build it again"
        raise BadInput([line]) from error


def count(path: Path) -> int:
    """How many rows a file holds, by its footer."""
    import pyarrow.parquet as pq

    return pq.read_metadata(path).num_rows


def _groups(rows: Iterable[Example]) -> Iterator[list[Example]]:
    group: list[Example] = []
    for row in rows:
        group.append(row)
        if len(group) == AT_ONCE:
            yield group
            group = []
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
        "meta": json.dumps(dict(row.meta), ensure_ascii=False, sort_keys=True, default=str),
    }


def _picture(row: Example, place: int, embed: bool) -> dict[str, Any]:
    picture = row.images[place]
    if isinstance(picture, str | Path) and not embed:
        return {"bytes": None, "path": str(picture)}
    return {"bytes": encoded(row, place), "path": None}


def encoded(row: Example, place: int) -> bytes:
    """One picture as a file that holds pixels only: its own bytes where these are a JPEG or PNG of 8 bits without EXIF,
    text or comments, which may name a patient, else a PNG of what is seen."""
    picture = row.images[place]
    if isinstance(picture, str | Path) and Path(picture).is_file():
        picture = Path(picture).read_bytes()
    if isinstance(picture, bytes) and _only_pixels(picture):
        return picture
    [image] = open_images(replace(row, images=(row.images[place],)))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _only_pixels(content: bytes) -> bool:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as image:
            told = {"exif", "comment", "xmp", "XML:com.adobe.xmp", "photoshop", "icc_profile"} & image.info.keys()
            said = told or getattr(image, "text", None)
            return image.format in KEPT and image.mode in ("L", "RGB") and not said
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError):
        return False


def _unpacked(row: dict[str, Any]) -> Example:
    pictures: Sequence[dict[str, Any]] = row["images"] or ()
    return Example(
        **{name: row[name] for name in PLAIN},
        answer=json.loads(row["answer"]) if row["answer_is_list"] else row["answer"],
        options=None if row["options"] is None else {one["letter"]: one["text"] for one in row["options"]},
        images=tuple(one["bytes"] if one["bytes"] is not None else one["path"] for one in pictures),
        meta=json.loads(row["meta"]),
    )
