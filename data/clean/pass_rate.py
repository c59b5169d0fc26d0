"""Questions that the policy answers sometimes: where it always or never does, a group's rewards are equal and teach
nothing. What the paper's authors lacked; they found their RL data to need no reasoning (section 5.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from data import answered
from data.clean import Drop, Note, Pictures, Step
from data.example import Example

MISSING = ("drop", "keep")


@dataclass(frozen=True)
class PassRate(Step):
    """Rows stay whose k samples have between `least` and `most` right ones, and carry `pass_rate` as a column.

    answers: the folder of an evaluation of these very rows with k samples, such as outputs/pool/built_train@8, or of a
    GRPO run that trained on them, whose groups count as samples. most: by default k - 1. Rows that all samples miss go
    for review: their gold may be wrong. missing: what to do with a row that has no verdict there, or was asked
    otherwise. asked: the least share of the rows that must have been asked as they are now; else the build stops.
    """

    about: ClassVar[str] = "always or never answered rightly by the policy"
    needs_notes: ClassVar[bool] = True

    answers: str = ""
    least: int = 1
    most: int | None = None
    missing: str = "drop"
    asked: float = 0.5

    def __post_init__(self) -> None:
        answered.check(self.answers)
        if self.missing not in MISSING:
            raise ValueError(f"missing is {self.missing!r}, it must be {' or '.join(MISSING)}")
        if self.least < 0 or (self.most is not None and self.most < self.least):
            raise ValueError(f"least is {self.least} and most {self.most}; 0 <= least <= most")
        if not 0 <= self.asked <= 1:
            raise ValueError(f"asked is {self.asked}, it must be a share from 0 to 1")

    def look(self, row: Example, pictures: Pictures) -> bool:
        return answered.was_asked(self.answers, row)

    def decide(self, notes: Iterable[Note]) -> Mapping[str, Drop]:
        answered.enough("pass_rate", self.answers, [asked for _, asked in notes], self.asked)
        return {}

    def clean(self, row: Example, pictures: Pictures) -> Example | Drop:
        tries = answered.of(self.answers).get(row.id)
        if tries is None or not tries.graded or not tries.asked(row):
            why = "has no pass rate" if tries is None or not tries.graded else "was asked otherwise"
            return row if self.missing == "keep" else Drop(why)
        seen = f"{tries.right} of {tries.graded}"
        if tries.right == 0 and self.least > 0:
            return Drop("no sample is right", seen, review=True)
        if tries.right < self.least:
            return Drop("too few samples are right", seen)
        if tries.right > (tries.graded - 1 if self.most is None else self.most):
            return Drop("too many samples are right", seen)
        return replace(row, meta={**row.meta, "pass_rate": tries.rate})


STEP = PassRate
