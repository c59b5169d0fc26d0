"""What an evaluation finds: one graded record a sample, and the numbers read off them."""

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from statistics import fmean
from typing import Any

from eval import stats
from recipes import BadInput

# What `by` is split over: columns of the items, of which a row of answers carries those that its item has.
GROUPS = ("kind", "form", "family", "modality", "organ", "question_type", "subject", "language", "difficulty")
BY_DEGREE = ("report", "rubric")  # graders whose score is a degree: what they call accuracy is its mean
MOST_VALUES = 40  # of a group; one with more tells items apart rather than groups them
OUTCOMES = ("right", "wrong", "unparsed", "truncated", "ungraded", "failed")
CLUSTERS = (  # what a cluster such as "image:17" may be
    "image",
    "video",
    "patient",
    "study",
    "report",
    "note",
    "case",
    "conversation",
    "question",
    "document",
)


@dataclass(frozen=True)
class Record:
    """One graded sample of one item. `correct` is None where the row cannot be graded; `format` is 0, 1 or None.

    cluster: what items that are not independent share, such as "image:17". parsed_answer: what the grader read.
    score: what it gave, where right and wrong is not all it knows (reports, rubrics).
    """

    id: str
    sample: int
    correct: bool | None
    parsed: bool
    format: float | None
    n_tokens: int | None
    truncated: bool
    groups: dict[str, str]
    gold: str
    n_options: int
    n_images: int
    cluster: str | None = None
    parsed_answer: str | None = None
    score: float | None = None

    @property
    def outcome(self) -> str:
        """One of OUTCOMES but `failed`: an answer cut off, or one that cannot be read, is not a wrong one."""
        if self.correct is None:
            return "ungraded"
        if self.correct:
            return "right"
        if self.truncated:
            return "truncated"
        return "wrong" if self.parsed else "unparsed"


