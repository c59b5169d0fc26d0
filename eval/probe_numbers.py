"""What probes tell: numbers of two or more evaluations over the items that all of them graded. Pure functions.

A probe (eval.probes) asks the items of a suite once more with something missing or moved; here the answers are held
against those to the items as they are.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from eval import stats
from eval.results import Record, Result


@dataclass(frozen=True)
class Remaining:
    """A gain on n items as they are, and on the same items under a probe."""

    n: int
    too_few: bool
    gain: stats.Interval
    probed: stats.Interval

    @property
    def survives(self) -> bool:
        """Whether there is a gain, and one under the probe too, of items enough for a verdict."""
        return not self.too_few and self.gain.low > 0 and self.probed.low > 0


@dataclass(frozen=True)
class PositionBias:
    """How far the letters chosen depart from the letters that are right.

    departure: half the summed difference of the two distributions, 0 to 1. by_chance: what it would be about, if
    letters were drawn from those that are right. accuracy: by the letter that is right.
    """

    n: int
    departure: float
    by_chance: float
    chosen: dict[str, float]
    gold: dict[str, float]
    accuracy: dict[str, float]


def all_of(base: Sequence[Result], rl: Sequence[Result]) -> dict[str, Any]:
    """gains.json's "probes": SUITE+PROBE -> its numbers, for each arm of `rl` whose suite was asked as it is, too."""
    return {arm.name: found for plain, arm in _arms(rl) if (found := _numbers(plain, arm, base))}


def image_gain(seen: Result, blank: Result) -> stats.Interval:
    """Accuracy with the images minus accuracy with the images blanked, paired."""
    before, after = _accuracies(blank, seen)
    return stats.paired_difference(before, after, seed=_seed(seen), clusters=_clusters(seen, blank))


def image_gain_change(base_seen: Result, base_blank: Result, seen: Result, blank: Result) -> stats.Interval:
    """How much more the second model's accuracy hangs on the image than the first one's, paired."""
    one, other, second_blank, second_seen = _accuracies(base_blank, base_seen, blank, seen)
    first = [s - b for b, s in zip(one, other, strict=True)]
    second = [s - b for b, s in zip(second_blank, second_seen, strict=True)]
    return stats.paired_difference(
        first, second, seed=_seed(seen), clusters=_clusters(base_seen, base_blank, seen, blank)
    )


def remaining(base_plain: Result, base_arm: Result, plain: Result, arm: Result) -> Remaining:
    """What training gained on the items, and what of it is there under the probe."""
    four = (base_plain, base_arm, plain, arm)
    before, before_arm, after, after_arm = _accuracies(*four)
    how: dict[str, Any] = {"seed": _seed(plain), "clusters": _clusters(*four)}
    return Remaining(
        len(before),
        stats.too_few(len(before), how["clusters"]),
        stats.paired_difference(before, after, **how),
        stats.paired_difference(before_arm, after_arm, **how),
    )


def consistency(one: Result, other: Result) -> stats.Interval:
    """Share of items that have the same outcome (right, wrong, unparsed, truncated) in both; of the first samples."""
    same = [float(a.items[i][0].outcome == b.items[i][0].outcome) for a, b in [(one, other)] for i in _shared(a, b)]
    return stats.mean_share(same, seed=_seed(one), clusters=_clusters(one, other))


