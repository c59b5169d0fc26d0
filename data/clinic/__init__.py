"""Families of generated clinical questions: one module each, found by listing this folder.

A family has NAME, KINDS (the kinds of answer it can ask for), ABOUT (one line), and
`item(rng, difficulty, kind) -> Item`, which draws all its numbers from rng. Its docstring names the medical source.
IMAGE = True marks a family whose items carry a picture. Modules with a leading underscore are helpers.
"""

from __future__ import annotations

import importlib
import pkgutil
import random
from functools import cache
from typing import Protocol

from data.clinic._item import Item


class Family(Protocol):
    """What a module in this folder offers."""

    NAME: str
    KINDS: tuple[str, ...]
    ABOUT: str
    __doc__: str | None

    def item(self, rng: random.Random, difficulty: int, kind: str) -> Item:
        """Draw one item; difficulty 1..3, kind one of KINDS."""
        ...


@cache
def families() -> dict[str, Family]:
    """Every family by name, in alphabetical order."""
    found = [m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")]
    return {name: importlib.import_module(f"{__name__}.{name}") for name in sorted(found)}  # pyright: ignore


def is_image(family: Family) -> bool:
    """Does the family draw pictures?"""
    return bool(getattr(family, "IMAGE", False))
