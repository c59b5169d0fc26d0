"""Numbers as a person reads them: percentages with intervals, as rows for the terminal and for Markdown."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

HEADER = ("suite", "n", "base %", "RL %", "gain, points", "p", "Holm p", "worse/better", "format %", "tokens")
GROUP_HEADER = ("group", "n", "base %", "RL %", "gain, points", "p", "worse/better")
RESULT_HEADER = (
    "suite",
    "n",
    "accuracy %",
    "format %",
    "tokens",
    "wrong",
    "unparsed",
    "truncated",
    "ungraded",
    "failed",
)
Row = tuple[str, ...]


def gain_rows(found: dict[str, Any]) -> list[Row]:
    """One row a suite of gains.json."""
    rows = ((_gain_row(name, entry), entry["delta"].get("holm_p")) for name, entry in found["suites"].items())
    return [(*row[:6], "-" if p is None else p_value(p), *row[6:]) for row, p in rows]


def group_rows(entry: dict[str, Any]) -> Iterator[Row]:
    """One row for each value of each group (kind, family, ...) of one suite, and the mean over the values."""
    for group, values in entry["by"].items():
        for value, part in values.items():
            row = _gain_row(f"{group}: {value}", part)
            yield (*row[:5], "too few" if part.get("too_few") else row[5], row[6])
        if macro := entry.get("macro", {}).get(group):
            gain = f"{100 * macro['delta']:+.1f}"
            yield (f"{group}: mean of {len(values)}", "", percent(macro["base"]), percent(macro["rl"]), gain, "", "")


def result_row(summary: dict[str, Any]) -> Row:
    """One evaluation alone, for RESULT_HEADER."""
    outcomes = summary["outcomes"]
    return (
        named(summary["name"], summary),
        str(summary["n"]),
        interval(summary),
        percent(summary["format_rate"]),
        tokens(summary["mean_tokens"]),
        *(percent(outcomes[outcome]) for outcome in RESULT_HEADER[5:]),
    )


def named(name: str, entry: dict[str, Any]) -> str:
    """A suite, with a word where its percentages are a mean score."""
    return f"{name} (mean score)" if entry.get("by_degree") else name


def percent(value: float | None) -> str:
    """A fraction as a percentage with one decimal."""
    return "-" if value is None else f"{100 * value:.1f}"


def interval(side: dict[str, Any]) -> str:
    """{accuracy, low, high} as percentages."""
    return f"{percent(side['accuracy'])} [{percent(side['low'])}, {percent(side['high'])}]"


def points(delta: dict[str, Any]) -> str:
    """A difference of two fractions in percentage points, with its interval."""
    return f"{100 * delta['accuracy']:+.1f} [{100 * delta['low']:+.1f}, {100 * delta['high']:+.1f}]"


def tokens(value: float | None) -> str:
    """A mean length."""
    return "-" if value is None else f"{value:.0f}"


def p_value(p: float) -> str:
    """As far down as a reader can use it."""
    return "< 0.0001" if p < 1e-4 else f"{p:.4f}" if p < 0.01 else f"{p:.2f}"


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


def _gain_row(name: str, entry: dict[str, Any]) -> Row:
    base, rl, delta = entry["base"], entry["rl"], entry["delta"]
    return (
        named(name, entry),
        str(entry["n"]),
        interval(base),
        interval(rl),
        points(delta),
        p_value(delta["mcnemar_p"]),
        f"{delta['right_to_wrong']}/{delta['wrong_to_right']}",
        f"{percent(base['format_rate'])} -> {percent(rl['format_rate'])}",
        f"{tokens(base['mean_tokens'])} -> {tokens(rl['mean_tokens'])}",
    )
