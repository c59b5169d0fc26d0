"""Rows of Parquet files whose pictures stay in the file: read all at once, they would not fit in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from recipes import BadInput

PICTURE = ("bytes", "path")  # the fields of a picture as the hub's library writes it


@dataclass(frozen=True)
class Cell:
    """A picture in a Parquet file. Calling it gives the bytes; it can be sent to another process.

    group, row: the row group and the row in it. at: which one of a list, or None where the column holds one.
    """

    file: str
    column: str
    group: int
    row: int
    at: int | None = None

    def __call__(self) -> bytes:
        """The bytes; ValueError where the cell has none."""
        found = _column(self.file, self.column, self.group)[self.row].as_py()
        picture = found if self.at is None else found[self.at]
        if not picture["bytes"]:
            raise ValueError(f"a picture of the column {self.column} has no bytes")
        return picture["bytes"]


@lru_cache(maxsize=2)
def _column(file: str, column: str, group: int) -> Any:
    """One column of a row group; the last are kept, since rows are mostly opened in their order."""
    import pyarrow.parquet

    return pyarrow.parquet.ParquetFile(file).read_row_group(group, columns=[column]).column(0)


def rows(place: Path, pattern: str, todo: str) -> Iterator[dict[str, Any]]:
    """The rows of the files of a glob, in the order of their names, a Cell for each picture.

    BadInput ending with `todo`, at the first row, where there is no file or one cannot be read.
    """
    paths = sorted(place.glob(pattern))
    if not paths:
        raise BadInput([f"{place / pattern} is missing; {todo}"])
    for path in paths:
        try:
            yield from _rows(path)
        except (OSError, ValueError) as error:  # pyarrow's own errors are among them
            raise BadInput([f"{path} cannot be read ({error}); {todo}"]) from error


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        pictures = [column.name for column in file.schema_arrow if _holds(column.type)]
        leaves = [file.schema.column(i).path for i in range(len(file.schema.names))]
        light = [leaf for leaf in leaves if leaf.split(".")[0] not in pictures or not leaf.endswith(".bytes")]
        for group in range(file.num_row_groups):
            for number, row in enumerate(file.read_row_group(group, columns=light).to_pylist()):
                cells = {name: _cells(row[name], Cell(str(path), name, group, number)) for name in pictures}
                yield {**row, **cells}


def _holds(kind: Any) -> bool:
    """Whether a column of this type holds pictures: {"bytes", "path"}, or a list of them."""
    import pyarrow.types as types

    if types.is_list(kind) or types.is_large_list(kind):
        return _holds(kind.value_type)
    return types.is_struct(kind) and {kind.field(i).name for i in range(kind.num_fields)} == set(PICTURE)


def _cells(found: Any, cell: Cell) -> Any:
    """The Cell of a picture, or one for each of a list; None where there is none."""
    if isinstance(found, list):
        return [Cell(cell.file, cell.column, cell.group, cell.row, at) for at in range(len(found))]
    return None if found is None else cell
