"""What a report is made of, and its Markdown. `data.pages.page` makes HTML of the same blocks.

In Heading, Text and Bullets `**bold**` and `` `code` `` are marked up; whatever a model or a data set wrote belongs
into a Case, where nothing is, or into the cells of a Table.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from data.pages import tables


@dataclass(frozen=True)
class Heading:
    text: str
    level: int = 2


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Bullets:
    lines: Sequence[str]
    headline: bool = False  # what is to be read first


@dataclass(frozen=True)
class Table:
    """The first column names the rows. `notes` stand below."""

    caption: str
    header: Sequence[str]
    rows: Sequence[tables.Row]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Picture:
    """`alt` says in words what is seen. Markdown shows the `file`, whose `name` is relative to the report; HTML the
    drawing (SVG) where there is one, else the file's bytes."""

    alt: str
    file: Path | None = None
    name: str = ""
    drawing: str = ""


@dataclass(frozen=True)
class Case:
    """One item: (label, text as it was written)."""

    title: str
    parts: Sequence[tuple[str, str]] = field(default_factory=tuple)


@dataclass(frozen=True)
class Study:
    """One item and what several models answered: (label, text) of the item, then of each model, side by side.

    images: data URIs of pictures, shown in HTML alone.
    """

    title: str
    item: Sequence[tuple[str, str]]
    models: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    images: Sequence[str] = ()


Block = Heading | Text | Bullets | Table | Picture | Case | Study


def markdown(blocks: Sequence[Block]) -> str:
    """The report for a reader of plain text or Markdown."""
    return "\n\n".join(text for block in blocks if (text := _markdown(block))) + "\n"


def _markdown(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {text}"
        case Text(text):
            return text
        case Bullets(lines):
            return "\n".join(f"- {line}" for line in lines)
        case Table(caption, header, rows, notes):
            return "\n\n".join([f"{caption}:", tables.markdown(header, rows), *notes])
        case Picture(alt, _, name):
            return f"![{alt}]({name})" if name else ""
        case Case(title, parts):
            return "\n\n".join([f"**{title}**", *_said(parts)])
        case Study(title, item, models):
            answered = (text for name, parts in models for text in (f"*{name}*", *_said(parts)))
            return "\n\n".join([f"### {title}", *_said(item), *answered])


def _said(parts: Sequence[tuple[str, str]]) -> list[str]:
    return [f"{label}:\n\n{_fenced(text)}" for label, text in parts]


def _fenced(text: str) -> str:
    """As it was written, in a fence longer than any in it."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
