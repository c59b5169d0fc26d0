"""Modalities and answer formats brought near each other by taking from the largest (Lingshu, section 3.1.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from data.clean import Drop, Note, Pictures, Step, drawn
from data.example import Example
from recipes import BadInput


@dataclass(frozen=True)
class Balance(Step):
    """At most `total` rows: every group keeps all, or as many as the largest allowance at which the sum fits.

    by: columns whose values together name a group. The paper balances its 100,000 so; it does not say by how much.
    """

    about: ClassVar[str] = "rows of the largest groups, until the corpus has its size"
    needs_notes: ClassVar[bool] = True

    total: int = 100_000
    by: tuple[str, ...] | list[str] = ("modality", "kind")
    seed: int = 0

    def __post_init__(self) -> None:
        if self.total < 1 or not self.by or isinstance(self.by, str):
            raise ValueError("total must be at least 1, and by a list of columns, such as [modality, kind]")

    def look(self, row: Example, pictures: Pictures) -> Any:
        columns = row.columns()
        return tuple(str(columns.get(name, "")) for name in self.by)

    def decide(self, notes: Iterable[Note]) -> Mapping[str, Drop]:
        groups: dict[tuple[str, ...], list[str]] = {}
        for row, group in notes:
            groups.setdefault(group, []).append(row)
        self._find_lost(groups)
        allowed = allowance([len(rows) for rows in groups.values()], self.total)
        found: dict[str, Drop] = {}
        for rows in groups.values():
            found |= dict.fromkeys(drawn(rows, self.seed)[allowed:], Drop("its group is above its share"))
        return found

    def _find_lost(self, groups: Iterable[tuple[str, ...]]) -> None:
        """BadInput for a column that no row has: a misspelt one would balance nothing."""
        lost = [name for name, values in zip(self.by, zip(*groups, strict=True), strict=False) if not any(values)]
        if lost:
            raise BadInput([f"step balance: no row has a column {name!r}; mend its name in `by`" for name in lost])


def allowance(sizes: list[int], total: int) -> int:
    """The largest m for which groups cut to m have at most `total` rows; 1 where even that is too much.

    >>> allowance([100, 10, 5], 45)
    30
    """
    left, open_groups = total, sorted(sizes)
    while open_groups:
        share = left // len(open_groups)
        if open_groups[0] > share:
            return max(1, share)
        left -= open_groups.pop(0)
    return max(sizes, default=1)


STEP = Balance
