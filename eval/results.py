"""What an evaluation leaves: one graded record a sample, the folder they lie in, and the numbers read off them."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from statistics import fmean
from typing import Any

from eval import stats
from recipes import BadInput

GROUPS = ("kind", "family", "modality")  # what `by` in gains.json is split over
OUTCOMES = ("right", "wrong", "unparsed", "truncated", "ungraded")


@dataclass(frozen=True)
class Record:
    """One graded sample of one item. `correct` is None where the row cannot be graded; `format` is 0, 1 or None."""

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

    @property
    def outcome(self) -> str:
        """One of OUTCOMES: an answer cut off, or none that could be read, is not the same as a wrong one."""
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

    @property
    def name(self) -> str:
        """See arm_name."""
        blank = "blank" if self.settings.get("blank_images") else None
        return arm_name(self.suite, self.samples, self.settings.get("probe") or blank)

    @cached_property
    def items(self) -> dict[str, list[Record]]:
        """Item id -> its graded samples; items of which no sample can be graded are left out."""
        found: dict[str, list[Record]] = {}
        for record in self.records:
            if record.correct is not None:
                found.setdefault(record.id, []).append(record)
        return found

    def accuracies(self) -> dict[str, float]:
        """Item id -> share of its samples that are right."""
        return {item: fmean(bool(record.correct) for record in records) for item, records in self.items.items()}

    def accuracy(self) -> stats.Interval:
        """Mean over items with its 95 % interval (Wilson for one sample an item, else bootstrap over items)."""
        values = list(self.accuracies().values())
        if not values:
            raise BadInput(
                [f"{self.name}: none of the {len(self.records)} answers can be graded; check the gold answers"]
            )
        return stats.mean_share(values, seed=self.settings.get("seed", 0))

    @property
    def format_rate(self) -> float | None:
        """Share of samples that keep the answer format; None where the format cannot be judged."""
        return _mean(record.format for record in self.records)

    @property
    def mean_tokens(self) -> float | None:
        """Mean completion length in tokens; None where nobody counted."""
        return _mean(record.n_tokens for record in self.records)

    def outcomes(self) -> dict[str, float]:
        """Share of samples by OUTCOMES; they add up to 1."""
        found = [record.outcome for record in self.records]
        return {outcome: found.count(outcome) / max(1, len(found)) for outcome in OUTCOMES}

    def pass_at(self, k: int) -> float:
        """Unbiased pass@k, mean over the items."""
        rates = [
            stats.pass_at_k(sum(bool(r.correct) for r in records), len(records), k) for records in self.items.values()
        ]
        return fmean(rates)

    def restrict(self, keep: Callable[[Record], bool]) -> "Result":
        """The same result over the records that `keep` says yes to."""
        return replace(self, records=[record for record in self.records if keep(record)])

    def summary(self) -> dict[str, Any]:
        """The numbers of one run as JSON: accuracy with interval, format rate, length, outcomes, pass@k."""
        accuracy = self.accuracy()
        ks = [k for k in (1, 2, 4, 8, 16, 32, 64) if 1 < k <= min(map(len, self.items.values()))]
        return {
            "suite": self.suite,
            "name": self.name,
            "n": len(self.items),
            "samples": self.samples,
            "accuracy": accuracy.value,
            "low": accuracy.low,
            "high": accuracy.high,
            "format_rate": self.format_rate,
            "mean_tokens": self.mean_tokens,
            "outcomes": self.outcomes(),
            "failed": len(self.failed),
            "pass_at": {str(k): self.pass_at(k) for k in ks},
            "settings": self.settings,
        }


def arm_name(suite: str, samples: int, probe: str | None = None) -> str:
    """clinic_test (greedy), clinic_test@8 (8 samples), clinic_test+blank (under a probe, see eval.probes)."""
    return f"{suite}{f'+{probe}' if probe else ''}" + (f"@{samples}" if samples > 1 else "")


def chance(records: Sequence[Record]) -> float:
    """What a model that does not look can reach: 1 / options where there are options, else the share of the commonest
    gold answer among the items of the same family and kind. Mean over items."""
    items = list({record.id: record for record in records}.values())
    golds: dict[tuple[str, str], list[str]] = {}
    for item in items:
        golds.setdefault(_sort_of(item), []).append(item.gold)
    commonest = {sort: max(map(values.count, values)) / len(values) for sort, values in golds.items()}
    return fmean(1 / item.n_options if item.n_options else commonest[_sort_of(item)] for item in items)


def _sort_of(item: Record) -> tuple[str, str]:
    return item.groups.get("family", ""), item.groups.get("kind", "")


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
        groups={name: row[name] for name in GROUPS if row.get(name)},
        gold=json.dumps(row["gold"], ensure_ascii=False),
        n_options=len(row.get("options") or {}),
        n_images=row.get("n_images", 0),
    )


def save(result: Result, folder: Path) -> None:
    """Writes result.json, which goes last and at once: its presence says that the evaluation finished."""
    part = folder / "result.json.part"
    part.write_text(json.dumps(result.summary(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(folder / "result.json")


def read(folder: Path) -> list[Result]:
    """All finished evaluations in a folder and below it, by name, those under a probe last."""
    found = sorted(Path(folder).rglob("result.json"), key=lambda path: ("+" in path.parent.name, path))
    if not found:
        raise BadInput([f"{folder}: holds no evaluation (no result.json); make one with `python -m eval run`"])
    return [read_one(path.parent) for path in found]


def read_one(folder: Path) -> Result:
    """The finished evaluation in this very folder."""
    try:
        head = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        pairs = zip(json_lines(folder / "responses.jsonl"), json_lines(folder / "scores.jsonl"), strict=True)
        failed = json_lines(folder / "failed.jsonl") if (folder / "failed.jsonl").is_file() else ()
        return Result(
            head["suite"],
            head["samples"],
            head["settings"],
            [record(*pair) for pair in pairs],
            {row["id"]: row["why"] for row in failed},
        )
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BadInput([f"{folder}: not a whole evaluation ({error!r}); score or run it again"]) from error


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON lines file, one after the other; BadInput names the line that is none."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
            except ValueError as error:
                raise BadInput([f"{path}:{number}: not JSON ({error})"]) from error
            if not isinstance(row, dict):
                raise BadInput([f"{path}:{number}: a row must be an object, not {type(row).__name__}"])
            yield row


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
