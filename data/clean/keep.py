"""Only rows of which a column has one of the values that are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from data.clean import Drop, Pictures, Step
from data.example import Example

TOLD = ("kind", "source", "split", "modality", "license", "language")  # no text of a row: may stand in the log


@dataclass(frozen=True)
class Keep(Step):
    """column: a field of the rows (kind, modality, source) or a key of their meta. values: as text, in any case.

    among: only rows of these sources are judged, others stay; none: all.
    """

    about: ClassVar[str] = "a column has none of the wanted values"

    column: str = ""
    values: Sequence[str] = ()
    among: Sequence[str] = ()

    def __post_init__(self) -> None:
        if not self.column or isinstance(self.values, str) or not self.values or isinstance(self.among, str):
            raise ValueError("name a column, and list the values to keep, such as column: modality, values: [ct, mri]")

    def clean(self, row: Example, pictures: Pictures) -> Example | Drop:
        if self.among and row.source not in self.among:
            return row
        value = str(row.columns().get(self.column, ""))
        wanted = {str(one).casefold() for one in self.values}
        if value.casefold() in wanted:
            return row
        return Drop(f"{self.column} is not wanted", value if self.column in TOLD else "")


STEP = Keep
