"""Counts as a bar chart (SVG) that takes its colours from the page around it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

WIDTH, ROW, LABEL, NUMBER, LONGEST = 490, 22, 165, 110, 22  # units of the drawing, about pixels; characters of a label


def bars(counts: Mapping[str, int], title: str) -> str:
    """A bar for each, in the order given, with its number and share. Counts are above 0."""
    total, most = sum(counts.values()), max(counts.values())
    lines = [f'<svg viewBox="0 0 {WIDTH} {ROW * len(counts) + 4}" role="img" aria-label="{escape(title)}">']
    for place, (label, n) in enumerate(counts.items()):
        y, width = ROW * place, (WIDTH - LABEL - NUMBER) * n / most
        short = label if len(label) <= LONGEST else label[: LONGEST - 1] + "…"
        lines += [
            f"<g><title>{escape(label)}: {n:,} of {total:,}</title>",
            f'<text x="{LABEL - 8}" y="{y + 16}" text-anchor="end">{escape(short)}</text>',
            f'<rect class="up" x="{LABEL}" y="{y + 4}" width="{width:.1f}" height="{ROW - 8}"/>',
            f'<text x="{LABEL + width + 6:.1f}" y="{y + 16}">{n:,}'
            f' <tspan class="pale">{100 * n / total:.1f} %</tspan></text></g>',
        ]
    return "\n".join([*lines, "</svg>"])
