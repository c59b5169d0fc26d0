"""The paper's tables 6 to 9 with this run's rows beside the published ones (eval/published.toml)."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from data.pages.blocks import Block, Table, Text
from data.pages.tables import Row
from eval import metrics, stats, table
from eval.gains import as_interval
from eval.results import Result
from eval.stats import Interval

FILE = Path(__file__).with_name("published.toml")
Models = Mapping[str, Sequence[Result]]  # what a model is called -> its results; the first is the base
Gains = Mapping[str, dict[str, Any]]  # model -> its gains.json against the base
Columns = dict[int, str]  # place of a column in the paper's table -> the suite that stands for it
Values = list[Interval | None]  # a row's fractions; a published one has no width, None is not known


@cache
def facts() -> dict[str, Any]:
    """The file, each table with its columns."""
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))
    found["ablation"]["columns"] = found[found["ablation"]["columns_of"]]["columns"]
    return found


def tables(models: Models, gains: Gains) -> list[Block]:
    """The tables of which this run has a column at least, with those columns; [] for none."""
    names = {result.suite for results in models.values() for result in results if not result.probe}
    found: list[Block] = []
    for key, rows in ROWS.items():
        part = facts()[key]
        columns = {place: suite for place, column in enumerate(part["columns"]) if (suite := _suite(column, names))}
        if columns:
            caption = f"{part['title']} (table {part['table']} of the paper)"
            found.append(Table(caption, *rows(part, columns, models, gains), _notes(part, columns, models)))
    return [Text(f"{facts()['note']} Source: {facts()['source']}."), *found] if found else []


def _suite(column: dict[str, Any], names: set[str]) -> str | None:
    """The first of the column's suites that was run."""
    return next((suite for suite in column["suites"] if suite in names), None)


def _accuracy_rows(part: dict[str, Any], columns: Columns, models: Models, gains: Gains) -> tuple[Row, list[Row]]:
    """Tables 6 and 7: a row a model, and the mean of the columns that are shown."""
    ours = [_row(f"{name} (this run)", _accuracies(results, columns)) for name, results in models.items()]
    theirs = [_row(f"{name} (published)", values) for name, values in _published(part, columns).items()]
    return _header(part, columns), [*ours, *theirs]


def _ablation_rows(part: dict[str, Any], columns: Columns, models: Models, gains: Gains) -> tuple[Row, list[Row]]:
    """Table 9: with and without reinforcement learning, and the gain."""
    base, *trained = models
    rows = [_row(f"{base} (this run)", _accuracies(models[base], columns))]
    for name in trained:
        rows += [_row(f"{name} (this run)", _accuracies(models[name], columns))]
        rows += [_row(f"gain of {name}", _deltas(models[name], columns, gains[name]), signed=True)]
    published = _published(part, columns)
    rows += [_row(f"{name} (published)", values) for name, values in published.items()]
    moved: Values = [a and b and _exact(a.value - b.value) for b, a in zip(*published.values(), strict=True)]
    return _header(part, columns), [*rows, _row("gain (published)", moved, signed=True)]


def _report_rows(part: dict[str, Any], columns: Columns, models: Models, gains: Gains) -> tuple[Row, list[Row]]:
    """Table 8: a row a model, five metrics a set."""
    keys = [metric["key"] for metric in part["metrics"]]
    rows = []
    for name, results in models.items():
        of = {result.suite: result.metrics for result in _greedy(results)}
        values = [_metric(key, of.get(suite, {}).get(key)) for suite in columns.values() for key in keys]
        rows.append((f"{name} (this run)", *values))
    for name, *sets in part["rows"]:
        rows.append((f"{name} (published)", *(f"{value:.1f}" for place in columns for value in sets[place])))
    names = [f"{part['columns'][place]['name']} {metric['name']}" for place in columns for metric in part["metrics"]]
    return ("model", *names), rows


def _metric(name: str, value: Interval | None) -> str:
    """As papers print it."""
    if value is None:
        return "-"
    shown = (f"{metrics.load(name).times * end:.1f}" for end in (value.value, value.low, value.high))
    return "{} [{}, {}]".format(*shown)


ROWS = {"multimodal": _accuracy_rows, "text": _accuracy_rows, "reports": _report_rows, "ablation": _ablation_rows}


def _header(part: dict[str, Any], columns: Columns) -> Row:
    names = [part["columns"][place]["name"] for place in columns]
    return ("model", *names, *(["mean of these"] if len(names) > 1 else []))


def _row(name: str, values: Values, *, signed: bool = False) -> Row:
    """Percent, or points where signed, with their mean where there are several and none is missing."""
    known = [value for value in values if value is not None]
    mean = stats.weighted(known, [1 / len(known)] * len(known)) if len(known) == len(values) else None
    return (name, *(_text(value, signed) for value in [*values, *([mean] if len(values) > 1 else [])]))


def _text(value: Interval | None, signed: bool) -> str:
    if value is None:
        return "-"
    text = f"{100 * value.value:+.1f}" if signed else table.percent(value.value)
    if value.half == 0:
        return text
    ends = (f"{100 * end:+.1f}" if signed else table.percent(end) for end in (value.low, value.high))
    return f"{text} [{', '.join(ends)}]"


def _published(part: dict[str, Any], columns: Columns) -> dict[str, Values]:
    rows = {name: [values[place] for place in columns] for name, *values in part["rows"]}
    return {name: [None if v == "-" else _exact(v / 100) for v in values] for name, values in rows.items()}


def _exact(value: float) -> Interval:
    return Interval(value, value, value)


def _accuracies(results: Sequence[Result], columns: Columns) -> Values:
    of = {result.suite: result.accuracy() for result in _greedy(results) if result.items}
    return [of.get(suite) for suite in columns.values()]


def _deltas(results: Sequence[Result], columns: Columns, gains: dict[str, Any]) -> Values:
    """The paired gains."""
    entries = {result.suite: gains["suites"].get(result.name) for result in _greedy(results)}
    of = {suite: as_interval(entry["delta"]) for suite, entry in entries.items() if entry}
    return [of.get(suite) for suite in columns.values()]


def _greedy(results: Sequence[Result]) -> list[Result]:
    """One result a suite: the one of fewest samples, without a probe."""
    plain = sorted((result for result in results if not result.probe), key=lambda result: -result.samples)
    return list({result.suite: result for result in plain}.values())


def _notes(part: dict[str, Any], columns: Columns, models: Models) -> list[str]:
    """How much was asked here, and what is odd about the published row."""
    results = {result.suite: result for result in _greedy(next(iter(models.values())))}
    asked = []
    for place, suite in columns.items():
        if result := results.get(suite):
            part_of = ", a part of the set" if (result.settings.get("data") or {}).get("n") else ""
            asked.append(f"{part['columns'][place]['name']} {len(result.items)} items{part_of}")
    whole = len(columns) == len(part["columns"])
    own = [part[name] for name, fits in (("caution", True), ("note", whole)) if fits and name in part]
    return [f"This run asked: {'; '.join(asked)}.", *own]
