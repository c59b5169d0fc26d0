"""What training changed: two models on the same items, paired item by item, as gains.json."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval import probe_numbers, stats, verdicts
from eval.results import Record, Result
from recipes import BadInput

# Said when two runs differ in them; what an older run did not keep is not held against it.
SETTINGS = ("temperature", "max_tokens", "seed", "style", "grader", "blank_images")
STAMPS = ("probe", "items", "prompts", "engine", "version", "dtype", "pixels", "scorer")


def compare(base: Result, rl: Result) -> dict[str, Any]:
    """One entry of gains.json's "suites": {n, samples, base, rl, delta, by} and what belongs to them.

    Items that either side cannot grade, or could not ask, are left out of both. A run with blanked images asks only
    the items that have one, so beside it only those are taken. BadInput when the two were not asked the same items.
    """
    asked = {record.id for result in (base, rl) for record in result.records} | base.failed.keys() | rl.failed.keys()
    outcomes = {"base": base.outcomes(), "rl": rl.outcomes()}
    base, rl = same_items(base, rl)
    by = {group: _by(base, rl, values) for group, values in base.groups().items()}
    before, after, clusters = _paired(base, rl)
    smallest = stats.smallest_difference([b - a for a, b in zip(before, after, strict=True)], clusters)
    return {
        "n": len(base.items),
        "samples": base.samples,
        "by_degree": rl.by_degree,  # accuracy is the mean score then, and its gain in no mean over suites
        **_sides(base, rl),
        "by": by,
        "too_few": stats.too_few(len(base.items), clusters),
        "min_detectable": smallest,
        "left_out": len(asked) - len(base.items),
        "outcomes": outcomes,
        "macro": {group: _macro(values) for group, values in by.items()},
        **_scores(base, rl),
    }


def gains(
    base: Sequence[Result], rl: Sequence[Result], *, seed: int = 0, recipe: str | None = None, parents: Any = None
) -> dict[str, Any]:
    """The whole of gains.json. Results are paired by name (clinic_test, clinic_test@8, ...), in base's order; where
    each side has one result of the same suite they are a pair whatever their arms. BadInput without any pair.

    p is corrected (Holm) for the number of suites; what was asked under a probe is no suite, and in no mean over them.
    """
    found = {second.name: compare(first, second) for first, second in pairs(base, rl)}
    plain = {name: entry for name, entry in found.items() if "+" not in name}
    adjusted = dict(zip(plain, stats.holm([entry["delta"]["mcnemar_p"] for entry in plain.values()]), strict=True))
    for name, entry in found.items():
        entry["delta"]["holm_p"] = adjusted.get(name)
        entry["verdict"] = verdicts.verdict(entry)
    return {
        "suites": found,
        "seed": seed,
        "recipe": recipe,
        "parents": parents if parents is not None else [],
        "corrected_for": len(plain),
        "averages": _averages({n: entry for n, entry in plain.items() if not entry["by_degree"]}),
        "probes": probe_numbers.all_of(base, rl),
    }


def write(found: dict[str, Any], folder: Path) -> Path:
    """gains.json in `folder`; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "gains.json"
    path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def change(base: Sequence[Result], rl: Sequence[Result]) -> dict[str, Any]:
    """What training did to each suite, for its lineage: name -> {before, after, low, high, change}, low and high those
    of the paired difference; it is a drop or a gain only where both are on one side of 0."""
    found = {}
    for first, second in pairs(base, rl):
        entry = compare(first, second)
        ends = {end: entry["delta"][end] for end in ("low", "high")}
        word = "drop" if ends["high"] < 0 else "gain" if ends["low"] > 0 else "no clear change"
        sides = {"before": entry["base"]["accuracy"], "after": entry["rl"]["accuracy"]}
        found[second.name] = {"n": entry["n"], **sides, **ends, "change": word}
    return found


def in_words(changes: Mapping[str, dict[str, Any]]) -> list[str]:
    """A plain line a suite: `vqa_rad_test: 54.2 % before, 49.0 % after, -5.2 [-9.1, -1.3] points: a DROP`."""
    words = {"drop": "a DROP", "gain": "a gain"}
    return [
        f"{name}: {100 * one['before']:.1f} % before, {100 * one['after']:.1f} % after, "
        f"{100 * (one['after'] - one['before']):+.1f} [{100 * one['low']:+.1f}, {100 * one['high']:+.1f}] points "
        f"over {one['n']} items: {words.get(one['change'], one['change'])}"
        for name, one in changes.items()
    ]


def different_settings(base: Sequence[Result], rl: Sequence[Result]) -> list[str]:
    """Lines such as `max_tokens 256 -> 512 (clinic_test)`: a gain between such runs is not training's alone."""
    found: dict[str, list[str]] = {}
    for first, second in pairs(base, rl):
        one, other = first.settings, second.settings
        known = [*SETTINGS, *(key for key in STAMPS if key in one and key in other)]
        changed = {key: f"{key} {one.get(key)} -> {other.get(key)}" for key in known if one.get(key) != other.get(key)}
        if "style" in changed:
            changed.pop("prompts", None)  # which follow from it
        for line in changed.values():
            found.setdefault(line, []).append(second.name)
    return [f"{line} ({', '.join(names)})" for line, names in found.items()]


