"""Reward functions written for TRL (`completions`, columns as lists -> list of floats), accepted as they are."""

import asyncio
import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

from rewards.contract import RewardError, Score, gold_text, knob_fits, nearest
from rewards.response import Response

# What TRL's trainer hands to a reward function besides the data set's columns.
GIVEN_BY_TRAINER = frozenset(
    {"prompts", "completions", "completion_ids", "trainer_state", "log_extra", "log_metric", "environments"}
)


def is_trl_style(function: Callable[..., Any]) -> bool:
    """Whether a function has TRL's signature: its first parameter is `completions` or `prompts`."""
    params = list(inspect.signature(function).parameters)
    return bool(params) and (params[0] in ("completions", "prompts") or "completions" in params)


class TrlReward:
    """A TRL reward function with the attributes of a `Reward`; `function` is what TRL itself would call.

    Its range is not declared, so `low` and `high` are infinite.  Its `needs` are its named columns without a default.
    """

    def __init__(self, function: Callable[..., Any], use: str, bound: dict[str, Any] | None = None):
        params = [p for p in inspect.signature(function).parameters.values() if p.name not in GIVEN_BY_TRAINER]
        named = [p for p in params if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
        self.function, self.use = function, use
        self.name = self.__name__ = function.__name__
        self.doc = self.__doc__ = inspect.getdoc(function) or ""
        self.low, self.high = -math.inf, math.inf
        self.needs: tuple[str, ...] = tuple(p.name for p in named if p.default is p.empty)
        self.knobs: dict[str, Any] = {p.name: p.default for p in named if p.default is not p.empty}
        optional = tuple(name for name, default in self.knobs.items() if default is None)
        self.wants: tuple[str, ...] = self.needs + optional
        self.open_ended = any(p.kind is p.VAR_KEYWORD for p in params)
        self.is_grader = self.grades = "answer" in self.needs or "answer" in self.knobs
        self.bound: dict[str, Any] = dict(bound or {})
        self.caps, self.form, self.examples = False, False, ()

    def right_answer(self, columns: Mapping[str, Any]) -> str:
        """The gold of a row as text."""
        return gold_text(columns.get("answer"))

    def bind(self, **knobs: Any) -> "TrlReward":
        """The same reward with knobs set; RewardError on an unknown one or a value of another kind."""
        for name, value in knobs.items():
            if name not in self.knobs:
                raise RewardError(f"reward {self.name}: unknown knob {name!r}{nearest(name, list(self.knobs))}")
            if not knob_fits(value, self.knobs[name]):
                raise RewardError(f"reward {self.name}: {name} must be {type(self.knobs[name]).__name__}")
        return TrlReward(self.function, self.use, {**self.bound, **knobs})

    def __call__(self, response: Response | str | None, /, **columns: Any) -> Score | None:
        """Score one response: a batch of one; a conversation if the row's `prompt` is one."""
        missing = [name for name in self.needs if name not in columns]
        if missing:
            raise RewardError(f"reward {self.name}: needs the column {missing[0]!r}, which the row lacks")
        text = response.text if isinstance(response, Response) else response or ""
        prompt = columns.get("prompt", "")
        completion = [{"role": "assistant", "content": text}] if isinstance(prompt, list) else text
        taken = columns if self.open_ended else {k: columns[k] for k in self.wants if k in columns}
        lists = {name: [value] for name, value in taken.items() if name not in GIVEN_BY_TRAINER}
        params = inspect.signature(self.function).parameters
        trainer = {"prompts": [prompt], "completions": [completion], "completion_ids": [[]], "trainer_state": None}
        trainer |= {"log_extra": lambda *a: None, "log_metric": lambda *a: None, "environments": None}
        lists |= {name: value for name, value in trainer.items() if name in params}
        result = self.function(**{**lists, **self.bound})
        return self.judged(asyncio.run(result) if inspect.iscoroutine(result) else result)

    def judged(self, result: Any) -> Score | None:
        """The one entry of the list the function returned."""
        try:
            [value] = result
            number = None if value is None else float(value)
        except (TypeError, ValueError):
            raise RewardError(
                f"reward {self.name}: returned {result!r} for one completion, wanted a list of one"
            ) from None
        if number is None or math.isnan(number):
            return None
        return Score(number)

    def __reduce__(self):
        from rewards.contract import restore

        return restore, (self.use, self.bound)

    def __repr__(self) -> str:
        return f"TrlReward({self.name})"
