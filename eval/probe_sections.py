"""What probes tell, as blocks of a report: whether the model looks, what remains of a gain, position bias."""

from collections.abc import Iterator, Sequence
from typing import Any

from data.pages import tables
from data.pages.blocks import Block, Table
from eval import table
from eval.gains import as_json
from eval.probe_numbers import chance
from eval.results import Result

PROBES = {
    "blank": "with the image blanked",
    "swap": "with the images of another item",
    "shuffle": "with the options in another order",
    "no_options": "without the options",
    "no_think": "without thinking",
    "paraphrase": "in other words",
}
WITHOUT_IMAGE = ("blank", "swap")


def survivors(found: dict[str, Any]) -> Iterator[str]:
    """What is left of each gain without the image; nothing where there is no gain that could be left."""
    for name, numbers in found["probes"].items():
        suite, _, probe = name.partition("+")
        probe = probe.partition("@")[0]
        if probe not in WITHOUT_IMAGE or "gain" not in numbers or numbers["gain"]["low"] <= 0:
            continue
        gain, left = numbers["gain"], numbers["gain_under_probe"]
        what = f"{_signed(left)} of the {100 * gain['value']:+.1f} points remain {PROBES[probe]}"
        if numbers["survives"]:
            verdict = "that part of the gain needs no look at the image"
        elif left["low"] > 0:
            verdict = "too few items for a verdict"
        else:
            verdict = "no gain can be shown without the image"
        yield f"**{suite}**, its {numbers['n']} items with an image: {what}: {verdict}."


def probes(rl: Sequence[Result], numbers: dict[str, Any]) -> list[Block]:
    """All that is known of `rl`, the trained model's results; numbers: gains.json's "probes"."""
    return [*_looking(rl), *_image_gains(numbers), *_remaining(numbers), *_positions(numbers)]


def _looking(rl: Sequence[Result]) -> list[Block]:
    """The trained model's accuracy on items with an image, seen and blanked, beside what not looking can reach."""
    rows = []
    for blank in (result for result in rl if result.probe == "blank"):
        for seen in (r for r in rl if r.suite == blank.suite and r.samples == blank.samples and not r.probe):
            same = seen.restrict(lambda record, asked=blank.items: record.id in asked)
            rows += _looking_rows(same, blank)
    if not rows:
        return []
    text = (
        "Every image replaced by a grey one of its size. A model that looks falls to what can be had without looking: "
        "one in the number of options, or the commonest answer of the family."
    )
    header = ("items with an image", "n", "image shown %", "image blanked %", "not looking %")
    return [Table("Does it look at the image?", header, rows, [text])]


def _looking_rows(seen: Result, blank: Result) -> list[tables.Row]:
    families = sorted({record.groups["family"] for record in blank.records if "family" in record.groups})
    rows = []
    for family in [None, *families]:
        parts = [r.restrict(lambda x, f=family: f is None or x.groups.get("family") == f) for r in (seen, blank)]
        if not all(part.items for part in parts):
            continue
        accuracies = (table.interval(as_json(part.accuracy())) for part in parts)
        name = blank.suite if family is None else family
        rows.append((name, str(len(parts[1].items)), *accuracies, table.percent(chance(parts[1].records))))
    return rows


def _image_gains(numbers: dict[str, Any]) -> list[Block]:
    rows = []
    for name, one in numbers.items():
        if "image_gain" in one.get("rl", {}):
            before = _signed(one["base"]["image_gain"]) if "base" in one else "-"
            change = _signed(one["image_gain_change"]) if "image_gain_change" in one else "-"
            rows.append((name, str(one["rl"]["n"]), before, _signed(one["rl"]["image_gain"]), change))
    text = "Accuracy with the images minus accuracy with them blanked, in points, over the same items."
    header = ("suite", "n", "base", "RL", "change")
    return [Table("What the image is worth (image gain)", header, rows, [text])] if rows else []


def _remaining(numbers: dict[str, Any]) -> list[Block]:
    rows = []
    for name, one in numbers.items():
        same = [table.percent(one[side]["consistency"]["value"]) if side in one else "-" for side in ("base", "rl")]
        gain, left = (_signed(one[key]) if key in one else "-" for key in ("gain", "gain_under_probe"))
        rows.append((name, str(one["rl"]["n"]), gain, left, *same))
    text = (
        "Consistency: the share of items whose answer has the same outcome with and without the probe. "
        + "; ".join(f"`{probe}`: asked {words}" for probe, words in PROBES.items())
        + "."
    )
    header = ("suite+probe", "n", "gain, points", "gain under the probe", "base consistent %", "RL consistent %")
    return [Table("What remains under probes", header, rows, [text])] if rows else []


def _positions(numbers: dict[str, Any]) -> list[Block]:
    rows = []
    for name, one in numbers.items():
        for side, who in (("base", "base"), ("rl", "RL")):
            if bias := one.get(side, {}).get("position_bias"):
                by_letter = ", ".join(f"{letter} {100 * share:.0f}" for letter, share in bias["accuracy"].items())
                far, chance_ = (table.percent(bias[key]) for key in ("departure", "by_chance"))
                rows.append((f"{name}, {who}", str(bias["n"]), far, chance_, by_letter))
    text = (
        "How much of the letters chosen lies elsewhere than the letters that are right (0: nothing, 100: all), beside "
        "what letters drawn from the right ones would give."
    )
    header = ("suite", "n", "departure %", "by chance about %", "accuracy by right letter, %")
    return [Table("Position bias", header, rows, [text])] if rows else []


def _signed(interval: dict[str, float]) -> str:
    return table.points({"accuracy": interval["value"], "low": interval["low"], "high": interval["high"]})
