"""Gains with their intervals as a drawing (SVG) that fits a phone and takes its colours from the page around it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, MARGIN, ROW, LONGEST = 380, 12, 40, 30  # units of the drawing, about pixels; characters of a label


@dataclass(frozen=True)
class Mark:
    """One row: a difference of fractions with the ends of its interval."""

    label: str
    n: int
    value: float
    low: float
    high: float
    few: bool = False

    @property
    def side(self) -> str:
        """Which way the interval keeps clear of 0: "up", "down" or ""."""
        return "" if self.few else "up" if self.low > 0 else "down" if self.high < 0 else ""


def forest(marks: Sequence[Mark], title: str) -> str:
    """A row for each mark: a filled dot where the interval keeps clear of 0, a hollow one where it does not, and a
    dashed line where there are too few items."""
    low, high = min(0.0, *(m.low for m in marks)), max(0.0, *(m.high for m in marks))
    pad = max(0.01, 0.04 * (high - low))
    low, high = low - pad, high + pad
    height = ROW * len(marks) + 30

    def x(value: float) -> str:
        return f"{MARGIN + (value - low) / (high - low) * (WIDTH - 2 * MARGIN):.1f}"

    lines = [f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">']
    for tick in _ticks(low, high):
        kind = "zero" if tick == 0 else "grid"
        lines.append(f'<line class="{kind}" x1="{x(tick)}" x2="{x(tick)}" y1="4" y2="{height - 20}"/>')
        lines.append(f'<text class="pale" x="{x(tick)}" y="{height - 6}" text-anchor="middle">{_points(tick)}</text>')
    for place, mark in enumerate(marks):
        lines += _row(mark, 14 + ROW * place, x(mark.low), x(mark.value), x(mark.high))
    return "\n".join([*lines, "</svg>"])


def _row(mark: Mark, y: int, low: str, at: str, high: str) -> list[str]:
    label = mark.label if len(mark.label) <= LONGEST else mark.label[: LONGEST - 1] + "…"
    gain = f"{100 * mark.value:+.1f} [{100 * mark.low:+.1f}, {100 * mark.high:+.1f}]"
    style = f"mark {mark.side}".strip()
    return [
        f"<g><title>{escape(mark.label)}: {gain} points, {mark.n} items</title>",
        f'<text x="0" y="{y}">{escape(label)} <tspan class="pale">n {mark.n}</tspan></text>',
        f'<text x="{WIDTH}" y="{y}" text-anchor="end">{gain}</text>',
        f'<line class="{style}{" few" if mark.few else ""}" x1="{low}" x2="{high}" y1="{y + 12}" y2="{y + 12}"/>',
        f'<circle class="{style}" cx="{at}" cy="{y + 12}" r="4"/></g>',
    ]


def _points(tick: float) -> str:
    return f"{100 * tick:+.0f}" if tick else "0"


def _ticks(low: float, high: float) -> list[float]:
    """Four to nine round values within the ends, 0 among them."""
    step = next(s / 100 for s in (1, 2, 5, 10, 20, 25, 50) if (high - low) * 100 / s <= 9 or s == 50)
    return [round(k * step, 4) for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
