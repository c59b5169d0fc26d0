"""What is known of the data sets without reading them: where their data are, and the table that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from data.build.corpus import RECIPES, corpus
from data.pages import tables
from data.registry import SetInfo, files, folder
from recipes import BadInput, from_root

HEADER = ("set", "class", "splits", "rows", "licence", "data", "read", "what it is")
LONGEST = {"licence": 26, "what it is": 64, "splits": 24}  # characters
UNKNOWN = "unknown"  # a licence that nobody here found stated


def generated(info: SetInfo) -> bool:
    """Whether the set is made here or named by its path, and nothing has to be downloaded."""
    return "path" in (info.knobs or {}) or not (info.hub or info.remedy)


def here(info: SetInfo) -> bool:
    """Whether the set's folder is on this machine, or it needs none. Its files are not looked at."""
    return generated(info) or folder(info.name).is_dir()


def download(info: SetInfo) -> str:
    """One line that says what to download and where to put it; "" for a set that is made here."""
    if generated(info):
        return ""
    return info.remedy.format(place=folder(info.name)) or f"the hub: {info.hub}"


def missing(info: SetInfo, split: str, knobs: Mapping[str, Any]) -> str:
    """What of a split is not here, and how to get it, in one line; "" where all is. Only names of files are looked at,
    and nothing of what is to be read from the hub."""
    if "path" in (info.knobs or {}):
        path = str(knobs.get("path") or "")
        if path.endswith(RECIPES):
            return _not_built(path)
        todo = info.remedy.format(name=Path(path).stem)  # a recipe's folder is named after it
        return "" if not path or from_root(path).exists() else f"{path} is not here; {todo}"
    if generated(info) or knobs.get("source") == "hub" or knobs.get("hub"):
        return ""
    place = folder(info.name)
    if not place.is_dir():
        return f"not in {place}; {download(info)}"
    lost = [glob for glob in files(info.name, split, knobs.get("part")) if not any(place.glob(glob))]
    return f"{place / lost[0]} is missing; {download(info)}" if lost else ""


def _not_built(recipe: str) -> str:
    """Why there is no corpus of this recipe, and how to make it; "" where there is one."""
    try:
        corpus(recipe)
    except BadInput as error:
        return error.problems[0]
    return ""


def released(info: SetInfo, split: str, knobs: Mapping[str, Any]) -> int | None:
    """Rows of a split, or of the parts of it that are asked for, in the whole release; None where nobody stated it."""
    part = knobs.get("part")
    named = [part] if isinstance(part, str) else part
    counts = [info.rows.get(f"{split}/{one}") for one in named] if named else [info.rows.get(split)]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def where(info: SetInfo) -> str:
    """here; else hub (archives of pictures have to be unpacked), credentialed (to be asked for), or missing."""
    if here(info):
        return "here"
    if info.access != "open":
        return "credentialed"
    return "hub" if info.hub else "missing"


def entry(info: SetInfo) -> dict[str, Any]:
    """The set's facts, with where its data are and how to get them."""
    return {**asdict(info), "where": where(info), "download": download(info)}


def table(sets: Iterable[SetInfo]) -> str:
    """The table, a set a line below HEADER."""
    return tables.plain(HEADER, list(map(_row, sets)))


def _row(info: SetInfo) -> tuple[str, ...]:
    count = sum(n for split, n in info.rows.items() if split in info.splits)
    return (
        info.name,
        ", ".join(info.classes) or ("benchmark" if info.benchmark else "-"),
        _short("splits", ", ".join(info.splits)),
        f"{count:,}" if count else "-",
        _short("licence", info.license or UNKNOWN),
        where(info),
        "verified" if info.verified else "unverified",
        _short("what it is", info.text),
    )


def _short(column: str, text: str) -> str:
    return text if len(text) <= LONGEST[column] else text[: LONGEST[column] - 4].rsplit(" ", 1)[0] + " ..."
