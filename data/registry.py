"""Finding data sets by name and loading a split: the folder data/sets is listed, a new set is one new file.

A set's module holds ABOUT (SetInfo without columns and knobs) and `load(split, *, n, seed, <knobs>) -> list[Example]`.
"""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import data.sets
from data.example import Example
from recipes import ROOT, BadInput, hint

# What a set is to the Lingshu paper (its Tables 1 to 3, section 2.1.3 and, for rl, section 3.1.4); imaging holds labels
# to synthesise from.
CLASSES = (
    "captions",
    "instruct",
    "instruct/report",
    "text/factoid",
    "text/reasoning",
    "text/dialogue",
    "text/general",
    "imaging",
    "general/captions",
    "general/instruct",
    "general/text",
    "rl",
)


@dataclass(frozen=True)
class SetInfo:
    """What is known of a data set without reading it.

    Attributes:
        hub: its id on the hub, or none. extra: keys of its rows' meta. columns, knobs (name -> default): filled in by
            `describe`.
        citation: who made it and where it is described. access: "open", or what has to be signed to get it.
        remedy: one line that says what to download and where to put it; {place} is the set's folder.
        rows: split -> number of rows of the whole release, so that a partial download is noticed; SPLIT/PART -> that of
            a part of a split.
        files: the glob of a split's file below the set's folder, {split} in it, where the set's `load` is no Loader.
        benchmark: the split that papers report on, asked with the knobs `asked`; None where it is no benchmark.
        metric: what a benchmark is scored by: accuracy, report or rubric.
        languages: of the questions, ISO 639-1.
        classes: of CLASSES, those the paper draws the set for; none where it does not train on it.
        verified: somebody ran the reader on the real files. Without it the layout is as its authors document it.
    """

    name: str
    splits: tuple[str, ...]
    license: str
    kinds: tuple[str, ...]
    text: str
    hub: str | None = None
    extra: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    knobs: dict[str, Any] | None = None
    citation: str = ""
    access: str = "open"
    remedy: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    files: str = ""
    benchmark: str | None = None
    asked: dict[str, Any] = field(default_factory=dict)
    metric: str = "accuracy"
    languages: tuple[str, ...] = ("en",)
    classes: tuple[str, ...] = ()
    verified: bool = False


class Bad(NamedTuple):
    """A row that was set aside: where it lies, its number or id, and why, without what the row says."""

    where: str
    row: int | str
    why: str


_aside: ContextVar[list[Bad] | None] = ContextVar("aside", default=None)


def names() -> list[str]:
    """Every data set in the folder."""
    return sorted(m.name for m in pkgutil.iter_modules(data.sets.__path__) if not m.name.startswith("_"))


def describe(use: str) -> SetInfo:
    """Facts of one set, with the columns its rows have (fields and keys of meta) and its knobs."""
    module = _module(use)
    own = tuple(f.name for f in fields(Example) if f.name != "meta")
    extra = module.ABOUT.extra or getattr(module.load, "extra", ())
    return replace(module.ABOUT, extra=extra, columns=own + extra, knobs=_knobs(module.load))


def load(use: str, split: str, *, n: int | None = None, seed: int = 0, **knobs: Any) -> list[Example]:
    """The first n rows of a split (all, or the set's own number, without n); the knobs are those that describe() lists.

    BadInput for an unknown set, split or knob, for a value a set refuses, and for files that are missing.
    """
    info, problems = describe(use), []
    if split not in info.splits:
        has = ", ".join(info.splits)
        problems.append(f"data set {use}: no split {split!r}{hint(split, info.splits)}; it has {has}")
    known = info.knobs or {}
    problems += [f"data set {use}: unknown knob {k!r}{hint(k, known)}" for k in knobs if k not in known]
    if n is not None and n < 1:
        problems.append(f"data set {use}: n is {n}, it must be at least 1")
    if problems:
        raise BadInput(problems)
    return _module(use).load(split, n=n, seed=seed, **knobs)


@contextmanager
def setting_aside(bad: list[Bad]) -> Iterator[None]:
    """Inside, `load` leaves bad rows out and tells them in `bad`, where it would stop at the first without."""
    token = _aside.set(bad)
    try:
        yield
    finally:
        _aside.reset(token)


def tolerant() -> bool:
    """Whether bad rows are being set aside."""
    return _aside.get() is not None


def set_aside(where: str, row: int | str, why: str) -> bool:
    """Note a bad row; False where nobody asked for that, and the caller has to stop."""
    bad = _aside.get()
    if bad is None:
        return False
    bad.append(Bad(where, row, why))
    return True


def folder(name: str) -> Path:
    """Where a set's release files are looked for: $LINGSHU_DATA, else datasets/ or ../shared/data of the checkout."""
    if root := os.environ.get("LINGSHU_DATA"):
        return Path(root) / name
    places = [ROOT / "datasets" / name, ROOT.parent / "shared" / "data" / name]
    return next((place for place in places if place.is_dir()), places[0])


def files(use: str, split: str, part: str | Sequence[str] | None = None) -> list[str]:
    """Globs of a split's files below the set's folder, those of some parts or of all; none where nothing tells."""
    module = _module(use)
    if globs := getattr(module.load, "globs", None):
        return globs(split, part)
    return [module.ABOUT.files.format(split=split)] if module.ABOUT.files else []


def _module(use: str) -> ModuleType:
    is_loaded = f"data.sets.{use}" in sys.modules and not use.startswith("_")  # spares listing the folder again
    if not is_loaded and use not in names():
        raise BadInput([f"no data set {use!r}{hint(use, names())}; there are {', '.join(names())}"])
    return importlib.import_module(f"data.sets.{use}")


def _knobs(function: Callable[..., Any]) -> dict[str, Any]:
    """Keyword parameters with a default, besides n and seed."""
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY and p.name not in ("n", "seed")}
