"""What is known of the data sets without reading them: where their data are, and the table that shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from data.pages import tables
from data.registry import SetInfo, folder

HEADER = ("set", "class", "splits", "rows", "licence", "data", "read", "what it is")
LONGEST = {"licence": 26, "what it is": 64, "splits": 24}  # characters
UNKNOWN = "unknown"  # a licence that nobody here found stated


def generated(info: SetInfo) -> bool:
    """Whether the set is made here, and nothing has to be downloaded."""
    return not (info.hub or info.remedy)


def here(info: SetInfo) -> bool:
    """Whether the set's folder is on this machine, or it needs none. Its files are not looked at."""
    return generated(info) or folder(info.name).is_dir()


def download(info: SetInfo) -> str:
    """One line that says what to download and where to put it; "" for a set that is made here."""
    if generated(info):
        return ""
    return info.remedy.format(place=folder(info.name)) or f"the hub: {info.hub}"


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
    count = sum(info.rows.values())
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
