"""Probes: the same items, asked so that something is missing or moved. One file each; the folder is listed.

A probe's file holds ABOUT, one line for people, and two functions:

    applies(item) -> bool             whether it means anything for this item; only those are asked
    ask(asked, others, rng) -> Asked  what is asked instead; `others` are all the suite's items, `rng` is the item's own

They are pure: the item is never changed, a copy is.
"""

import functools
import importlib
import pkgutil
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data import Example
from recipes import BadInput, hint


@dataclass(frozen=True)
class Asked:
    """An item as it is put to the model: the example, and the style of its prompt (`data.prompt`)."""

    item: Example
    style: str


def names() -> list[str]:
    """The probes there are."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


@functools.cache
def load(name: str) -> Any:
    """The module of a probe; BadInput for a name that is none."""
    if name not in names():
        raise BadInput([f"no probe {name!r}{hint(name, names())}; there are {', '.join(names())}"])
    return importlib.import_module(f"eval.probes.{name}")


def probed(name: str | None, asked: Asked, others: Sequence[Example], seed: int) -> Asked:
    """What the probe makes of an item; without a probe, the item as it is. The same seed gives the same."""
    if name is None:
        return asked
    return load(name).ask(asked, others, random.Random(f"{seed}/{name}/{asked.item.id}"))
