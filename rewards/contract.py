"""What a reward is: a function of one response and some columns, made into a `Reward` by `@reward`."""

import asyncio
import difflib
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rewards.response import Response, parse


class RewardError(ValueError):
    """A reward is used wrongly or is broken; the message is one line that names the reward and the remedy."""


@dataclass(frozen=True)
class Score:
    """A verdict: `value`, what was read from the response (`parsed`), by which `rule`, and `why` it scores so."""

    value: float
    parsed: str | None = None
    rule: str = ""
    why: str = ""


def nearest(name: str, known: Sequence[str]) -> str:
    """' (did you mean X?)' or ''."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def knob_fits(value: object, default: object) -> bool:
    """Whether a knob's value is of its default's kind; a default of None takes anything, an int fits a float."""
    if default is None or value is None:
        return True
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, float):
        return isinstance(value, int | float)
    if isinstance(default, list | tuple):
        return isinstance(value, list | tuple)
    return isinstance(value, Mapping if isinstance(default, Mapping) else type(default))


def gold_text(answer: object) -> str:
    """A gold answer as text: the entries of a list one after the other."""
    return ", ".join(map(str, answer)) if isinstance(answer, list | tuple) else str(answer)


class Reward:
    """A reward with its declared range.

    `needs` are the columns it must be given, `wants` all it takes: these and, if there, the parameters whose default
    is None.  `knobs` are all parameters with a default.  A wanted column that was bound as a knob keeps that value.
    `caps`: its score is no summand but a factor on the sum of the others (see `total`).  `examples` are the rows that
    its file offers to the audit in a list EXAMPLES: columns, and under `right` and `wrong` answers that earn the
    maximum and the minimum.  `form`: it judges how a text is written (case, space, marks), so that the audit does not
    ask it to overlook them; a grader is asked all the same.  `is_grader`: it names `answer`, so that its gold earns the
    maximum.  `grades`: its score says how good an answer is, so that an evaluation may grade by it; a grader, or one
    that declares it because it knows another measure than a gold, such as a rubric.  The function may be a coroutine
    function (`is_async`): whoever has an event loop awaits `awaited`.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        low: float,
        high: float,
        bound: Mapping[str, Any] | None = None,
        caps: bool = False,
        form: bool = False,
        grades: bool = False,
    ):
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise RewardError(f"{function.__name__}: the range must be finite with low < high, not {low} to {high}")
        if caps and (low, high) != (0, 1):
            raise RewardError(f"{function.__name__}: a cap is a factor from 0 to 1, not from {low} to {high}")
        self.function, self.low, self.high, self.caps = function, float(low), float(high), caps
        self.form = form
        self.name = self.__name__ = function.__name__
        self.doc = self.__doc__ = inspect.getdoc(function) or ""
        self.__module__ = function.__module__
        self.__wrapped__ = function
        self.use: str = f"{Path(function.__code__.co_filename).absolute()}:{self.name}"
        self.bound: dict[str, Any] = dict(bound or {})
        params = list(inspect.signature(function).parameters.values())
        if not params or any(p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL) for p in params):
            raise RewardError(f"{self.name}: the first parameter is the response and every column is named; no * or **")
        columns = params[1:]
        self.needs: tuple[str, ...] = tuple(p.name for p in columns if p.default is p.empty)
        self.knobs: dict[str, Any] = {p.name: p.default for p in columns if p.default is not p.empty}
        optional = tuple(name for name, default in self.knobs.items() if default is None)
        self.wants: tuple[str, ...] = self.needs + optional
        self.is_grader: bool = any(p.name == "answer" for p in columns)
        self.grades: bool = grades or self.is_grader
        self.is_async: bool = inspect.iscoroutinefunction(function)

    @property
    def examples(self) -> tuple[Mapping[str, Any], ...]:
        """The rows that the reward's own file offers to the audit."""
        return tuple(self.function.__globals__.get("EXAMPLES", ()))

    def right_answer(self, columns: Mapping[str, Any]) -> str:
        """The gold of a row as a response writes it: the answer itself, unless the file says how in `right_answer`."""
        own = self.function.__globals__.get("right_answer", lambda columns: gold_text(columns.get("answer")))
        return own(columns)

    def bind(self, **knobs: Any) -> "Reward":
        """The same reward with knobs set; RewardError on an unknown knob or a value of another kind."""
        for name, value in knobs.items():
            if name not in self.knobs:
                known = ", ".join(self.knobs) or "none"
                hint = nearest(name, list(self.knobs))
                raise RewardError(f"reward {self.name}: unknown knob {name!r}{hint}; it has: {known}")
            if not knob_fits(value, self.knobs[name]):
                want = type(self.knobs[name]).__name__
                raise RewardError(f"reward {self.name}: {name} must be {want}, not {value!r}")
        copy = Reward(self.function, self.low, self.high, {**self.bound, **knobs}, self.caps, self.form, self.grades)
        copy.use = self.use
        return copy

    def __call__(self, response: Response | str | None, /, **columns: Any) -> Score | None:
        """The score of one response, or None for a row that cannot be graded; columns it does not name are ignored."""
        result = self.asked(response, columns)
        return self.judged(asyncio.run(result) if inspect.iscoroutine(result) else result, columns)

    async def awaited(self, response: Response | str | None, /, **columns: Any) -> Score | None:
        """As a call, for a coroutine function within an event loop."""
        return self.judged(await self.asked(response, columns), columns)

    def asked(self, response: Response | str | None, columns: Mapping[str, Any]) -> Any:
        """What the function itself returns: a coroutine if it is asynchronous."""
        if not isinstance(response, Response):
            response = parse(response)
        missing = [name for name in self.needs if name not in columns]
        if missing:
            raise RewardError(f"reward {self.name}: needs the column {missing[0]!r}, which the row lacks")
        given = {name: columns[name] for name in self.wants if name in columns}
        return self.function(response, **{**given, **self.bound})

    def judged(self, result: object, columns: Mapping[str, Any]) -> Score | None:
        """The function's result as a Score; RewardError if it is no number or lies outside the declared range."""
        if result is None:
            return None
        score = result if isinstance(result, Score) else None
        value: Any = score.value if score else result
        if not isinstance(value, int | float) and hasattr(value, "item"):
            value = value.item()  # numpy and torch scalars
        if not isinstance(value, int | float) or not self.low <= value <= self.high:  # NaN fails the comparison too
            row = f" on row {columns['id']}" if "id" in columns else ""
            raise RewardError(
                f"reward {self.name}{row}: returned {result!r}, wanted a number from {self.low} to {self.high}, or None"
            )
        if score is None:
            return Score(float(value))
        return score if type(value) is float else Score(float(value), score.parsed, score.rule, score.why)

    def __reduce__(self):
        return restore, (self.use, self.bound)

    def __repr__(self) -> str:
        knobs = "".join(f", {name}={value!r}" for name, value in self.bound.items())
        return f"Reward({self.name}{knobs})"


