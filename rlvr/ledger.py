"""How hard each question proves to be for the policy: right and graded completions, a line a group.

RUN/difficulty.jsonl; `{use: pass_rate, answers: RUN}` chooses by it when the next RL set is built, and keeps the rate
as a column (data/clean/pass_rate.py).
"""

import json
from collections.abc import Sequence
from pathlib import Path

import torch

from data import Example, answered
from rewards import Reward, TrlReward


class Ledger:
    """Written by the first process; `grader` is the recipe's first reward that says right or wrong."""

    def __init__(self, folder: Path, examples: Sequence[Example], rewards: Sequence[Reward | TrlReward]) -> None:
        self.path, self.examples = folder / answered.LEDGER, examples
        graders = [(k, one) for k, one in enumerate(rewards) if isinstance(one, Reward) and one.grades]
        self.grader = graders[0] if graders else None
        self._begun = False

    def note(self, step: int, index: Sequence[int], values: torch.Tensor) -> None:
        """index: (completions,), the example of each, groups in one piece; values: (completions, rewards), NaN where
        there is none."""
        if self.grader is None:
            return
        if not self._begun:
            self._begin(step)
        column, grader = self.grader
        groups: dict[int, list[float]] = {}
        for example, value in zip(index, values[:, column].tolist(), strict=True):
            groups.setdefault(example, []).append(value)
        with self.path.open("a", encoding="utf-8") as file:
            for example, scores in groups.items():
                row, graded = self.examples[example], [score for score in scores if score == score]
                right = sum(score >= grader.high for score in graded)
                asked = answered.digest(row.question, row.answer)
                told = {"step": step, "id": row.id, "right": right, "graded": len(graded), "asked": asked}
                file.write(json.dumps(told, ensure_ascii=False) + "\n")

    def _begin(self, step: int) -> None:
        """A resumed run repeats the steps after its last checkpoint: their first lines go."""
        self._begun = True
        if self.path.is_file():
            with self.path.open(encoding="utf-8") as file:  # splitlines would end a line at a U+2028 of an id, too
                whole = [line for line in file if line.endswith("\n")]
            self.path.write_text("".join(line for line in whole if json.loads(line)["step"] < step), encoding="utf-8")
