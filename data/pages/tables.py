"""Tables for the terminal and for Markdown."""

import re
from collections.abc import Iterable, Sequence

Row = tuple[str, ...]


def show(header: Sequence[str], rows: Iterable[Row], title: str = "") -> None:
    """Prints a table: with rich where it is installed, else in plain columns."""
    rows = list(rows)
    try:
        from rich import box
        from rich.console import Console
        from rich.table import Table
    except ImportError:
        print(plain(header, rows, title))
        return
    table = Table(title=title or None, title_justify="left", box=box.SIMPLE)
    for place, word in enumerate(header):
        table.add_column(word, justify="right" if place else "left", no_wrap=place == 0)
    for row in rows:
        table.add_row(*row)
    console = Console(markup=False)
    # Without a terminal rich would fold the columns at 80 characters and break the numbers in a log.
    console = console if console.is_terminal else Console(markup=False, width=160)
    console.print(table)


def plain(header: Sequence[str], rows: Sequence[Row], title: str = "") -> str:
    """The table in columns of spaces."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (header, *rows)]
    return "\n".join(line.rstrip() for line in ([title] if title else []) + lines)


def markdown(header: Sequence[str], rows: Iterable[Row]) -> str:
    """The table in Markdown, numbers to the right."""
    rule = ["---"] + ["---:"] * (len(header) - 1)
    lines = (map(_cell, row) for row in (header, *rows))
    return "\n".join(f"| {' | '.join(row)} |" for row in (next(lines), rule, *lines))


def _cell(text: str) -> str:
    """On one line, without what would end the cell or begin a tag: groups are named by data sets."""
    return re.sub(r"<(?=[\w/!?])", "&lt;", " ".join(text.replace("|", "/").split()))
