"""Questions that are answered without thinking, or without their image, go: they need neither (Lingshu, section 5.5:
"much of the data needs no reasoning" is one of the two reasons its authors give for an RL that gained nothing)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from data import answered
from data.clean import Drop, Note, Pictures, Step
from data.example import Example


@dataclass(frozen=True)
class NeedsReasoning(Step):
    """no_think, blank: folders of evaluations of these rows under the probes of those names, one or both.

    solved: the share of a row's samples that must be right for it to go. One greedy answer is right by luck in one of
    four cases where there are four options, so several samples and a share near 1 remove fewer good rows.
    asked: the least share of the rows that each must have been asked; where it is less the build stops, else rows that
    are not among those asked, or read otherwise now, stay.
    """

    about: ClassVar[str] = "answered rightly without thinking, or without the image"
    needs_notes: ClassVar[bool] = True

    no_think: str = ""
    blank: str = ""
    solved: float = 1.0
    asked: float = 0.5

    def __post_init__(self) -> None:
        for folder in filter(None, (self.no_think, self.blank)):
            answered.check(folder)
        if not (self.no_think or self.blank):
            raise ValueError("name the evaluation under the probe no_think, blank, or both")
        if not 0 < self.solved <= 1:
            raise ValueError(f"solved is {self.solved}, it must be above 0 and at most 1")
        if not 0 <= self.asked <= 1:
            raise ValueError(f"asked is {self.asked}, it must be a share from 0 to 1")

    def look(self, row: Example, pictures: Pictures) -> dict[str, bool]:
        """Folder -> whether the row was asked there, of those that concern it."""
        return {folder: answered.was_asked(folder, row) for folder, _ in self._probes(row)}

    def decide(self, notes: Iterable[Note]) -> Mapping[str, Drop]:
        seen = [note for _, note in notes]
        for folder in filter(None, (self.no_think, self.blank)):
            asked = [note[folder] for note in seen if folder in note]
            answered.enough("needs_reasoning", folder, asked, self.asked)
        return {}

    def clean(self, row: Example, pictures: Pictures) -> Example | Drop:
        for folder, without in self._probes(row):
            tries = answered.of(folder).get(row.id)
            if tries and tries.graded and tries.asked(row) and tries.rate >= self.solved:
                return Drop(f"solved without {without}", f"{tries.right} of {tries.graded}")
        return row

    def _probes(self, row: Example) -> Iterator[tuple[str, str]]:
        """The evaluations that concern the row, and what it was asked without."""
        if self.no_think:
            yield self.no_think, "thinking"
        if self.blank and row.images:
            yield self.blank, "its image"


STEP = NeedsReasoning
