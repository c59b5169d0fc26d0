"""Verdicts counted as they come: accuracy with its interval, outcomes, and agreement with another scorer's verdicts."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from eval import stats
from eval.results import OUTCOMES

GROUPS = ("kind", "type", "language", "modality")  # what the summary is split over, where a row has it
EXAMPLES = 5  # disagreements that are named
PAIRS = {  # who calls an answer right: its own scorer, ours
    "both": (True, True),
    "only_theirs": (True, False),
    "only_ours": (False, True),
    "neither": (False, False),
}
ALL = ("", "all")
Groups = tuple[tuple[str, str], ...]  # (group, value)


class Graded(NamedTuple):
    """What the summary wants to know of one graded row."""

    id: str
    sample: int
    groups: Groups
    outcome: str  # one of OUTCOMES
    theirs: bool | None
    format: float | None
    n_tokens: int | None
    late: bool  # its verdict took too long: ungraded


class _Item(NamedTuple):
    """An item so far. Items of one state share one tuple, so that an item costs its key alone (about 90 bytes)."""

    groups: Groups
    seen: int  # bit k: sample k was there
    right: int
    graded: int


@dataclass
class Tally:
    """The summary of rows that are added one by one, in any order."""

    items: dict[int, _Item] = field(default_factory=dict)  # hash of the id (64 bits) -> state
    outcomes: Counter[tuple[tuple[str, str], str]] = field(default_factory=Counter)  # group and value, outcome
    sums: Counter[str] = field(default_factory=Counter)
    agreement: Counter[tuple[bool, bool]] = field(default_factory=Counter)  # theirs, ours
    examples: dict[tuple[bool, bool], list[str]] = field(default_factory=lambda: {(True, False): [], (False, True): []})
    _states: dict[_Item, _Item] = field(default_factory=dict)

    def add(self, row: Graded) -> bool:
        """Count a row; False, and nothing is counted, where this sample of this item was there before."""
        key, bit = hash(row.id), 1 << row.sample
        item = self.items.get(key) or _Item(row.groups, 0, 0, 0)
        if item.seen & bit:
            return False
        right, graded = row.outcome == "right", row.outcome != "ungraded"
        new = _Item(item.groups, item.seen | bit, item.right + right, item.graded + graded)
        self.items[key] = self._states.setdefault(new, new)
        for group in (ALL, *row.groups):
            self.outcomes[group, row.outcome] += 1
        self.sums["late"] += row.late
        for name, value in (("format", row.format), ("n_tokens", row.n_tokens)):
            if value is not None:
                self.sums[name] += value  # pyright: ignore[reportArgumentType]
                self.sums[f"{name} rows"] += 1
        self._compare(row, right, graded)
        return True

    def summary(self) -> dict[str, Any]:
        """n (items graded), answers, accuracy with its 95 % interval, counts by outcome, the same by kind; JSON."""
        values: dict[tuple[str, str], Counter[float]] = {group: Counter() for group, _ in ((ALL, ""), *self.outcomes)}
        for item, times in Counter(self.items.values()).items():
            for group in (ALL, *item.groups) if item.graded else ():
                values[group][item.right / item.graded] += times
        parts = {group: self._part(group, shares) for group, shares in values.items()}
        by = {name: {value: parts[name, value] for other, value in sorted(parts) if other == name} for name in GROUPS}
        found = {
            **parts[ALL],
            "format_rate": self._mean("format"),
            "mean_tokens": self._mean("n_tokens"),
            "late": self.sums["late"],
            "by": {name: split for name, split in by.items() if split},
        }
        return found | ({"theirs": self._theirs()} if self.agreement else {})

    def _part(self, group: tuple[str, str], shares: Counter[float]) -> dict[str, Any]:
        found = stats.mean_share(list(shares.elements()), seed=0) if shares else None
        outcomes = {outcome: self.outcomes[group, outcome] for outcome in OUTCOMES if outcome != "failed"}
        return {
            "n": shares.total(),
            "answers": sum(outcomes.values()),
            "accuracy": found and found.value,
            "low": found and found.low,
            "high": found and found.high,
            "outcomes": outcomes,
        }

    def _mean(self, name: str) -> float | None:
        rows = self.sums[f"{name} rows"]
        return self.sums[name] / rows if rows else None

    def _compare(self, row: Graded, right: bool, graded: bool) -> None:
        if row.theirs is None or not graded:
            return
        pair = row.theirs, right
        self.agreement[pair] += 1
        if pair in self.examples and len(self.examples[pair]) < EXAMPLES:
            self.examples[pair].append(row.id)

    def _theirs(self) -> dict[str, Any]:
        """Answers that both scorers judged: how many each calls right, and the first on which they differ."""
        n = self.agreement.total()
        counts = {name: self.agreement[pair] for name, pair in PAIRS.items()}
        right = {"theirs": counts["both"] + counts["only_theirs"], "ours": counts["both"] + counts["only_ours"]}
        return {
            "answers": n,
            "accuracy": {name: times / n for name, times in right.items()},
            **counts,
            "examples": {name: self.examples[PAIRS[name]] for name in ("only_theirs", "only_ours")},
        }


def agreement_lines(found: dict[str, Any]) -> Iterator[str]:
    """The agreement with a file's own verdicts in words."""
    n, accuracy = found["answers"], found["accuracy"]
    yield (
        f"its own verdicts, over {n} answers that both judged: {100 * accuracy['theirs']:.1f} % right by its scorer, "
        f"{100 * accuracy['ours']:.1f} % by ours; right by both {found['both']}, only by its {found['only_theirs']}, "
        f"only by ours {found['only_ours']}, by neither {found['neither']}"
    )
    for name, words in (("only_theirs", "right only by its scorer"), ("only_ours", "right only by ours")):
        if ids := found["examples"][name]:
            yield f"{words}, ids: {', '.join(ids)}{', ...' if found[name] > len(ids) else ''}"