def pairs(base: Sequence[Result], rl: Sequence[Result]) -> list[tuple[Result, Result]]:
    """The results that are compared with each other; BadInput where there is none."""
    named = {result.name: result for result in rl}
    found = [(result, named[result.name]) for result in base if result.name in named]
    if not found and len(base) == len(rl) == 1 and base[0].suite == rl[0].suite:
        found = [(base[0], rl[0])]
    if not found:
        first, second = (", ".join(result.name for result in side) for side in (base, rl))
        raise BadInput([f"nothing to compare: one side has {first}, the other {second}"])
    return found


def same_items(base: Result, rl: Result) -> tuple[Result, Result]:
    """Both results over the items that both can grade, or BadInput when they were asked different ones."""
    if base.probe != rl.probe and "blank" in (base.probe, rl.probe):
        base, rl = (result.restrict(_has_image) for result in (base, rl))
    if base.samples != rl.samples:
        raise BadInput([f"{base.name} and {rl.name}: {base.samples} samples an item against {rl.samples}"])
    lost = base.failed.keys() | rl.failed.keys()
    golds = [{r.id: r.gold for r in result.records if r.id not in lost} for result in (base, rl)]
    if golds[0] != golds[1]:
        raise BadInput([f"{base.name}: the two runs were not asked the same items: {_unlike(*golds)}"])
    keep = [item for item in base.items if item in rl.items]
    if not keep:
        raise BadInput([f"{base.name}: no item can be graded in both runs"])
    return base.of(keep), rl.of(keep)


def _has_image(record: Record) -> bool:
    return record.n_images > 0


def _unlike(base: dict[str, str], rl: dict[str, str]) -> str:
    one, other = base.keys() - rl.keys(), rl.keys() - base.keys()
    if one or other:
        return f"{len(one)} only in the first, {len(other)} only in the second, such as {min(one | other)!r}"
    changed = [item for item in base if base[item] != rl[item]]
    return f"the right answer of {len(changed)} differs, such as {changed[0]!r}"


def _paired(base: Result, rl: Result) -> tuple[list[float], list[float], stats.Clusters]:
    """Accuracy before and after of each item, in base's order, and what the items share."""
    before, after = base.accuracies(), rl.accuracies()
    return list(before.values()), [after[item] for item in before], base.clusters


def _difference(before: Sequence[float], after: Sequence[float], base: Result) -> stats.Interval:
    return stats.paired_difference(before, after, seed=base.settings.get("seed", 0), clusters=base.clusters)


def _sides(base: Result, rl: Result) -> dict[str, Any]:
    """base, rl and delta over the same items."""
    before, after, _ = _paired(base, rl)
    moved, flips = _difference(before, after, base), stats.flips(before, after)
    delta = {
        **as_json(moved),
        "interval": base.how(moved),
        "mcnemar_p": flips.p,
        "right_to_wrong": flips.right_to_wrong,
        "wrong_to_right": flips.wrong_to_right,
    }
    return {"base": _side(base), "rl": _side(rl), "delta": delta}


def _side(result: Result) -> dict[str, Any]:
    lengths = {"format_rate": result.format_rate, "mean_tokens": result.mean_tokens}
    return {**as_json(result.accuracy()), **lengths, **result.at()}


def _by(base: Result, rl: Result, values: dict[str, list[str]]) -> dict[str, Any]:
    """The same numbers for each value of a group."""
    found = {}
    for value, ids in values.items():
        one, other = base.of(ids), rl.of(ids)
        found[value] = {"n": len(ids), **_sides(one, other), "too_few": stats.too_few(len(ids), one.clusters)}
    return found


def _macro(values: dict[str, Any]) -> dict[str, float]:
    """Means in which each value of a group counts the same, however many items it has."""
    sides = ("base", "rl", "delta")
    return {side: sum(part[side]["accuracy"] for part in values.values()) / len(values) for side in sides}


def _scores(base: Result, rl: Result) -> dict[str, Any]:
    """{"score": {base, rl, delta}}: mean scores beside accuracy, where the grader gives marks between; else {}."""
    before, after = base.scores(), rl.scores()
    if rl.by_degree or before is None or after is None:
        return {}
    moved = _difference(list(before.values()), [after[item] for item in before], base)
    first, second = (sum(side.values()) / len(side) for side in (before, after))
    return {
        "score": {"base": first, "rl": second, "delta": {"mean": moved.value, "low": moved.low, "high": moved.high}}
    }


def _averages(entries: dict[str, Any]) -> dict[str, Any]:
    """Samples -> {suites, macro, micro}: means over two or more suites, each suite or each item counting the same."""
    found = {}
    for samples in sorted({entry["samples"] for entry in entries.values()}):
        of = {name: entry for name, entry in entries.items() if entry["samples"] == samples}
        if len(of) > 1:
            sizes = [entry["n"] for entry in of.values()]
            macro = _average(of.values(), [1 / len(of)] * len(of))
            micro = _average(of.values(), [n / sum(sizes) for n in sizes])
            found[str(samples)] = {"suites": list(of), "n": sum(sizes), "macro": macro, "micro": micro}
    return found


def _average(entries: Any, weights: Sequence[float]) -> dict[str, Any]:
    sides = ("base", "rl", "delta")
    parts = {side: [as_interval(entry[side]) for entry in entries] for side in sides}
    return {side: as_json(stats.weighted(parts[side], weights)) for side in sides}


def as_json(interval: stats.Interval) -> dict[str, float]:
    """{accuracy, low, high}: an accuracy or a difference of two."""
    return {"accuracy": interval.value, "low": interval.low, "high": interval.high}


def as_interval(side: dict[str, Any]) -> stats.Interval:
    """The way back from as_json."""
    return stats.Interval(side["accuracy"], side["low"], side["high"])
