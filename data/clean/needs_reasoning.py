"""Questions that are answered without thinking, or without their image, go: they need neither (Lingshu, section 5.5:
"much of the data needs no reasoning" is one of the two reasons its authors give for an RL that gained nothing)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from data import answered
from data.clean import Drop, Pictures, Step
from data.example import Example


@dataclass(frozen=True)
class NeedsReasoning(Step):
    """no_think, blank: folders of evaluations of these rows under the probes of those names, one or both.

    solved: the share of a row's samples that must be right for it to go. One greedy answer is right by luck in one of
    four cases where there are four options, so several samples and a share near 1 remove fewer good rows.
    Rows that are not among those asked, or read otherwise now, stay.
    """

    about: ClassVar[str] = "answered rightly without thinking, or without the image"

    no_think: str = ""
    blank: str = ""
    solved: float = 1.0

    def __post_init__(self) -> None:
        for folder in filter(None, (self.no_think, self.blank)):
            answered.check(folder)
        if not (self.no_think or self.blank):
            raise ValueError("name the evaluation under the probe no_think, blank, or both")
        if not 0 < self.solved <= 1:
            raise ValueError(f"solved is {self.solved}, it must be above 0 and at most 1")

    def clean(self, row: Example, pictures: Pictures) -> Example | Drop:
        for folder, without in ((self.no_think, "thinking"), (self.blank if row.images else "", "its image")):
            tries = answered.of(folder).get(row.id) if folder else None
            if tries and tries.graded and tries.asked(row) and tries.rate >= self.solved:
                return Drop(f"solved without {without}", f"{tries.right} of {tries.graded}")
        return row


STEP = NeedsReasoning
