"""Grading saved answers with the rewards that train: one grader says right or wrong, `format` says in form or not."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import rewards
from recipes import BadInput


class Grader:
    """Grades rows of responses.jsonl. `use` is a reward that names `answer`; it is never trained or changed here."""

    def __init__(self, use: str = "answer_match", folder: Path | None = None) -> None:
        """BadInput when there is no such reward or it says nothing about the answer."""
        try:
            self.reward = rewards.load(use, folder)
        except rewards.RewardError as error:
            raise BadInput([f"eval grader: {error}"]) from error
        if not self.reward.is_grader:
            raise BadInput([f"eval grader {use}: is not a grader (it does not ask for the column `answer`)"])
        if not math.isfinite(self.reward.high):
            raise BadInput(f"eval grader {use}: states no range, so nobody knows which score means right; use @reward")
        self._format = rewards.load("format")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns this grader reads, needed or not."""
        return (*self.reward.needs, *self.reward.wants)

    def missing(self, columns: Iterable[str]) -> list[str]:
        """The columns this grader needs that are not among `columns`."""
        return sorted(set(self.reward.needs) - set(columns))

    def grade(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The verdict on one answer: {id, sample, correct, score, parsed, rule, why, format}.

        correct: the score is the grader's maximum; None where the row cannot be graded. format: 0..1 or None.
        """
        response = rewards.parse(
            row["completion"], n_tokens=row.get("n_tokens"), truncated=bool(row.get("truncated", False))
        )
        score = self.reward(response, **_columns(row))
        form = self._format(response)
        return {
            "id": row["id"],
            "sample": row.get("sample", 0),
            "correct": None if score is None else score.value >= self.reward.high,
            "score": None if score is None else score.value,
            "parsed": None if score is None else score.parsed,
            "rule": None if score is None else score.rule,
            "why": "cannot be graded" if score is None else score.why,
            "format": None if form is None else form.value,
        }


def ungraded(row: Mapping[str, Any], why: str) -> dict[str, Any]:
    """The verdict where there is none."""
    nothing = dict.fromkeys(("correct", "score", "parsed", "rule"))
    return {"id": row["id"], "sample": row.get("sample", 0), **nothing, "why": why, "format": None}


def _columns(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row under the names that rewards use: `gold` is their `answer`; an absent question or kind stays absent."""
    hidden = ("completion", "gold", "n_tokens", "truncated")
    return {
        "answer": row["gold"],
        **{key: value for key, value in row.items() if key not in hidden and value is not None},
    }
