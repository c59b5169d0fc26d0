"""Numbers and lists as a question or a trace writes them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal


def fixed(value: float, places: int) -> str:
    """Rounded half up, as a laboratory does, with exactly that many decimals."""
    exact = Decimal(repr(round(value, 9)))
    text = str(exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))
    return text.removeprefix("-") if float(text) == 0 else text


def plain(value: float) -> str:
    """A number inside a sum: up to four decimals, no trailing zeros."""
    return f"{round(value, 4):.10g}"


def with_unit(value: str, unit: str) -> str:
    """`5.9 mmol/L`, or the bare number of a score."""
    return f"{value} {unit}".strip()


def either(words: Sequence[str]) -> str:
    """`low, normal or high`."""
    return f"{', '.join(words[:-1])} or {words[-1]}"


def flag(present: bool) -> str:
    """`yes` or `no`."""
    return "yes" if present else "no"


def listed(findings: Sequence[tuple[str, str]]) -> str:
    """`confusion no, urea 9, rate 32`."""
    return ", ".join(f"{name} {value}" for name, value in findings)


def running(findings: Sequence[tuple[str, str]], points: Sequence[float]) -> str:
    """`confusion no 0, urea 9 yes 1, rate 32 yes 2`: each finding, whether it counts, the sum so far."""
    parts, total = [], 0.0
    for (name, value), worth in zip(findings, points, strict=True):
        total += worth
        verdict = value if value in ("yes", "no") else f"{value} {flag(worth > 0)}"
        parts.append(f"{name} {verdict} {total:g}")
    return ", ".join(parts)
