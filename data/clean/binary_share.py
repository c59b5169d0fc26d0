"""Yes/no questions down to a share of the corpus, since guessing wins half of them: 5 % in Lingshu (section 3.1.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from data.clean import Drop, Note, Pictures, Step, drawn
from data.example import Example


@dataclass(frozen=True)
class BinaryShare(Step):
    """share: of the rows that are left, at most. Which ones stay is drawn by a hash of seed and id."""

    about: ClassVar[str] = "yes/no questions above a share of the corpus"
    needs_notes: ClassVar[bool] = True

    share: float = 0.05
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError(f"share is {self.share}, it must be between 0 and 1")

    def look(self, row: Example, pictures: Pictures) -> Any:
        return row.kind == "yesno"

    def decide(self, notes: Iterable[Note]) -> Mapping[str, Drop]:
        binary, n = [], 0
        for row, is_binary in notes:
            n += 1
            if is_binary:
                binary.append(row)
        others = n - len(binary)
        most = n if self.share == 1 else int(others * self.share / (1 - self.share))
        return dict.fromkeys(drawn(binary, self.seed)[most:], Drop("yes/no above its share"))


STEP = BinaryShare
