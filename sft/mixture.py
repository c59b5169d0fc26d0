"""The examples a recipe trains on: its data sets, drawn in proportion to their weights."""

import random
from collections.abc import Sequence
from typing import NamedTuple

import data
from data import Example
from recipes import BadInput, Recipe, hint
from recipes.schema import DataUse

SHOWN = 12  # values of a column that an error names


class Drawn(NamedTuple):
    """What a mixture takes of one data set."""

    use: DataUse
    examples: list[Example]


def load(recipe: Recipe) -> list[Example]:
    """All examples of `data.train`, shuffled by the run's seed. Raises what `drawn` and `mixed` raise."""
    return mixed(recipe, drawn(recipe))


def mixed(recipe: Recipe, parts: Sequence[Drawn]) -> list[Example]:
    """The parts' examples, shuffled by the run's seed, but for those that `data.leave_out` and `data.share` take away;
    what stays keeps its order, so that runs that differ in these alone differ in no other row."""
    examples = [example for part in parts for example in part.examples]
    random.Random(recipe.run.seed).shuffle(examples)
    left = _left(recipe, examples)
    return left[: max(1, round(len(left) * recipe.data.share))]


def drawn(recipe: Recipe) -> list[Drawn]:
    """The examples of each set of `data.train`.

    With weights that differ, the largest set (by size over weight) is cut until the sets stand in their proportion;
    no example is repeated. Weight 0 leaves a set out. BadInput for a set without rows, and for what a set refuses.
    """
    parts = []
    for i, use in enumerate(recipe.data.train):
        try:
            examples = data.load(use.use, use.split, n=use.n, seed=recipe.seed_of(use), **use.knobs)
        except BadInput as error:
            raise BadInput([recipe.problem(f"data.train.{i}", text) for text in error.problems]) from error
        if not examples:
            text = f"data set {use.use}: split {use.split} has no rows with these settings"
            raise BadInput([recipe.problem(f"data.train.{i}", text)])
        if use.weight:
            parts.append(Drawn(use, examples))
    if len({part.use.weight for part in parts}) > 1:
        room = min(len(part.examples) / part.use.weight for part in parts)
        parts = [Drawn(use, examples[: round(room * use.weight)]) for use, examples in parts]
    return parts


def _left(recipe: Recipe, examples: list[Example]) -> list[Example]:
    """Those that have none of the values to leave out, in any of the columns."""
    gone: set[int] = set()
    for column, values in recipe.data.leave_out.items():
        said = [str(example.columns().get(column, "")) for example in examples]
        if unknown := [value for value in values if value not in said]:
            key, known = f"data.leave_out.{column}", sorted({one for one in said if one})
            raise BadInput([recipe.problem(key, _no_row(value, known)) for value in unknown])
        gone |= {place for place, one in enumerate(said) if one in values}
    if len(gone) == len(examples):
        raise BadInput([recipe.problem("data.leave_out", "leaves no row to train on; leave less out")])
    return [example for place, example in enumerate(examples) if place not in gone]


def _no_row(value: str, known: Sequence[str]) -> str:
    there = ", ".join(known[:SHOWN]) + (", ..." if len(known) > SHOWN else "")
    return (
        f"no row has {value!r} there{hint(value, known) or f'; there are {there}' if known else ', or anything else'}"
    )
