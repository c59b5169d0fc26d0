"""The pictures of a report, drawn without a display: the learning curve, and the gain by family and by modality.

Colours are Okabe and Ito's, which stay apart for colour-blind readers; shapes and fill tell the series apart too.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.kept import json_lines

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#8a8a8a"
EVAL_SERIES = ((ORANGE, "o"), (GREEN, "s"), ("#CC79A7", "^"), ("#000000", "D"))
TRAIN_ACCURACY = "rewards/answer_match/mean"
Points = dict[int, dict[str, float]]  # step -> {accuracy, low, high}


def learning_curve(metrics: Path, out: Path) -> Path | None:
    """Draws metrics.jsonl of a training run: above, accuracy on the training prompts (each step and a running mean)
    and on the held-out suites with 95 % intervals; below, the reward. None when there is nothing to draw."""
    rows = [row for row in json_lines(metrics) if isinstance(row.get("step"), int)]
    train, reward = _series(rows, TRAIN_ACCURACY), _series(rows, "reward")
    suites = _eval_points(rows)
    if not (train or reward or suites):
        return None
    figure, (top, bottom) = _figure(2, 1, size=(8.0, 6.0), sharex=True, height_ratios=[2.2, 1])
    _draw_train(top, train, percent=True, label="training prompts, sampled")
    for (colour, marker), (suite, points) in zip(EVAL_SERIES, sorted(suites.items()), strict=False):
        _draw_eval(top, points, colour, marker, suite)
    _draw_train(bottom, reward, percent=False, label="reward")
    top.set(ylabel="accuracy, %", ylim=(0, 102))
    if train or suites:
        top.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, borderaxespad=0.3)
    bottom.set(ylabel="mean reward", xlabel="training step")
    return _write(figure, out)


def gain_bars(found: dict[str, Any], out: Path) -> Path:
    """Draws gains.json: a panel a suite, two a row, with a pair of bars (before, after) for the whole and for each
    family, or each kind where the items have no family; 95 % intervals, and the gain in points beside them. What was
    asked under a probe is left to the tables: what it shows is not a gain."""
    panels = [(name, _bars(entry)) for name, entry in found["suites"].items() if "+" not in name]
    return _panels(panels or [(name, _bars(entry)) for name, entry in found["suites"].items()], out)


def modality_bars(found: dict[str, Any], out: Path) -> Path | None:
    """The same by modality, of the suites that have more than one; None where no suite has."""
    panels = [
        (name, [("all", entry), *entry["by"]["modality"].items()])
        for name, entry in found["suites"].items()
        if "+" not in name and "modality" in entry["by"]
    ]
    return _panels(panels, out) if panels else None


def _panels(panels: Sequence[tuple[str, Sequence[tuple[str, dict[str, Any]]]]], out: Path) -> Path:
    columns = min(2, len(panels))
    heights = [max(len(bars) for _, bars in panels[at : at + columns]) for at in range(0, len(panels), columns)]
    size = (1.6 + 5.4 * columns, 0.6 + sum(0.9 + 0.62 * height for height in heights))
    figure, axes = _figure(len(heights), columns, size=size, height_ratios=heights)
    for axis, (name, bars) in zip(axes, panels, strict=False):
        _draw_bars(axis, bars, f"{name} (n = {bars[0][1]['n']})")
    for axis in axes[len(panels) :]:
        axis.set_axis_off()
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=2, frameon=False)
    return _write(figure, out)


def _figure(rows: int, columns: int, *, size: tuple[float, float], **settings: Any) -> tuple[Any, Sequence[Any]]:
    """A figure and its axes as a flat list, drawn by the Agg backend whatever the environment prefers."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False, **settings).ravel()
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(color="#dddddd", linewidth=0.6)
        axis.set_axisbelow(True)
    return figure, list(axes)


def _write(figure: Any, out: Path) -> Path:
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, dpi=150, facecolor="white")
    return out


def _series(rows: Sequence[dict[str, Any]], key: str) -> dict[int, float]:
    return {row["step"]: float(row[key]) for row in rows if isinstance(row.get(key), int | float)}


