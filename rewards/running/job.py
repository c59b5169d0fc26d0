"""What a runner is given, and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rewards.contract import RewardError, Score

LONGEST_LINE = 300  # characters of an error that are kept


@dataclass(frozen=True)
class Job:
    """One response for one reward, named by its number among those the runner knows.

    `columns` are those that the reward takes, and the row's `id` for its messages.
    """

    reward: int
    text: str | None
    columns: Mapping[str, Any]
    n_tokens: int | None = None
    truncated: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of a job: a score, None (the reward cannot grade this row), or a failure and why."""

    score: Score | None = None
    failure: Literal["", "error", "timeout"] = ""
    why: str = ""
    seconds: float = 0.0


def failed(error: Exception, seconds: float = 0.0) -> Outcome:
    """The outcome of a reward that raised, in one line."""
    said = " ".join(str(error).split())
    line = said if isinstance(error, RewardError) else f"{type(error).__name__}: {said}"
    return Outcome(failure="error", why=line[:LONGEST_LINE], seconds=seconds)


def overdue(seconds: float) -> Outcome:
    """The outcome of a reward that was stopped by the clock after so many seconds."""
    return Outcome(failure="timeout", why=f"no verdict within {seconds:g} s", seconds=seconds)


def given_up(lost: int) -> Outcome:
    """The outcome of a reward that is no longer asked, since it has failed to answer `lost` times in this batch."""
    return Outcome(failure="timeout", why=f"not asked: {lost} completions of this batch were lost before")
