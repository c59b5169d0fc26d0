"""Functions written for TRL: the whole batch in, a list of numbers out, and an outcome for each row either way."""

import inspect
import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rewards import RewardError, Score, TrlReward
from rewards.running import Loop, Outcome
from rewards.running.job import failed, overdue


def start(
    reward: TrlReward, rows: Sequence[Mapping[str, Any]], given: Mapping[str, Any], loop: Loop
) -> Callable[[], list[Outcome]]:
    """Call the function, or set out to await it if it is a coroutine; the function returned gives the outcomes.

    It is a verdict of each row, or, where the function fails, a failure of all.
    """
    began, n = time.perf_counter(), len(rows)

    def share() -> float:
        return (time.perf_counter() - began) / n

    try:
        result = call(reward, rows, given)
    except Exception as error:  # whatever a user's function raises
        lost = [failed(error, share())] * n
        return lambda: lost
    if not inspect.iscoroutine(result):
        outcomes = read(reward, result, n, share())
        return lambda: outcomes
    wait = loop.run(result, n=n)

    def finish() -> list[Outcome]:
        try:
            return read(reward, wait(), n, share())
        except TimeoutError:
            return [overdue(time.perf_counter() - began)] * n
        except Exception as error:
            return [failed(error, share())] * n

    return finish


def call(reward: TrlReward, rows: Sequence[Mapping[str, Any]], given: Mapping[str, Any]) -> Any:
    """What the function returns: `given` by the trainer, one list a column of `rows`, its knobs.

    A function without `**kwargs` gets what it names and no more.
    """
    names = dict.fromkeys(name for row in rows for name in row)
    everything = {**{name: [row.get(name) for row in rows] for name in names}, **given, **reward.bound}
    named = inspect.signature(reward.function).parameters
    known = everything if reward.open_ended else {name: everything[name] for name in named if name in everything}
    return reward.function(**known)


def read(reward: TrlReward, result: Any, n: int, seconds: float) -> list[Outcome]:
    """What the function returned for `n` completions; NaN says None, as it does to TRL."""
    try:
        values = [math.nan if value is None else float(value) for value in result]
    except (TypeError, ValueError):
        wanted = RewardError(f"reward {reward.name}: returned {result!r}, wanted a list of numbers or None")
        return [failed(wanted, seconds)] * n
    if len(values) != n:
        return [failed(RewardError(f"reward {reward.name}: returned {len(values)} values for {n} completions"))] * n
    infinite = failed(RewardError(f"reward {reward.name}: returned an infinite number"), seconds)
    return [
        infinite if math.isinf(value) else Outcome(None if math.isnan(value) else Score(value), seconds=seconds)
        for value in values
    ]
