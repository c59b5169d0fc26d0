"""Cleaning: this folder is listed, a new step is one new file that holds STEP, a subclass of `Step`.

A step sees a corpus in up to three turns. `look` notes of each row what the step compares (a hash, a signature); rows
are looked at in parallel. `decide` gets all notes at once and names the rows that go: duplicates, say. `clean` then
sees each row that is left, in parallel again, and changes it or says why it goes. A step overrides what it needs.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from data.example import Example
from recipes import BadInput, hint

if TYPE_CHECKING:
    from PIL import Image

Pictures = Callable[[], "list[Image.Image]"]  # the row's pictures, decoded to RGB once however often they are asked for
Note = tuple[str, Any]  # (row id, what `look` gave)


class NotHere(BadInput):
    """A step reads something that somebody has still to make."""


@dataclass(frozen=True)
class Drop:
    """Why a row goes.

    why: a few words that many rows share, so that they can be counted. detail: what was seen in this one, for the audit
    log; never the row's own text, which may tell of a patient. review: somebody should look at it; the row itself is
    then kept in review.jsonl of the build.
    """

    why: str
    detail: str = ""
    review: bool = False


class Step:
    """One step. Subclasses are frozen dataclasses: their fields with defaults are the knobs of a recipe.

    They must be picklable, and give the same for the same rows whatever the order in which these are looked at.
    `needs_notes`: whether `look` and `decide` do anything.
    """

    about: ClassVar[str]  # one line for lists and the data card
    needs_notes: ClassVar[bool] = False

    def benchmarks(self) -> Sequence[str]:
        """The data sets whose benchmark split the step compares rows with."""
        return ()

    def look(self, row: Example, pictures: Pictures) -> Any:
        """What `decide` should know of the row; picklable and small. None: nothing."""
        return None

    def decide(self, notes: Iterable[Note]) -> Mapping[str, Drop]:
        """The rows that go, by id. Rows of which nothing was noted are not among `notes`; these come in the corpus's
        order: sources in the recipe's order, which is that of their reliability."""
        return {}

    def clean(self, row: Example, pictures: Pictures) -> Example | Drop:
        """The row as it should be, or why it goes."""
        return row


def drawn(rows: Iterable[str], seed: int) -> list[str]:
    """The ids in an order that a hash of seed and id decides: the same whatever order they come in."""
    return sorted(rows, key=lambda row: hashlib.blake2b(f"{seed}/{row}".encode()).digest())


def names() -> list[str]:
    """Every step there is."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


def load(use: str, knobs: Mapping[str, Any] | None = None) -> Step:
    """The step of that name with these knobs; BadInput for a name or a knob that there is not, or a value it refuses.

    A step refuses values by raising ValueError from `__post_init__`.
    """
    if use not in names():
        raise BadInput([f"no cleaning step {use!r}{hint(use, names())}; there are {', '.join(names())}"])
    made, given = importlib.import_module(f"data.clean.{use}").STEP, dict(knobs or {})
    known = [field.name for field in dataclasses.fields(made)]
    if unknown := [name for name in given if name not in known]:
        has = ", ".join(known) or "none"
        raise BadInput([f"step {use}: unknown knob {name!r}{hint(name, known)}; it has {has}" for name in unknown])
    try:
        return made(**given)
    except FileNotFoundError as error:
        raise NotHere([f"step {use}: {error}"]) from error
    except (TypeError, ValueError) as error:
        raise BadInput([f"step {use}: {error}"]) from error
