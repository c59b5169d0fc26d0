"""Fractions with their intervals as a drawing (SVG) that fits a phone and takes its colours from the page around it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, MARGIN, ROW, LONGEST = 380, 12, 40, 30  # units of the drawing, about pixels; characters of a label


@dataclass(frozen=True)
class Mark:
    """One row: a fraction, or a difference of two, with the ends of its interval. moved: the difference that decides
    which way it went, where that is not the value itself."""

    label: str
    n: int
    value: float
    low: float
    high: float
    few: bool = False
    moved: tuple[float, float] | None = None

    @property
    def side(self) -> str:
        """Which way the interval of the difference keeps clear of 0: "up", "down" or ""."""
        low, high = self.moved or (self.low, self.high)
        return "" if self.few else "up" if low > 0 else "down" if high < 0 else ""


def forest(marks: Sequence[Mark], title: str, level: float | None = None) -> str:
    """A row for each mark: a filled dot where the interval of the difference keeps clear of 0, a hollow one where it
    does not, and a dashed line where there are too few items. Marks are differences from 0, or, with `level`,
    accuracies beside that one."""
    at = level or 0.0
    low, high = min(at, *(m.low for m in marks)), max(at, *(m.high for m in marks))
    pad = max(0.01, 0.04 * (high - low))
    low, high = low - pad, high + pad
    height = ROW * len(marks) + 30

    def x(value: float) -> str:
        return f"{MARGIN + (value - low) / (high - low) * (WIDTH - 2 * MARGIN):.1f}"

    lines = [f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">']
    for tick in _ticks(low, high):
        words = _points(tick) if level is None else f"{100 * tick:.0f}"
        lines.append(f'<line class="grid" x1="{x(tick)}" x2="{x(tick)}" y1="4" y2="{height - 20}"/>')
        lines.append(f'<text class="pale" x="{x(tick)}" y="{height - 6}" text-anchor="middle">{words}</text>')
    lines.append(f'<line class="zero" x1="{x(at)}" x2="{x(at)}" y1="4" y2="{height - 20}"/>')
    for place, mark in enumerate(marks):
        said = _said(mark, "+", " points") if level is None else _said(mark, "", " %")
        lines += _row(mark, *said, 14 + ROW * place, x(mark.low), x(mark.value), x(mark.high))
    return "\n".join([*lines, "</svg>"])


def _said(mark: Mark, sign: str, unit: str) -> tuple[str, str]:
    value, low, high = (f"{100 * number:{sign}.1f}" for number in (mark.value, mark.low, mark.high))
    return f"{value} [{low}, {high}]", unit


def _row(mark: Mark, said: str, unit: str, y: int, low: str, at: str, high: str) -> list[str]:
    label = mark.label if len(mark.label) <= LONGEST else mark.label[: LONGEST - 1] + "…"
    style = f"mark {mark.side}".strip()
    return [
        f"<g><title>{escape(mark.label)}: {said}{unit}, {mark.n} items</title>",
        f'<text x="0" y="{y}">{escape(label)} <tspan class="pale">n {mark.n}</tspan></text>',
        f'<text x="{WIDTH}" y="{y}" text-anchor="end">{said}</text>',
        f'<line class="{style}{" few" if mark.few else ""}" x1="{low}" x2="{high}" y1="{y + 12}" y2="{y + 12}"/>',
        f'<circle class="{style}" cx="{at}" cy="{y + 12}" r="4"/></g>',
    ]


def _points(tick: float) -> str:
    return f"{100 * tick:+.0f}" if tick else "0"


def _ticks(low: float, high: float) -> list[float]:
    """At most nine round values within the ends."""
    step = next(s / 100 for s in (1, 2, 5, 10, 20, 25, 50) if (high - low) * 100 / s <= 9 or s == 50)
    return [round(k * step, 4) for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
