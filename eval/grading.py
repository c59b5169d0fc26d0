"""Grading saved answers with the rewards that train: one grader says right or wrong, `format` says in form or not."""

import functools
import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rewards
from recipes import BadInput
from rewards import Reward, Score
from rewards.running import Loop

NAME_ONE = "--judge-url and --judge-model, or in a recipe eval.judge: {base_url, model}"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Judge:
    """A language model behind an OpenAI-compatible endpoint, for graders that ask one (`rubric`, `llm_judge`)."""

    base_url: str
    model: str
    key_env: str = ""
    at_once: int = 16  # answers it is asked about at a time
    timeout_s: float = 300.0  # for one answer


def judge_of(plan: Any) -> Judge | None:
    """The judge that a recipe's section `eval:` names."""
    named = plan.judge
    return named and Judge(named.base_url, named.model, named.key_env or "")


class Grader:
    """Grades rows of responses.jsonl. `use` is a reward that says right or wrong; it is never trained or changed here.

    judge: whom a grader asks that is a judge itself.
    """

    def __init__(self, use: str = "answer_match", folder: Path | None = None, judge: Judge | None = None) -> None:
        """BadInput when there is no such reward, it says nothing about the answer, or its judge is not named."""
        try:
            self.reward = rewards.load(use, folder)
            if "base_url" in self.reward.knobs and not self.reward.bound.get("base_url"):
                if judge is None:
                    raise BadInput([f"eval grader {use}: asks a judge; name one: {NAME_ONE}"])
                self.reward = self.reward.bind(base_url=judge.base_url, model=judge.model, key_env=judge.key_env)
        except rewards.RewardError as error:
            raise BadInput([f"eval grader: {error}"]) from error
        if not self.reward.grades:
            raise BadInput([f"eval grader {use}: is not a grader (it does not ask for the column `answer`)"])
        if not math.isfinite(self.reward.high):
            raise BadInput(f"eval grader {use}: states no range, so nobody knows which score means right; use @reward")
        self._format, self._judge = rewards.load("format"), judge

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
        response = _read(row)
        return self._verdict(row, response, self.reward(response, **columns_of(row)))

    def grade_all(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The verdicts on many answers, in order; a judge is asked about several at once.

        A grader that breaks on an answer costs that answer its grade, and is told; the others are graded.
        """
        if not isinstance(self.reward, Reward) or not self.reward.is_async:
            return [self._guarded(row) for row in rows]
        judge = self._judge or Judge("", "")
        loop = Loop(timeout_s=judge.timeout_s, at_once=judge.at_once)
        calls = [functools.partial(self.reward.awaited, _read(row), **columns_of(row)) for row in rows]
        outcomes = loop.start(calls)()
        return [
            _told(row, outcome.why) if outcome.failure else self._verdict(row, _read(row), outcome.score)
            for row, outcome in zip(rows, outcomes, strict=True)
        ]

    def _guarded(self, row: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self.grade(row)
        except Exception as error:  # a reward may be a user's
            return _told(row, f"{type(error).__name__} {error}".strip())

    def _verdict(self, row: Mapping[str, Any], response: rewards.Response, score: Score | None) -> dict[str, Any]:
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


def _read(row: Mapping[str, Any]) -> rewards.Response:
    return rewards.parse(row["completion"], n_tokens=row.get("n_tokens"), truncated=bool(row.get("truncated", False)))


def _told(row: Mapping[str, Any], why: str) -> dict[str, Any]:
    """The verdict where the grader failed."""
    why = f"the grader failed: {why}"
    logger.warning("item %s, sample %d: %s", row["id"], row.get("sample", 0), why)
    return ungraded(row, why)


def ungraded(row: Mapping[str, Any], why: str) -> dict[str, Any]:
    """The verdict where there is none."""
    nothing = dict.fromkeys(("correct", "score", "parsed", "rule"))
    return {"id": row["id"], "sample": row.get("sample", 0), **nothing, "why": why, "format": None}


def columns_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row under the names that rewards use: `gold` is their `answer`; an absent question or kind stays absent."""
    hidden = ("completion", "gold", "n_tokens", "truncated")
    return {
        "answer": row["gold"],
        **{key: value for key, value in row.items() if key not in hidden and value is not None},
    }
