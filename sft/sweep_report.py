"""What a sweep found: each suite's accuracy in every run, and what a change did to the first, on the same items."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from data.build import store
from data.pages import page, tables
from data.pages.blocks import Block, Bullets, Heading, Picture, Table, Text, markdown
from eval import gains, kept, plot, stats, table, verdicts
from eval.results import Result
from recipes import BadInput, Recipe, folder, from_root

if TYPE_CHECKING:
    from sft.sweep import Entry

NAME = "sweep"  # of the files: sweep.md, sweep.html, sweep.json
HEADER = ("run", "samples", "steps", "accuracy %", "against the first, points", "Holm p", "verdict", "format %")
HOW_TO_READ = (
    "**Accuracy** with its 95 % interval; the difference is paired: both runs answered the same items, after training. "
    "**Holm p** is McNemar's exact test, corrected for all comparisons of the sweep.",
    "**Groups** are looked at one by one without a correction for their number; intervals of few items are wide.",
    "Every run is one seed: the interval holds what other items would change, not what another seed would.",
)


def write(sweep: Recipe, entries: Sequence["Entry"], failed: dict[int, str]) -> dict[str, Any]:
    """sweep.json, which is returned, sweep.md and sweep.html in the sweep's folder. failed: number of a run -> why."""
    found = {entry.number: _results(entry) for entry in entries if entry.number not in failed}
    first = found.get(1, {})
    runs = [_run(entry, found.get(entry.number, {}), first, failed) for entry in entries]
    compared = [arm for run in runs for name, arm in run["suites"].items() if "delta" in arm and "+" not in name]
    ps = stats.holm([arm["delta"]["mcnemar_p"] for arm in compared])
    for arm, p in zip(compared, ps, strict=True):
        arm["delta"]["holm_p"] = p
        arm["verdict"] = verdicts.verdict(arm)
    told = {
        "recipe": str(sweep.path),
        "resolved": sweep.resolved(),
        "baseline": runs[0]["changes"],
        "corrected_for": len(compared),
        "runs": runs,
    }
    place = from_root(sweep.run.output_dir)
    made = blocks(told)
    texts = {
        "json": json.dumps(told, indent=2, ensure_ascii=False) + "\n",
        "md": markdown(made),
        "html": page.html(made),
    }
    for ending, text in texts.items():
        store.write_bytes(place / f"{NAME}.{ending}", text.encode())
    return told


def blocks(told: dict[str, Any]) -> list[Block]:
    """The report: a table and a drawing a suite, and its groups."""
    made: list[Block] = [Heading(f"Sweep: {told['recipe']}", 1)]
    made += [Text(f"Base: `{told['resolved']['sweep']['base']}`. Compared with the first run: {told['baseline']}.")]
    if lost := [f"**failed**: {run['changes']}: {run['failed']}" for run in told["runs"] if run["failed"]]:
        made.append(Bullets(lost, headline=True))
    for name in _suites(told):
        made += [Heading(name), Table(f"{name} by run", HEADER, _rows(told, name), _notes(told, name))]
        made += [*_drawing(told, name), *_groups(told, name)]
    return [*made, Heading("How to read it"), Bullets(HOW_TO_READ), Text("Nothing here is for clinical use.")]


def in_short(sweep: Recipe, told: dict[str, Any]) -> str:
    """The tables for a terminal, and where the rest is."""
    lines = [tables.plain(HEADER, _rows(told, name), name) for name in _suites(told)]
    return "\n\n".join([*lines, f"the report: {sweep.run.output_dir}/{NAME}.html   (as text: {NAME}.md)"])


def _results(entry: "Entry") -> dict[str, Result]:
    run = entry.finished()
    return {result.name: result for result in kept.read(run / "eval" / "after")} if run else {}


