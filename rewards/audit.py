"""What an audit of a reward tried, what failed, and the table that says so."""

from collections.abc import Iterator
from dataclasses import dataclass, field

SHOWN = 20  # failures that the text names; --json gives all


@dataclass
class Tally:
    """Trials of one group: how many, how many failed, and of these the wrongly paid and the wrongly refused."""

    tried: int = 0
    failed: int = 0
    false_positives: int = 0
    false_negatives: int = 0


@dataclass
class Audit:
    """The trials of a reward by group and by kind of row, and a line for each that failed.

    failures: what makes it unfit. warnings: right answers in forms that a strict grader may refuse (`lenient` groups).
    ungraded: rows that it abstained on altogether.
    """

    name: str
    about: str = ""
    groups: dict[str, Tally] = field(default_factory=dict)
    kinds: dict[str, Tally] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    lenient: frozenset[str] = frozenset()
    ungraded: int = 0

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return not self.failures

    def note(self, group: str, right: bool, failure: str, error: str = "", kind: str = "") -> None:
        """Count one trial; keep the line if it went wrong. error: "+" if it paid too much, "-" if too little."""
        for tally in [
            self.groups.setdefault(group, Tally()),
            *([self.kinds.setdefault(kind, Tally())] if kind else ()),
        ]:
            tally.tried += 1
            tally.failed += not right
            tally.false_positives += not right and error == "+"
            tally.false_negatives += not right and error == "-"
        if not right:
            line = f"{group}{f' ({kind})' if kind else ''}: {failure}"
            (self.warnings if group in self.lenient else self.failures).append(line)

    def as_json(self) -> dict[str, object]:
        """Everything, for `--json`."""
        found = {"reward": self.name, "passed": self.passed, "ungraded": self.ungraded}
        groups = {name: {**vars(tally), "passed": tally.tried - tally.failed} for name, tally in self.groups.items()}
        kinds = {name: dict(vars(tally)) for name, tally in self.kinds.items()}
        return {**found, "tallies": groups, "kinds": kinds, "failures": self.failures, "warnings": self.warnings}

    def table(self) -> Iterator[str]:
        """The lines of the report."""
        yield f"{self.name}: {self.about}"
        yield f"{'group':<18}{'tried':>8}{'failed':>8}{'false +':>9}{'false -':>9}"
        for name, tally in self.groups.items():
            yield row(name, tally, "FAIL" if name not in self.lenient else "warn")
        if self.kinds:
            yield "by kind of row"
            yield from (row(f"  {name}", tally, "") for name, tally in self.kinds.items())
        for title, lines in (("failures", self.failures), ("warnings", self.warnings)):
            if lines:
                yield f"{title}:"
                yield from (f"- {line}" for line in spread(lines))
                if len(lines) > SHOWN:
                    yield f"- and {len(lines) - SHOWN} more (--json shows all)"
        if self.ungraded:
            yield f"{self.ungraded} rows could not be graded by it (None)"
        yield "passed" if self.passed else f"failed: {len(self.failures)} trials"


def row(name: str, tally: Tally, bad: str) -> str:
    """One line of the table; what is not 0 is told, what is wrong is marked."""
    errors = f"{tally.false_positives or '':>9}{tally.false_negatives or '':>9}"
    verdict = ("  ok" if not tally.failed else f"  {bad}") if bad else ""
    return f"{name:<18}{tally.tried:>8}{tally.failed or '':>8}{errors}{verdict}".rstrip()


def spread(lines: list[str]) -> list[str]:
    """At most SHOWN lines, in order, with each group's first before any group's second."""
    seen: dict[str, int] = {}
    places: list[tuple[int, int]] = []
    for place, line in enumerate(lines):
        group = line.partition(":")[0]
        seen[group] = seen.get(group, 0) + 1
        places.append((seen[group], place))
    return [lines[place] for place in sorted(place for _, place in sorted(places)[:SHOWN])]
