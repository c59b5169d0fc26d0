"""Named suites: this folder is listed. One file each, which holds `SUITE = Suite(...)` under the name of the file."""

import dataclasses
import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from recipes import BadInput, nearest
from recipes.schema import SuiteUse


@dataclass(frozen=True)
class Suite:
    """Held-out items of one data set: which, how many, and by which reward they are graded.

    `use` and `split` name the data (`data.load`), `n` is how many items (None: all), `seed` which ones, `knobs` the
    data set's own settings, `grader` a reward that says right or wrong, `about` one line for `eval list`.
    """

    name: str
    use: str
    split: str
    n: int | None = None
    seed: int = 0
    knobs: dict[str, Any] = field(default_factory=dict)
    grader: str = "answer_match"
    about: str = ""


def names() -> list[str]:
    """The suites there are, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def load(name: str, overrides: Mapping[str, Any] | None = None) -> Suite:
    """The suite called `name`, with fields (n, seed, split, grader) and data knobs replaced by `overrides`.

    BadInput for an unknown suite and for an override that is neither a field nor a knob of its data set.
    """
    if name not in names():
        raise BadInput([f"eval suite {name!r} does not exist{_did_you_mean(name, names())}"])
    suite: Suite = importlib.import_module(f"eval.suites.{name}").SUITE
    given = {key: value for key, value in (overrides or {}).items() if key != "use"}
    fields = {key: value for key, value in given.items() if key in ("n", "seed", "split", "grader")}
    knobs = {key: value for key, value in given.items() if key not in fields}
    _judge(suite, knobs)
    return dataclasses.replace(suite, **fields, knobs={**suite.knobs, **knobs})


def used(use: SuiteUse) -> Suite:
    """The suite as a recipe asks for it: by name, with its number of items and its settings where they are given."""
    return load(use.use, {**({"n": use.n} if use.n else {}), **use.knobs})


def _judge(suite: Suite, knobs: dict[str, Any]) -> None:
    """BadInput naming every override that the suite's data set does not know."""
    if not knobs:
        return
    import data

    known = ["n", "seed", "split", "grader", *(data.describe(suite.use).knobs or {})]
    problems = [
        f"eval suite {suite.name}: unknown setting {key!r}{_did_you_mean(key, known)}"
        for key in knobs
        if key not in known
    ]
    if problems:
        raise BadInput(problems)


def _did_you_mean(word: str, known: list[str]) -> str:
    guess = nearest(word, known)
    return f" (did you mean {guess}?)" if guess else f"; there are: {', '.join(known)}"