def _run(entry: "Entry", found: dict[str, Result], first: dict[str, Result], failed: dict[int, str]) -> dict[str, Any]:
    run = entry.finished()
    made = json.loads((run / folder.LINEAGE).read_text(encoding="utf-8")) if run else {}
    return {
        "changes": entry.label,
        "folder": str(run or entry.out),
        "failed": failed.get(entry.number),
        "samples": made.get("examples"),
        "steps": made.get("steps"),
        "suites": {
            name: _arm(result, None if entry.number == 1 else first.get(name)) for name, result in found.items()
        },
    }


def _arm(result: Result, base: Result | None) -> dict[str, Any]:
    """The run's own numbers, and beside `base` those of gains.json over the items that both were asked."""
    own = result.summary()
    keys = ("n", "accuracy", "low", "high", "by_degree", "format_rate", "mean_tokens")
    arm = {key: own[key] for key in keys} | {"by": own["by"]}
    if base is None:
        return arm
    try:
        entry = gains.compare(base, result)
    except BadInput as error:
        return arm | {"not compared": str(error)}
    deltas = {group: {value: part["delta"] for value, part in of.items()} for group, of in entry["by"].items()}
    return arm | {key: entry[key] for key in ("delta", "too_few", "min_detectable")} | {"delta_by": deltas}


def _suites(told: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(name for run in told["runs"] for name in run["suites"]))


def _arms(told: dict[str, Any], suite: str) -> list[tuple[str, dict[str, Any]]]:
    return [(run["changes"], run["suites"][suite]) for run in told["runs"] if suite in run["suites"]]


def _rows(told: dict[str, Any], suite: str) -> list[tables.Row]:
    rows = []
    for run in told["runs"]:
        arm = run["suites"].get(suite)
        if arm is None:
            rows.append((run["changes"], *["-"] * 5, "failed" if run["failed"] else "not asked", "-"))
            continue
        delta = arm.get("delta")
        moved = (table.points(delta), _p(delta), arm.get("verdict", "-")) if delta else ("-", "-", "-")
        sizes = (str(run[key]) if run[key] is not None else "-" for key in ("samples", "steps"))
        rows.append((run["changes"], *sizes, table.interval(arm), *moved, table.percent(arm["format_rate"])))
    return rows


def _p(delta: dict[str, Any]) -> str:
    return table.p_value(delta["holm_p"]) if "holm_p" in delta else "-"


def _notes(told: dict[str, Any], suite: str) -> list[str]:
    arms = _arms(told, suite)
    lines = [f"{arms[0][1]['n']} items."] if arms else []
    return lines + [f"{label}: {arm['not compared']}" for label, arm in arms if "not compared" in arm]


def _drawing(told: dict[str, Any], suite: str) -> list[Block]:
    """Accuracies, with a line at the first run's; nothing without it."""
    arms = _arms(told, suite)
    if suite not in told["runs"][0]["suites"]:
        return []
    marks = []
    for label, arm in arms:
        delta = arm.get("delta")
        moved = (delta["low"], delta["high"]) if delta else (0.0, 0.0)
        marks.append(
            plot.Mark(label, arm["n"], arm["accuracy"], arm["low"], arm["high"], arm.get("too_few", False), moved)
        )
    alt = f"{suite}: accuracy in % with its 95 % interval; the line is the first run's. Filled: the paired difference "
    alt += "is clear of 0."
    return [Picture(alt, drawing=plot.forest(marks, alt, level=arms[0][1]["accuracy"]))]


def _groups(told: dict[str, Any], suite: str) -> list[Block]:
    """A table a group (family, modality, ...): the first run's accuracies, and the differences of the others."""
    arms, made = _arms(told, suite), []
    if suite not in told["runs"][0]["suites"]:
        return []
    (label, first), *others = arms
    for group, values in first["by"].items():
        rows = [
            (
                value,
                str(part["n"]),
                table.interval(part),
                *(_point(arm.get("delta_by", {}).get(group, {}).get(value)) for _, arm in others),
            )
            for value, part in values.items()
        ]
        header = (group, "n", f"{label}, %", *(f"{other}, points" for other, _ in others))
        made.append(Table(f"{suite} by {group}", header, rows))
    return made


def _point(delta: dict[str, Any] | None) -> str:
    return "-" if delta is None else table.points(delta)
