"""From a recipe to what is to be done: sources that exist, steps that take their knobs, each fault with its place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import data
from data import clean
from data.clean import Step
from recipes import BadInput, Recipe

HOW = ("workers", "tasks", "max_bad", "executor", "cluster")  # of `build:`, what changes nothing of what is made


@dataclass(frozen=True)
class Source:
    """A split of a data set, or n rows of it drawn with the seed. name: USE_SPLIT, see `labels`."""

    name: str
    use: str
    split: str
    n: int | None
    seed: int
    knobs: dict[str, Any]

    def load(self) -> list[data.Example]:
        return data.load(self.use, self.split, n=self.n, seed=self.seed, **self.knobs)


@dataclass(frozen=True)
class Turn:
    """One pass over the corpus: rows are cleaned by these steps in their order, then `next` looks at what is left.

    What the turn before ended with is the first of the steps: it has decided, and cleans now.
    """

    number: int
    steps: tuple[Step, ...]
    names: tuple[str, ...]
    next: Step | None
    next_name: str | None


@dataclass(frozen=True)
class Plan:
    """Sources in the order in which they are trusted, and the passes that clean them."""

    sources: list[Source]
    turns: list[Turn]
    recipe: Recipe

    @property
    def steps(self) -> list[Step]:
        return [step for turn in self.turns for step in turn.steps]


def sources(recipe: Recipe) -> list[Source]:
    """What a build reads; BadInput for a source that there is not. Its steps are not judged."""
    problems = _not_a_build(recipe)
    found = _sources(recipe, problems)
    if problems:
        raise BadInput(problems)
    return found


def of(recipe: Recipe, lost: list[str] | None = None) -> Plan:
    """BadInput with every fault: not a build recipe, no such source, split, step or knob.

    lost: takes the lines on what steps read and nobody has made yet, which are no faults then; the plan lacks these.
    """
    if problems := _not_a_build(recipe):
        raise BadInput(problems)
    sources = _sources(recipe, problems)
    steps: list[Step] = []
    for place, use in enumerate(recipe.build.steps):
        try:
            steps.append(clean.load(use.use, use.knobs))
        except BadInput as error:
            into = lost if lost is not None and isinstance(error, clean.NotHere) else problems
            into += [recipe.problem(f"build.steps.{place}", line) for line in error.problems]
    if problems:
        raise BadInput(problems)
    return Plan(sources, turns(steps, [use.use for use in recipe.build.steps]), recipe)


def _not_a_build(recipe: Recipe) -> list[str]:
    told = f"{recipe.path}: is a {recipe.kind} recipe; data build runs those with a section `build:`"
    return [] if recipe.kind == "build" else [told]


def turns(steps: list[Step], names: list[str]) -> list[Turn]:
    """Steps that need no notes are taken together; one that does ends a pass with looking, and cleans in the next."""
    found: list[Turn] = []
    first = 0
    for place, step in enumerate([*steps, None]):
        if step is None or step.needs_notes:
            taken = slice(first, place)
            name = names[place] if step else None
            found.append(Turn(len(found), tuple(steps[taken]), tuple(names[taken]), step, name))
            first = place
    return found


def _sources(recipe: Recipe, problems: list[str]) -> list[Source]:
    found: list[Source] = []
    if not recipe.data.train:
        problems.append(recipe.problem("data.train", "a build needs sources"))
    names = labels([(use.use, use.split) for use in recipe.data.train])
    for place, use in enumerate(recipe.data.train):
        key = f"data.train.{place}"
        if use.weight != 1.0:
            why = "a build keeps every row; weights belong into the recipe that trains on what is built, or give n"
            problems.append(recipe.problem(f"{key}.weight", why))
        try:
            info = data.describe(use.use)
            if use.split not in info.splits:
                problems.append(recipe.problem(f"{key}.split", f"{use.use} has {', '.join(info.splits)}"))
            if unknown := sorted(set(use.knobs) - set(info.knobs or {})):
                problems.append(recipe.problem(key, f"{use.use} has no knob {', '.join(unknown)}"))
        except BadInput as error:
            problems += [recipe.problem(f"{key}.use", line) for line in error.problems]
        made = Source(names[place], use.use, use.split, use.n, recipe.seed_of(use), use.knobs)
        if any(replace(made, name="", n=None) == replace(one, name="", n=None) for one in found):
            problems.append(recipe.problem(key, f"{use.use} {use.split} is named before; its rows would come twice"))
        found.append(made)
    return found


def labels(uses: list[tuple[str, str]]) -> list[str]:
    """Sources' names: USE_SPLIT, and USE_SPLIT-2 for the second of one set and split, which has other knobs."""
    names = [f"{use}_{split}" for use, split in uses]
    before = [names[:place].count(name) for place, name in enumerate(names)]
    return [f"{name}-{n + 1}" if n else name for name, n in zip(names, before, strict=True)]
