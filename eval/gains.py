"""What training changed: two models on the same items, paired item by item, as gains.json and as a table."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from eval import stats
from eval.results import GROUPS, Record, Result
from recipes import BadInput

SETTINGS = ("temperature", "max_tokens", "seed", "style", "grader", "blank_images")  # said when two runs differ in them


def compare(base: Result, rl: Result) -> dict[str, Any]:
    """One entry of gains.json's "suites": {n, samples, base, rl, delta, by}.

    Items that either side cannot grade are left out of both. A run with blanked images asks only the items that have
    one, so beside it only those are taken. BadInput when the two were not asked the same items.
    """
    base, rl = _same_items(base, rl)
    entry = {"n": len(base.items), "samples": base.samples, **_sides(base, rl)}
    return {**entry, "by": {group: split for group in GROUPS if (split := _by(group, base, rl))}}


def gains(
    base: Sequence[Result], rl: Sequence[Result], *, seed: int = 0, recipe: str | None = None, parents: Any = None
) -> dict[str, Any]:
    """The whole of gains.json. Results are paired by name (clinic_test, clinic_test@8, ...), in base's order; where
    each side has one result of the same suite they are a pair whatever their arms. BadInput without any pair."""
    pairs = _pairs(base, rl)
    return {
        "suites": {second.name: compare(first, second) for first, second in pairs},
        "seed": seed,
        "recipe": recipe,
        "parents": parents if parents is not None else [],
    }


def write(found: dict[str, Any], folder: Path) -> Path:
    """gains.json in `folder`; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "gains.json"
    path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def different_settings(base: Sequence[Result], rl: Sequence[Result]) -> list[str]:
    """Lines such as `clinic_test: max_tokens 256 -> 512`: a gain between such runs is not training's alone."""
    return [
        f"{second.name}: {key} {first.settings.get(key)} -> {second.settings.get(key)}"
        for first, second in _pairs(base, rl)
        for key in SETTINGS
        if first.settings.get(key) != second.settings.get(key)
    ]


def _pairs(base: Sequence[Result], rl: Sequence[Result]) -> list[tuple[Result, Result]]:
    named = {result.name: result for result in rl}
    pairs = [(result, named[result.name]) for result in base if result.name in named]
    if not pairs and len(base) == len(rl) == 1 and base[0].suite == rl[0].suite:
        pairs = [(base[0], rl[0])]
    if not pairs:
        first, second = (", ".join(result.name for result in side) for side in (base, rl))
        raise BadInput([f"nothing to compare: one side has {first}, the other {second}"])
    return pairs


def _same_items(base: Result, rl: Result) -> tuple[Result, Result]:
    """Both results over the items that both can grade, or BadInput when they were asked different ones."""
    if base.settings.get("blank_images") != rl.settings.get("blank_images"):
        base, rl = base.restrict(_has_image), rl.restrict(_has_image)
    if base.samples != rl.samples:
        raise BadInput([f"{base.name} and {rl.name}: {base.samples} samples an item against {rl.samples}"])
    golds = [{record.id: record.gold for record in result.records} for result in (base, rl)]
    if golds[0] != golds[1]:
        raise BadInput([f"{base.name}: the two runs were not asked the same items: {_difference(*golds)}"])
    keep = base.items.keys() & rl.items.keys()
    if not keep:
        raise BadInput([f"{base.name}: no item can be graded in both runs"])
    return base.restrict(lambda record: record.id in keep), rl.restrict(lambda record: record.id in keep)


def _has_image(record: Record) -> bool:
    return record.n_images > 0


def _difference(base: dict[str, str], rl: dict[str, str]) -> str:
    one, other = base.keys() - rl.keys(), rl.keys() - base.keys()
    if one or other:
        return f"{len(one)} only in the first, {len(other)} only in the second, such as {min(one | other)!r}"
    changed = [item for item in base if base[item] != rl[item]]
    return f"the right answer of {len(changed)} differs, such as {changed[0]!r}"


def _sides(base: Result, rl: Result) -> dict[str, Any]:
    """base, rl and delta over the same items."""
    before, after = base.accuracies(), rl.accuracies()
    pairs = [(before[item], after[item]) for item in before]
    first, second = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    moved = stats.paired_difference(first, second, seed=base.settings.get("seed", 0))
    flips = stats.flips(first, second)
    delta = {
        "accuracy": moved.value,
        "low": moved.low,
        "high": moved.high,
        "mcnemar_p": flips.p,
        "right_to_wrong": flips.right_to_wrong,
        "wrong_to_right": flips.wrong_to_right,
    }
    return {"base": _side(base), "rl": _side(rl), "delta": delta}


def _side(result: Result) -> dict[str, Any]:
    accuracy = result.accuracy()
    return {
        "accuracy": accuracy.value,
        "low": accuracy.low,
        "high": accuracy.high,
        "format_rate": result.format_rate,
        "mean_tokens": result.mean_tokens,
    }


def _by(group: str, base: Result, rl: Result) -> dict[str, Any]:
    """The same numbers for each value that the items have of `group`, sorted; {} where they have none."""
    values = sorted({record.groups[group] for record in base.records if group in record.groups})
    found = {}
    for value in values:
        keep = _with(group, value)
        one, other = base.restrict(keep), rl.restrict(keep)
        found[value] = {"n": len(one.items), **_sides(one, other)}
    return found


def _with(group: str, value: str) -> Callable[[Record], bool]:
    return lambda record: record.groups.get(group) == value
