"""Named suites: what is asked, and by which reward it is graded.

- Every data set that names a benchmark split is a suite of the set's own name (`pubmedqa`, `slake`).
- SET_SPLIT is a suite for any split of any data set (`pubmedqa_train`, `vqa_rad_test`).
- Every file in this folder holds `SUITE = Suite(...)`, or `GROUP = (...)`, the names of suites that are run together.
"""

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from recipes import BadInput, nearest
from recipes.schema import SuiteUse

if TYPE_CHECKING:
    import data

GRADERS = {"accuracy": "answer_match", "report": "report", "rubric": "rubric"}  # by the data set's metric


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
    """The suites that are listed: benchmarks and this folder's, sorted; without SET_SPLIT and the groups."""
    return sorted({*_files(), *_benchmarks()} - groups().keys())


def groups() -> dict[str, tuple[str, ...]]:
    """Name -> the names of the suites that run together under it."""
    modules = {name: importlib.import_module(f"eval.suites.{name}") for name in _files()}
    return {name: module.GROUP for name, module in modules.items() if hasattr(module, "GROUP")}


def expanded(wanted: Iterable[str]) -> list[str]:
    """The names, each group replaced by its suites, each suite once."""
    there = groups()
    return list(dict.fromkeys(name for asked in wanted for name in there.get(asked, (asked,))))


def load(name: str, overrides: Mapping[str, Any] | None = None) -> Suite:
    """The suite called `name`, with fields (n, seed, split, grader) and data knobs replaced by `overrides`.

    BadInput for an unknown suite and for an override that is neither a field nor a knob of its data set.
    """
    suite = _named(name)
    given = {key: value for key, value in (overrides or {}).items() if key != "use"}
    fields = {key: value for key, value in given.items() if key in ("n", "seed", "split", "grader")}
    knobs = {key: value for key, value in given.items() if key not in fields}
    _judge(suite, knobs)
    return dataclasses.replace(suite, **fields, knobs={**suite.knobs, **knobs})


def used(use: SuiteUse) -> Suite:
    """The suite as a recipe asks for it: by name, with its number of items and its settings where they are given."""
    return load(use.use, {**({"n": use.n} if use.n else {}), **use.knobs})


def used_all(uses: Iterable[SuiteUse]) -> list[Suite]:
    """The suites a recipe asks for; the settings beside a group's name hold for each of its suites."""
    return [used(use.model_copy(update={"use": name})) for use in uses for name in expanded([use.use])]


def _named(name: str) -> Suite:
    import data

    if name in groups():
        raise BadInput([f"eval suite {name!r} is a group; name one of its suites: {', '.join(groups()[name])}"])
    if name in _files():
        return importlib.import_module(f"eval.suites.{name}").SUITE
    if name in _benchmarks():
        info = data.describe(name)
        return _of_set(name, info, info.benchmark or "", info.asked)
    for use in data.names():
        if name.startswith(f"{use}_") and (split := name.removeprefix(f"{use}_")) in data.describe(use).splits:
            return _of_set(name, data.describe(use), split, {})
    raise BadInput([f"eval suite {name!r} does not exist{_did_you_mean(name, [*names(), *groups()])}"])


def _of_set(name: str, info: "data.SetInfo", split: str, knobs: dict[str, Any]) -> Suite:
    return Suite(name, info.name, split, knobs=dict(knobs), grader=GRADERS[info.metric], about=info.text)


def _files() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(__path__)]


def _benchmarks() -> list[str]:
    import data

    return [name for name in data.names() if data.describe(name).benchmark]


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
