"""How hard each question proves to be for the policy: right and graded completions, a line a group.

RUN/difficulty.jsonl; `{use: pass_rate, answers: RUN}` chooses by it when the next RL set is built, and keeps the rate
as a column (data/clean/pass_rate.py). The run's own curriculum goes by it too (rlvr/curriculum.py).
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import broadcast_object_list

from data import Example, answered
from rewards import Reward, TrlReward


class Ledger:
    """Kept by every process, written by the first; `grader` is the recipe's first reward that says right or wrong."""

    def __init__(
        self, folder: Path, examples: Sequence[Example], rewards: Sequence[Reward | TrlReward], *, writes: bool = True
    ) -> None:
        self.path, self.examples, self.writes = folder / answered.LEDGER, examples, writes
        graders = [(k, one) for k, one in enumerate(rewards) if isinstance(one, Reward) and one.grades]
        self.grader = graders[0] if graders else None
        self._groups: list[tuple[int, int, int, int]] = []  # (epoch, example, right, graded)
        self._begun = False

    def recall(self) -> None:
        """What this run has noted before it was interrupted, on all processes."""
        [lines] = broadcast_object_list([self._lines() if self.writes else []])
        places = {row.id: place for place, row in enumerate(self.examples)}
        known = [line for line in lines if line["id"] in places]
        self._groups = [(line.get("epoch", 0), places[line["id"]], line["right"], line["graded"]) for line in known]

    def tries(self, epoch: int) -> dict[int, tuple[int, int]]:
        """Example -> (right, graded) of the last group of completions to it, in the epochs before this one."""
        return {example: (right, graded) for when, example, right, graded in self._groups if when < epoch}

    def right(self, values: torch.Tensor) -> torch.Tensor | None:
        """[completions]: 1 right, 0 wrong, NaN without a verdict, by `values` [completions, rewards]; None where no
        reward gives verdicts."""
        if self.grader is None:
            return None
        column, grader = self.grader
        found = values[:, column]
        return (found >= grader.high).float().masked_fill(found.isnan(), torch.nan)

    def note(self, step: int, epoch: int, index: Sequence[int], values: torch.Tensor) -> None:
        """index: (completions,), the example of each, groups in one piece; values: (completions, rewards), NaN where
        there is none. Both of all processes."""
        right = self.right(values)
        if right is None:
            return
        groups: dict[int, list[float]] = {}
        for example, value in zip(index, right.tolist(), strict=True):
            groups.setdefault(example, []).append(value)
        noted = []
        for example, verdicts in groups.items():
            graded = [one for one in verdicts if one == one]
            noted.append((epoch, example, int(sum(graded)), len(graded)))
        self._groups += noted
        if self.writes:
            self._write(step, noted)

    def _write(self, step: int, noted: Sequence[tuple[int, int, int, int]]) -> None:
        if not self._begun:
            self._begin(step)
        with self.path.open("a", encoding="utf-8") as file:
            for epoch, example, right, graded in noted:
                row = self.examples[example]
                told = {"step": step, "epoch": epoch, "id": row.id, "right": right, "graded": graded}
                told["asked"] = answered.digest(row.question, row.answer)
                file.write(json.dumps(told, ensure_ascii=False) + "\n")

    def _begin(self, step: int) -> None:
        """A resumed run repeats the steps after its last checkpoint: their first lines go."""
        self._begun = True
        if lines := list(self._lines()):
            kept = [line for line in lines if line["step"] < step]
            self.path.write_text(
                "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in kept), encoding="utf-8"
            )

    def _lines(self) -> list[dict[str, Any]]:
        """Those that were written to their end."""
        if not self.path.is_file():
            return []
        with self.path.open(encoding="utf-8") as file:  # splitlines would end a line at a U+2028 of an id, too
            return [json.loads(line) for line in file if line.endswith("\n")]