def position_bias(result: Result) -> PositionBias | None:
    """Over the items with options whose gold is one letter; None where no letter was read. Answers that cannot be
    read choose nothing. Where every answer is right, there is no departure."""
    asked = [r for records in result.items.values() for r in records if r.n_options and _letter(r.gold.strip('"'))]
    chosen = [letter for record in asked if (letter := _letter(record.parsed_answer))]
    if not chosen:
        return None
    due, drawn = Counter(record.gold.strip('"') for record in asked), Counter(chosen)
    gold = {letter: due[letter] / len(asked) for letter in sorted(due | drawn)}
    took = {letter: drawn[letter] / len(chosen) for letter in gold}
    rights = {letter: [bool(r.correct) for r in asked if r.gold == f'"{letter}"'] for letter in gold}
    return PositionBias(
        n=len(asked),
        departure=sum(abs(took[letter] - gold[letter]) for letter in gold) / 2,
        by_chance=sum(math.sqrt(2 * p * (1 - p) / (math.pi * len(chosen))) for p in gold.values()) / 2,
        chosen=took,
        gold=gold,
        accuracy={letter: fmean(found) for letter, found in rights.items() if found},
    )


def chance(records: Sequence[Record]) -> float:
    """What a model that does not look can reach: 1 / options where there are options, else the share of the commonest
    gold answer among the items of the same family and kind. Mean over items."""
    items = list({record.id: record for record in records}.values())
    golds: dict[tuple[str, str], list[str]] = {}
    for item in items:
        golds.setdefault(_sort_of(item), []).append(item.gold)
    commonest = {sort: max(map(values.count, values)) / len(values) for sort, values in golds.items()}
    return fmean(1 / item.n_options if item.n_options else commonest[_sort_of(item)] for item in items)


def _arms(results: Sequence[Result]) -> list[tuple[Result, Result]]:
    """(plain, under a probe) of the same suite and number of samples."""
    plain = {(result.suite, result.samples): result for result in results if not result.probe}
    probed = [result for result in results if result.probe]
    return [(plain[r.suite, r.samples], r) for r in probed if (r.suite, r.samples) in plain]


def _numbers(plain: Result, arm: Result, base: Sequence[Result]) -> dict[str, Any]:
    """Of one arm: each side's own numbers, and what of the gain remains where the base has the arm too."""
    before = next((pair for pair in _arms(base) if pair[1].name == arm.name), None)
    sides = {"rl": (plain, arm), **({"base": before} if before else {})}
    found: dict[str, Any] = {name: side for name, pair in sides.items() if (side := _side(*pair))}
    if not found or before is None or not _shared(*before, plain, arm):
        return found
    left = remaining(*before, plain, arm)
    found |= {"n": left.n, "gain": _json(left.gain), "gain_under_probe": _json(left.probed), "survives": left.survives}
    if arm.probe == "blank":
        found["image_gain_change"] = _json(image_gain_change(*before, plain, arm))
    return found


def _side(plain: Result, arm: Result) -> dict[str, Any]:
    shared = _shared(plain, arm)
    if not shared:
        return {}
    found: dict[str, Any] = {"n": len(shared), "consistency": _json(consistency(plain, arm))}
    if arm.probe == "blank":
        found["image_gain"] = _json(image_gain(plain, arm))
    if bias := position_bias(arm) if arm.probe == "shuffle" else None:
        found["position_bias"] = vars(bias)
    return found


def _shared(*results: Result) -> list[str]:
    """Ids of the items that all of them graded, in the first one's order."""
    first, *others = results
    return [item for item in first.items if all(item in other.items for other in others)]


def _accuracies(*results: Result) -> list[list[float]]:
    """Of each result, over the shared items, in one order."""
    shared = _shared(*results)
    found = [result.accuracies() for result in results]
    return [[accuracies[item] for item in shared] for accuracies in found]


def _clusters(*results: Result) -> stats.Clusters:
    return results[0].of(_shared(*results)).clusters


def _sort_of(item: Record) -> tuple[str, str]:
    return item.groups.get("family", ""), item.groups.get("kind", "")


def _seed(result: Result) -> int:
    return result.settings.get("seed", 0)


def _letter(text: str | None) -> str | None:
    text = (text or "").strip().upper()
    return text if len(text) == 1 and text.isalpha() else None


def _json(interval: stats.Interval) -> dict[str, float]:
    return {"value": interval.value, "low": interval.low, "high": interval.high}
