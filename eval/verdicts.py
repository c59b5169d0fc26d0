"""What may be concluded from a comparison, in one word for gains.json and in words for people."""

from collections.abc import Mapping
from typing import Any

from eval import stats

BETTER, WORSE, NONE, FEW = "better", "worse", "no difference", "too few"
ALONE = "{} alone"  # better or worse, but not once corrected for the number of suites
SHORT = {
    BETTER: "Better",
    WORSE: "Worse",
    ALONE.format(BETTER): "Better only taken alone",
    ALONE.format(WORSE): "Worse only taken alone",
    NONE: "No difference shown",
    FEW: "Too few items for a verdict",
}
ALPHA = 0.05


def verdict(entry: dict[str, Any]) -> str:
    """Better or worse only where interval and test agree: the interval keeps clear of 0 and p is below 0.05."""
    delta = entry["delta"]
    if entry["too_few"]:
        return FEW
    if not (delta["low"] > 0 or delta["high"] < 0) or delta["mcnemar_p"] >= ALPHA:
        return NONE
    side = BETTER if delta["low"] > 0 else WORSE
    corrected = delta.get("holm_p")
    return side if corrected is None or corrected < ALPHA else ALONE.format(side)


def words(entry: dict[str, Any], corrected_for: int = 1) -> str:
    """The verdict of an entry of gains.json as the end of a sentence, without its full stop."""
    found = entry.get("verdict") or verdict(entry)
    if found == FEW:
        return f"too few items for a verdict (it takes {stats.MIN_ITEMS} independent ones)"
    if found == NONE:
        return f"no difference that so many items show{_power(entry)}"
    if found in (BETTER, WORSE):
        return found
    return f"{found.split()[0]} taken alone, but not once corrected for the {corrected_for} suites compared"


def in_short(entries: Mapping[str, dict[str, Any]]) -> str:
    """All verdicts in a line: `Better: a, b. No difference shown: c.`"""
    named = {found: [name for name, entry in entries.items() if entry["verdict"] == found] for found in SHORT}
    return " ".join(f"**{SHORT[found]}**: {', '.join(names)}." for found, names in named.items() if names)


def _power(entry: dict[str, Any]) -> str:
    least = entry.get("min_detectable")
    return "" if least is None else f"; they would show one of about {100 * least:.1f} points"
