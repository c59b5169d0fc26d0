"""Numbers as a person reads them: percentages with intervals, as rows of tables."""

from collections.abc import Iterator
from typing import Any

from data.pages.tables import Row

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
