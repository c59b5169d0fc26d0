"""The picture of docs/results/grpo_*.json: times TRL's update, cost against the group, phases of a whole step.

python benchmarks/grpo_plot.py docs/pictures/grpo_step.png
"""

import json
import sys
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parents[1] / "docs" / "results"
COLOURS = {"theirs": "#b8b8b8", "ours": "#1f6f8b"}
NAMES = {"theirs": "TRL", "ours": "lingshu-rlvr"}
PHASES = ("rollout", "sync", "preprocess", "log-probs", "reward", "update")


def main(out: str) -> int:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 4), layout="constrained")
    ratios, cost, phases = figure.subplots(1, 3)
    _ratios(ratios, _read("grpo_step"))
    _cost(cost, _read("grpo_growth")["group"]["seconds"])
    _phases(phases, _read("grpo_run"))
    figure.savefig(out, dpi=110)
    return 0


def _read(name: str) -> dict[str, Any]:
    found = json.loads((RESULTS / f"{name}.json").read_text())
    found.pop("missed")
    return found


def _ratios(axis: Any, found: dict[str, Any]) -> None:
    names = list(found)[::-1]
    for y, name in enumerate(names):
        ratio, (low, high) = found[name]["ratio"], found[name]["interval"]
        axis.barh(y, ratio, color=COLOURS["ours"], xerr=[[ratio - low], [high - ratio]], ecolor="#333333", capsize=3)
        axis.text(0.1, y, f"{ratio:.2f} x", va="center", color="white", weight="bold")
    axis.axvline(1, color="#333333", lw=1)
    axis.set_yticks(range(len(names)), [name.replace("_", ", ") for name in names])
    axis.set_title("Update: times TRL's speed (95 %)")


def _cost(axis: Any, seconds: dict[str, dict[str, float]]) -> None:
    groups = [int(n) for n in seconds]
    for way, colour in COLOURS.items():
        axis.plot(groups, [one[way] for one in seconds.values()], "o-", color=colour, label=NAMES[way])
    axis.set(xlabel="completions to a prompt", ylabel="seconds", ylim=(0, None), title="Cost of prompt and image")
    axis.set_xticks(groups)
    axis.legend()


def _phases(axis: Any, found: dict[str, Any]) -> None:
    names = [(shape, way) for shape in found for way in COLOURS][::-1]
    left = [0.0] * len(names)
    shades = ("#4c9f70", "#d9a441", "#8d6cab", "#c45b4d", "#888888", "#1f6f8b", "#dddddd")
    for phase, shade in zip((*PHASES, "other"), shades, strict=True):
        taken = [_seconds(found[shape]["seconds"][way], phase) for shape, way in names]
        axis.barh(range(len(names)), taken, left=left, color=shade, label=phase)
        left = [a + b for a, b in zip(left, taken, strict=True)]
    axis.set_yticks(range(len(names)), [f"{shape}, {NAMES[way]}" for shape, way in names])
    axis.set(xlabel="seconds", title="A whole step")
    axis.legend(fontsize=8)


def _seconds(one: dict[str, float], phase: str) -> float:
    return one["step"] - sum(one[name] for name in PHASES) if phase == "other" else one[phase]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
