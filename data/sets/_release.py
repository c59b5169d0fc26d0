"""What the readers of real data sets share: release files, the hub, and drawing a sample."""

from __future__ import annotations

import csv
import hashlib
import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from data.example import Example
from data.registry import tolerant
from recipes import BadInput, hint

SOURCES = ("auto", "files", "hub")


def from_files(source: str, folder: Path, name: str) -> bool:
    """Are the release files to be read? With "auto": if their folder is there."""
    if source not in SOURCES:
        raise BadInput([f"{name}: source is {source!r}{hint(str(source), SOURCES)}; it must be {', '.join(SOURCES)}"])
    return source == "files" or (source == "auto" and folder.is_dir())


def read_json(path: Path, remedy: str) -> Any:
    """The file's content; BadInput with the remedy if it is missing or broken, or an object has a key twice."""
    try:
        return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once)
    except FileNotFoundError as error:
        raise BadInput([f"{path} is missing; {remedy}"]) from error
    except (OSError, ValueError) as error:
        raise BadInput([f"{path} cannot be read ({error}); {remedy}"]) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; ValueError for a key that comes twice, of which json would keep the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} comes twice")
    return found


def table(place: Path, pattern: str, remedy: str) -> list[Any]:
    """The rows of every file under `place` that the glob `pattern` names, in the order of their names.

    By their ending: .json (a list of rows), .jsonl, .csv, .tsv (by their header) or .parquet. BadInput with the remedy
    where there is no file, or one cannot be read; it names the file, and the line of one that holds lines. Within
    `registry.setting_aside` a row of JSON that is no object, or a line that cannot be read, is None.
    """
    paths = sorted(place.glob(pattern))
    if not paths:
        raise BadInput([f"{place / pattern} is missing; {remedy}"])
    return [row for path in paths for row in _rows(path, remedy)]


def _rows(path: Path, remedy: str) -> list[Any]:
    if path.suffix == ".json":
        found = read_json(path, remedy)
        if not isinstance(found, list) or not (tolerant() or all(isinstance(row, dict) for row in found)):
            raise BadInput([f"{path} holds no list of rows; {remedy}"])
        return [row if isinstance(row, dict) else None for row in found]
    reader = {".jsonl": _lines, ".csv": _csv, ".tsv": _csv, ".parquet": _parquet}.get(path.suffix)
    if reader is None:
        raise BadInput([f"{path} is none of .json, .jsonl, .csv, .tsv and .parquet; {remedy}"])
    try:
        return reader(path)
    except (OSError, ValueError, csv.Error) as error:  # pyarrow's own errors are among them
        raise BadInput([f"{path} cannot be read ({error}); {remedy}"]) from error


def _lines(path: Path) -> list[Any]:
    with path.open(encoding="utf-8") as file:
        return [_line(number, line) for number, line in enumerate(file, 1) if line.strip()]


def _line(number: int, line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except ValueError as error:
        if tolerant():
            return None
        raise ValueError(f"line {number}: {error}") from error
    if not isinstance(row, dict) and not tolerant():
        raise ValueError(f"line {number} holds no object")
    return row if isinstance(row, dict) else None


def _csv(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ","))


def _parquet(path: Path) -> list[dict[str, Any]]:
    import pyarrow.parquet

    return pyarrow.parquet.read_table(path).to_pylist()


def hub_rows(hub: str, split: str, remedy: str, config: str | None = None) -> Any:
    """A split of a data set on the hub (or of a local folder in its form), as a datasets.Dataset."""
    from datasets import load_dataset

    try:
        return load_dataset(hub, config, split=split)
    except Exception as error:  # datasets raises many kinds, network errors among them
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise BadInput([f"the hub data set {hub} cannot be read ({reason[0]}); {remedy}"]) from error


def clean(value: Any) -> str:
    """Text without outer spaces; numbers (VQA-RAD has answers that are JSON integers) become text."""
    return str(value).strip()


def rank(seed: str) -> str:
    """A fixed pseudo-random place in an order."""
    return hashlib.sha256(seed.encode()).hexdigest()


def sample(rows: Sequence[Any], n: int | None, seed: int, name: str) -> list[Any]:
    """All rows in their order, or at most n of them at random; a larger n keeps the rows of a smaller one."""
    if n is None:
        return list(rows)
    order = list(range(len(rows)))
    random.Random(f"{name}/{seed}").shuffle(order)
    return [rows[i] for i in order[:n]]


def of_kinds(examples: Iterable[Example], kinds: Sequence[str] | str | None, name: str) -> list[Example]:
    """Only rows of these kinds; BadInput if none is left."""
    wanted = [kinds] if isinstance(kinds, str) else kinds
    kept = [example for example in examples if wanted is None or example.kind in wanted]
    if not kept:
        raise BadInput([f"{name}: no row is of kinds {wanted!r}"])
    return kept
