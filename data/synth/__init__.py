"""Synthesis: new rows made of rows, by a language model behind any OpenAI-compatible endpoint, or by rule.

The folder `stages` is listed: a new stage is one new file that holds STAGES, one `Stage` or several that are run one
after the other. A stage is a pair of pure functions: `ask` makes a request of a row, `read` makes rows of the reply or
says why there are none. Who asks, caches, counts and writes is `run`; what is asked are the files of `prompts`.

The five pipelines are those of Lingshu (arXiv 2506.07044, section 2.2 and appendix A); the wording is our own.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import data.synth.stages
from data.clean import Drop
from data.example import Example
from data.synth.reading import Form, Nonsense
from data.synth.wording import Prompt
from recipes import BadInput, hint

__all__ = ["Ask", "Form", "Nonsense", "Stage", "add", "knobs_of", "load", "names"]

if TYPE_CHECKING:
    from PIL import Image

    Outcome = list[Example] | Drop


@dataclass(frozen=True)
class Ask:
    """A request: a prompt, what is filled in for its $fields, and the pictures shown before its text, in order.

    forms: the reply is to be JSON of one of these; none: plain text.
    """

    prompt: Prompt
    fields: Mapping[str, str]
    images: Sequence[Image.Image] = ()
    forms: tuple[Form, ...] = ()


class Stage:
    """One stage. Subclasses are frozen dataclasses: their fields with defaults are the knobs of the command.

    prompts: the files it asks with. A stage without any makes its rows by rule: `read` gets an empty reply.
    samples: how often each row is asked about.
    """

    name: ClassVar[str]
    about: ClassVar[str]  # one line for lists
    prompts: ClassVar[tuple[str, ...]] = ()

    @property
    def asks(self) -> bool:
        return bool(self.prompts)

    @property
    def samples(self) -> int:
        return 1

    def prepare(self, rows: Iterable[Example]) -> Stage:
        """The stage as it is to be used on these rows, for one that must know them all (the labels there are)."""
        return self

    def ask(self, row: Example) -> Ask | Drop:
        """What is asked about a row, or why nothing can be."""
        raise NotImplementedError(f"{type(self).__name__} asks nobody")

    def read(self, row: Example, reply: str) -> Outcome:
        """The rows that one reply makes, or why it makes none."""
        raise NotImplementedError

    def join(self, row: Example, outcomes: Sequence[Outcome]) -> Outcome:
        """The rows that all `samples` replies make together; without an own rule all of them."""
        made = [new for outcome in outcomes if not isinstance(outcome, Drop) for new in outcome]
        return made or next(outcome for outcome in outcomes if isinstance(outcome, Drop))


def names() -> list[str]:
    """Every file of stages there is."""
    return sorted(module.name for module in pkgutil.iter_modules(data.synth.stages.__path__) if module.name[0] != "_")


def load(use: str, knobs: Mapping[str, Any] | None = None) -> list[Stage]:
    """The stages of that name with these knobs, each given to those that have it.

    BadInput for a name or a knob that there is not, or a value that a stage refuses by a ValueError.
    """
    if use not in names():
        raise BadInput([f"no synthesis stage {use!r}{hint(use, names())}; there are {', '.join(names())}"])
    made, given = importlib.import_module(f"data.synth.stages.{use}").STAGES, dict(knobs or {})
    known = {name for stage in made for name in knobs_of(stage)}
    if unknown := [name for name in given if name not in known]:
        has = ", ".join(sorted(known)) or "none"
        raise BadInput([f"stage {use}: unknown knob {name!r}{hint(name, known)}; it has {has}" for name in unknown])
    return [_made(use, stage, given) for stage in made]


def knobs_of(stage: Any) -> dict[str, Any]:
    """Name -> value of a stage's knobs (their defaults, of a class); fields without a repr are what `prepare` found."""
    return {f.name: getattr(stage, f.name) for f in dataclasses.fields(stage) if f.repr}


def _made(use: str, stage: Any, given: Mapping[str, Any]) -> Stage:
    own = knobs_of(stage)
    try:
        return stage(**{name: value for name, value in given.items() if name in own})
    except (TypeError, ValueError) as error:
        raise BadInput([f"stage {use}: {error}"]) from error


def add(row: Example, **meta: Any) -> Example:
    """The row with more in its meta."""
    return dataclasses.replace(row, meta={**row.meta, **meta})
