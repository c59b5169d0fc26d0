"""What each kind of question earns: a metric that rises by the easy ones alone looks like learning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import torch

from data import Example
from rlvr.update import alike

COLUMNS = ("domain", "source", "modality", "kind")  # `domain` where a set has one
MOST = 12  # values of a column that have metrics of their own; the others are `other`


class Breakdown:
    """Rewards by the columns of the training examples that tell them apart."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.columns: dict[str, list[str]] = {}  # of each example, the name its metrics have
        rows = ([one.get(column) for column in COLUMNS] for one in (example.columns() for example in examples))
        for column, values in zip(COLUMNS, zip(*rows, strict=True), strict=False):
            said = [str(value or "none") for value in values]
            often = {value for value, _ in Counter(said).most_common(MOST)}
            if len(set(said)) > 1:
                self.columns[column] = [value.replace("/", "_") if value in often else "other" for value in said]

    def metrics(
        self, index: Sequence[int], totals: torch.Tensor, right: torch.Tensor | None, group: int
    ) -> Iterator[tuple[str, float]]:
        """index: the example of each completion, groups in one piece. totals: [completions], NaN where a completion is
        not compared. right: [completions], 1 or 0, NaN without a verdict; None where no reward gives one.

        Yields by_COLUMN/VALUE/reward, /right, and /mixed: the share of groups whose rewards are not all equal.
        """
        totals = totals.float().cpu()
        mixed = (~alike(totals, group)).float()
        measured = {"reward": totals, "mixed": mixed} | ({} if right is None else {"right": right.float().cpu()})
        for column, values in self.columns.items():
            here = [values[example] for example in index]
            for value in sorted(set(here)):
                rows = torch.tensor([one == value for one in here])
                for name, found in measured.items():
                    yield f"by_{column}/{value}/{name}", found[rows].nanmean().item()