def _eval_points(rows: Sequence[dict[str, Any]]) -> dict[str, Points]:
    """suite -> step -> {accuracy, low, high}, from the keys `eval/<suite>/accuracy` and its neighbours."""
    found: dict[str, Points] = {}
    for row in rows:
        for key, value in row.items():
            match = re.fullmatch(r"eval/(.+)/(accuracy|low|high)", key)
            if match and isinstance(value, int | float):
                found.setdefault(match[1], {}).setdefault(row["step"], {})[match[2]] = float(value)
    whole = {suite: {at: p for at, p in points.items() if "accuracy" in p} for suite, points in found.items()}
    return {suite: points for suite, points in whole.items() if points}


def _draw_train(axis: Any, series: dict[int, float], *, percent: bool, label: str) -> None:
    """Each step pale, the running mean over a twentieth of the run on top of it."""
    if not series:
        return
    steps = sorted(series)
    values = [series[step] * (100 if percent else 1) for step in steps]
    window = max(3, len(steps) // 20)
    means = [sum(part) / len(part) for i in range(len(values)) if (part := values[max(0, i - window + 1) : i + 1])]
    axis.plot(steps, values, color=BLUE, alpha=0.3, linewidth=0.9)
    axis.plot(steps, means, color=BLUE, linewidth=2, label=f"{label} (mean of {window} steps)")


def _draw_eval(axis: Any, points: Points, colour: str, marker: str, suite: str) -> None:
    steps = sorted(points)
    values = [100 * points[step]["accuracy"] for step in steps]
    below = [v - 100 * points[step].get("low", points[step]["accuracy"]) for step, v in zip(steps, values, strict=True)]
    above = [
        100 * points[step].get("high", points[step]["accuracy"]) - v for step, v in zip(steps, values, strict=True)
    ]
    axis.errorbar(
        steps,
        values,
        yerr=[[max(0.0, b) for b in below], [max(0.0, a) for a in above]],
        color=colour,
        marker=marker,
        markersize=6,
        linewidth=1.4,
        capsize=3,
        label=f"{suite}, held out (95 % interval)",
    )


def _bars(entry: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """(label, numbers) from top to bottom: the whole first."""
    split = entry["by"].get("family") or entry["by"].get("kind") or {}
    return [("all", entry), *split.items()]


def _draw_bars(axis: Any, bars: Sequence[tuple[str, dict[str, Any]]], title: str) -> None:
    places = range(len(bars))
    for side, colour, shift in (("base", GREY, -0.19), ("rl", BLUE, 0.19)):
        numbers = [part[side] for _, part in bars]
        values = [100 * n["accuracy"] for n in numbers]
        spread = [
            [max(0.0, 100 * (n["accuracy"] - n["low"])) for n in numbers],
            [max(0.0, 100 * (n["high"] - n["accuracy"])) for n in numbers],
        ]
        axis.barh(
            [place + shift for place in places],
            values,
            height=0.36,
            color=colour,
            xerr=spread,
            error_kw={"ecolor": "#222222", "elinewidth": 1.1, "capsize": 2.5},
            label="before RL" if side == "base" else "after RL",
        )
    axis.text(104, -0.62, "gain, points", fontsize=8.5, color="#555555", va="bottom")
    for place, (_, part) in zip(places, bars, strict=True):
        axis.text(104, place, _gain(part["delta"]), va="center", fontsize=8.5)
    axis.set(xlim=(0, 100), xlabel="accuracy, % (95 % interval)", yticks=list(places), ylim=(len(bars) - 0.5, -0.5))
    axis.set_yticklabels([label for label, _ in bars])
    axis.set_title(title, loc="left", fontsize=10.5)
    axis.grid(axis="y", visible=False)


def _gain(delta: dict[str, float]) -> str:
    return f"{100 * delta['accuracy']:+.1f} [{100 * delta['low']:+.1f}, {100 * delta['high']:+.1f}]"