def restore(use: str, bound: dict[str, Any]):
    """Unpickle a reward: load it where it was, and set its knobs."""
    from rewards.registry import load

    found = load(use)
    return found.bind(**bound) if bound else found


def reward(
    low: float = 0.0, high: float = 1.0, caps: bool = False, form: bool = False, grades: bool = False
) -> Callable[[Callable[..., Any]], Reward]:
    """Decorator: declare a function's range and make it a `Reward`.

    caps: it is a factor on the sum of the others; form: it judges how a text is written, not what it says; grades: it
    says how good an answer is without a gold.

    >>> @reward(low=0.0, high=1.0)
    ... def short(response: Response, max_chars: int = 10) -> float:
    ...     return float(len(response.text) <= max_chars)
    >>> short("pneumonia"), short.bind(max_chars=5)("pneumonia").value
    (Score(value=1.0, parsed=None, rule='', why=''), 0.0)
    """

    def wrap(function: Callable[..., Any]) -> Reward:
        return Reward(function, low, high, caps=caps, form=form, grades=grades)

    return wrap


def total(scores: Sequence[float | None], weights: Sequence[float], caps: Sequence[bool]) -> float | None:
    """The reward of one response: the weighted sum of its scores, times each cap's factor; None if nothing is graded.

    None and NaN are scores of rewards that abstained and count for nothing.  A cap's weight, from 0 to 1, is its
    strength: with weight w a score of s leaves 1 - w * (1 - s) of the sum.  A cap never raises a sum: a negative one
    stays as it is.  Raises RewardError for a cap's weight outside 0 to 1.

    >>> total([1.0, 0.5, 1.0], [1.0, 0.5, 1.0], [False, False, True])  # right, half in form, safe
    1.25
    >>> total([1.0, 0.5, 0.0], [1.0, 0.5, 1.0], [False, False, True])  # the same, but unsafe
    0.0
    """
    rows = list(zip(scores, weights, caps, strict=True))
    if wrong := [weight for _, weight, cap in rows if cap and not 0 <= weight <= 1]:
        raise RewardError(f"the weight of a reward that caps is from 0 (off) to 1 (full), not {wrong[0]}")
    graded = [(score, weight, cap) for score, weight, cap in rows if score is not None and not math.isnan(score)]
    if all(cap for *_, cap in graded):
        return None
    value = math.fsum(score * weight for score, weight, cap in graded if not cap)
    for score, weight, cap in graded:
        if cap:
            value = min(value, value * (1 - weight * (1 - score)))
    return value
