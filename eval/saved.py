"""Saved responses as a stream: the JSON text of each row with its place, whatever file the rows lie in."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from recipes import BadInput
from rewards.rows import parquet_rows

BLOCK = 1 << 20  # characters of an array read at once
NEAR = 32  # characters before the end of what was read within which an error may only mean that more is to come
SPACE = re.compile(r"\s*")
MARK = re.compile(r"\s*([,\]])")
Piece = tuple[int, bytes]  # the row's number, its JSON text


class Saved:
    """The rows of a file: JSON lines, one JSON array of objects, or Parquet, told by content; never all at once.

    Rows are counted from 1 in JSON lines and Parquet, from 0 in an array, as its readers index it.
    """

    def __init__(self, path: Path) -> None:
        """BadInput where there is no such file, or it holds one object in place of rows."""
        if not path.is_file():
            raise BadInput(f"{path}: no such file")
        self.path, self.n_bytes = path, path.stat().st_size
        with path.open("rb") as file:
            start = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
        self.layout = "parquet" if start.startswith(b"PAR1") else "array" if start.startswith(b"[") else "lines"
        if self.layout == "lines" and re.match(rb"\{\s*\n", start):
            raise BadInput(
                f"{path}: one object over several lines, wanted JSON lines, one array of rows, or Parquet "
                "(MedEvalKit leaves only letters of the MMMU test set: no gold answers, nothing to grade)"
            )

    def __iter__(self) -> Iterator[Piece]:
        """What cannot be read of a file that was cut off or damaged is its last piece; it is no JSON."""
        return {"lines": _lines, "array": _items, "parquet": _rows}[self.layout](self.path)

    def place(self, number: int) -> str:
        """A row as an error names it: file:12, file[11] for an array, file row 12 for Parquet."""
        return {"lines": f"{self.path}:{number}", "array": f"{self.path}[{number}]"}.get(
            self.layout, f"{self.path} row {number}"
        )


def _lines(path: Path) -> Iterator[Piece]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            line = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if line.strip():
                yield number, line


def _rows(path: Path) -> Iterator[Piece]:
    for number, row in enumerate(parquet_rows(path), 1):
        yield number, json.dumps(row, default=str).encode() + b"\n"


def _items(path: Path) -> Iterator[Piece]:
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:  # whoever reads the row tells of bad bytes
        text, number = file.read(BLOCK), 0
        at = text.index("[") + 1
        while True:
            at = SPACE.match(text, at).end()  # pyright: ignore[reportOptionalMemberAccess]
            end, mark, damaged = _scan(text, at)
            if not mark and not damaged and (more := file.read(max(BLOCK, len(text)))):
                text, at = text[at:] + more, 0
                continue
            if end > at:
                yield number, text[at:end].encode(errors="surrogateescape") + b"\n"
                number, at = number + 1, end
            if not mark or mark[1] == "]":
                break
            at = mark.end()
        empty = number == 0 and text.startswith("]", at)
        rest = text[mark.end() if mark else at + empty :] + file.read(BLOCK)
        if not (mark or empty) or rest.strip():
            yield number, rest[:BLOCK].encode(errors="surrogateescape")


def _scan(text: str, start: int) -> tuple[int, re.Match[str] | None, bool]:
    """(the end of the value at `start`, the comma or bracket behind it if both are there, whether it is damaged)."""
    try:
        _, end = json.JSONDecoder().raw_decode(text, start)
    except json.JSONDecodeError as error:
        return start, None, error.pos + NEAR < len(text) and not error.msg.startswith("Unterminated string")
    except RecursionError:
        return start, None, True
    mark = MARK.match(text, end)
    return end, mark, not mark and bool(text[end:].strip())