@dataclass(frozen=True)
class Result:
    """The records of one suite answered by one model, in the suite's order, with the settings they were made under.

    settings: temperature, max_tokens, seed, style, blank_images, grader, and the suite's use, split, n, seed, knobs.
    """

    suite: str
    samples: int
    settings: dict[str, Any]
    records: list[Record] = field(repr=False)
    failed: dict[str, str] = field(default_factory=dict)  # item id -> why it could not be asked; not in the records
    folder: Path | None = field(default=None, repr=False, compare=False)  # where the answers lie, if it was read
    metrics: dict[str, stats.Interval] = field(default_factory=dict)  # what `eval report` left: metrics.json

    @property
    def name(self) -> str:
        """See arm_name."""
        return arm_name(self.suite, self.samples, self.probe)

    @property
    def probe(self) -> str | None:
        """What was missing or moved when the items were asked (eval.probes)."""
        return self.settings.get("probe") or ("blank" if self.settings.get("blank_images") else None)

    @property
    def by_degree(self) -> bool:
        """Whether answers are more or less right: then accuracy is the mean score, here and in all that is made of it.

        An outcome is right where the score is the grader's maximum, in every case.
        """
        return self.settings.get("grader") in BY_DEGREE

    @cached_property
    def items(self) -> dict[str, list[Record]]:
        """Item id -> its graded samples; items of which no sample can be graded are left out."""
        found: dict[str, list[Record]] = {}
        for record in self.records:
            if record.correct is not None:
                found.setdefault(record.id, []).append(record)
        return found

    @cached_property
    def clusters(self) -> Sequence[Hashable] | None:
        """The cluster of each graded item, in the order of `items`; None where no two items share one."""
        labels = [records[0].cluster or (item,) for item, records in self.items.items()]
        return labels if len(set(labels)) < len(labels) else None

    def accuracies(self) -> dict[str, float]:
        """Item id -> share of its samples that are right, or their mean score."""
        return {item: fmean(map(self.credit, records)) for item, records in self.items.items()}

    def credit(self, record: Record) -> float:
        """What a graded record adds to accuracy: its score where that is a degree, else 1 for right and 0 for not."""
        return record.score if self.by_degree and record.score is not None else float(bool(record.correct))

    def accuracy(self) -> stats.Interval:
        """Mean over items with its 95 % interval: Wilson for one sample an item, else bootstrap over items, and over
        clusters where items share them."""
        values = list(self.accuracies().values())
        if not values:
            raise BadInput(
                [f"{self.name}: none of the {len(self.records)} answers can be graded; check the gold answers"]
            )
        return stats.mean_share(values, seed=self.settings.get("seed", 0), clusters=self.clusters)

    def how(self, interval: stats.Interval) -> str:
        """How the interval was found: "wilson", "bootstrap" or "clustered bootstrap by image (203)"."""
        if interval.how != "clustered bootstrap" or self.clusters is None:
            return interval.how
        kinds = {label.partition(":")[0] for label in self.clusters if isinstance(label, str)}
        by = f" by {kinds.pop()}" if len(kinds) == 1 and kinds <= set(CLUSTERS) else ""
        return f"{interval.how}{by} ({len(set(self.clusters))}{'' if by else ' clusters'})"

    def scores(self) -> dict[str, float] | None:
        """Item id -> mean score of its samples; None where the grader gives only 0 and 1, or kept no scores."""
        kept = [record.score for records in self.items.values() for record in records]
        if None in kept or set(kept) <= {0.0, 1.0}:
            return None
        return {item: fmean(record.score or 0.0 for record in records) for item, records in self.items.items()}

    @property
    def format_rate(self) -> float | None:
        """Share of samples that keep the answer format; None where the format cannot be judged."""
        return _mean(record.format for record in self.records)

    @property
    def mean_tokens(self) -> float | None:
        """Mean completion length in tokens; None where nobody counted."""
        return _mean(record.n_tokens for record in self.records)

    def outcomes(self) -> dict[str, float]:
        """Share of samples by OUTCOMES; they add up to 1. An item that could not be asked failed in all of its."""
        found = [record.outcome for record in self.records] + ["failed"] * (len(self.failed) * self.samples)
        return {outcome: found.count(outcome) / max(1, len(found)) for outcome in OUTCOMES}

    def pass_at(self, k: int) -> float:
        """Unbiased pass@k, mean over the items."""
        rates = [
            stats.pass_at_k(sum(bool(r.correct) for r in records), len(records), k) for records in self.items.values()
        ]
        return fmean(rates)

    def maj(self) -> float | None:
        """Share of items whose commonest answer among all samples is right; None for one sample, or where the grader
        does not say what it read. Two wordings of one free-text answer are two answers."""
        if self.samples < 2 or all(record.parsed_answer is None for record in self.records):
            return None
        votes = ([(_folded(r.parsed_answer), bool(r.correct)) for r in records] for records in self.items.values())
        return fmean(stats.majority(*zip(*vote, strict=True)) for vote in votes)

    def at(self) -> dict[str, dict[str, float]]:
        """pass@k for the powers of two that were drawn, and maj@k for all samples: {} both for one sample, and where
        answers are right by degree."""
        if self.by_degree:
            return {"pass_at": {}, "maj_at": {}}
        drawn = min(map(len, self.items.values()), default=0)
        passed = {str(k): self.pass_at(k) for k in (2, 4, 8, 16, 32, 64) if k <= drawn}
        voted = self.maj()
        return {"pass_at": passed, "maj_at": {} if voted is None else {str(self.samples): voted}}

    def restrict(self, keep: Callable[[Record], bool]) -> "Result":
        """The same result over the records that `keep` says yes to."""
        return replace(self, records=[record for record in self.records if keep(record)], failed={})

    def of(self, ids: Iterable[str]) -> "Result":
        """The same result over these graded items."""
        return replace(self, records=[record for item in ids for record in self.items[item]], failed={})

    def groups(self) -> dict[str, dict[str, list[str]]]:
        """Group -> value, sorted -> ids of its graded items. Groups of one value or of too many are left out."""
        found: dict[str, dict[str, list[str]]] = {group: {} for group in GROUPS}
        for item, records in self.items.items():
            for group, value in records[0].groups.items():
                found.setdefault(group, {}).setdefault(value, []).append(item)
        return {group: dict(sorted(ids.items())) for group, ids in found.items() if 1 < len(ids) <= MOST_VALUES}

    def summary(self) -> dict[str, Any]:
        """The numbers of one run as JSON: accuracy with interval, format rate, length, outcomes, pass@k and maj@k, by
        group, and the means over each group's values in which every value counts the same."""
        accuracy = self.accuracy()
        by = {group: {value: self.of(ids)._part() for value, ids in of.items()} for group, of in self.groups().items()}
        return {
            "suite": self.suite,
            "name": self.name,
            "n": len(self.items),
            "samples": self.samples,
            "by_degree": self.by_degree,
            "accuracy": accuracy.value,
            "low": accuracy.low,
            "high": accuracy.high,
            "interval": self.how(accuracy),
            "min_detectable": accuracy.half,
            "format_rate": self.format_rate,
            "mean_tokens": self.mean_tokens,
            "outcomes": self.outcomes(),
            "failed": len(self.failed),
            **self.at(),
            "macro": {group: fmean(part["accuracy"] for part in parts.values()) for group, parts in by.items()},
            "by": by,
            "settings": self.settings,
        }

    def _part(self) -> dict[str, Any]:
        accuracy, n = self.accuracy(), len(self.items)
        few = stats.too_few(n, self.clusters)
        return {"n": n, "accuracy": accuracy.value, "low": accuracy.low, "high": accuracy.high, "too_few": few}


def arm_name(suite: str, samples: int, probe: str | None = None) -> str:
    """clinic_test (greedy), clinic_test@8 (8 samples), clinic_test+blank (under a probe, see eval.probes)."""
    return f"{suite}{f'+{probe}' if probe else ''}" + (f"@{samples}" if samples > 1 else "")


def record(row: Mapping[str, Any], verdict: Mapping[str, Any]) -> Record:
    """A line of responses.jsonl together with the line of scores.jsonl that grades it."""
    if row["id"] != verdict["id"]:
        raise BadInput([f"a verdict on {verdict['id']!r} stands beside the answer to {row['id']!r}; score again"])
    return Record(
        id=row["id"],
        sample=row.get("sample", 0),
        correct=verdict["correct"],
        # a grader that returns a bare number does not say whether it could read the answer
        parsed=verdict["parsed"] is not None or not (verdict["rule"] or verdict["why"]),
        format=verdict.get("format"),
        n_tokens=row.get("n_tokens"),
        truncated=bool(row.get("truncated")),
        groups={name: str(row[name]) for name in GROUPS if row.get(name) not in (None, "")},
        gold=json.dumps(row["gold"], ensure_ascii=False),
        n_options=len(row.get("options") or {}),
        n_images=row.get("n_images", 0),
        cluster=None if row.get("cluster") is None else str(row["cluster"]),
        parsed_answer=verdict["parsed"],
        score=verdict.get("score"),
    )


def _folded(answer: str | None) -> str | None:
    return None if answer is None else " ".join(answer.casefold().split())


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
