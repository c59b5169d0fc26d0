"""The examples a recipe trains on: its data sets, drawn in proportion to their weights."""

import random
from collections.abc import Sequence
from typing import NamedTuple

import data
from data import Example
from recipes import BadInput, Recipe
from recipes.schema import DataUse


class Drawn(NamedTuple):
    """What a mixture takes of one data set."""

    use: DataUse
    examples: list[Example]


def load(recipe: Recipe) -> list[Example]:
    """All examples of `data.train`, shuffled by the run's seed. Raises what `drawn` raises."""
    return mixed(recipe, drawn(recipe))


def mixed(recipe: Recipe, parts: Sequence[Drawn]) -> list[Example]:
    """The parts' examples, shuffled by the run's seed."""
    examples = [example for part in parts for example in part.examples]
    random.Random(recipe.run.seed).shuffle(examples)
    return examples


def drawn(recipe: Recipe) -> list[Drawn]:
    """The examples of each set of `data.train`.

    With weights that differ, the largest set (by size over weight) is cut until the sets stand in their proportion;
    no example is repeated. Raises BadInput for a set without rows, and for whatever a set itself refuses.
    """
    parts = []
    for i, use in enumerate(recipe.data.train):
        seed = recipe.run.seed if use.seed is None else use.seed
        try:
            examples = data.load(use.use, use.split, n=use.n, seed=seed, **use.knobs)
        except BadInput as error:
            raise BadInput([recipe.problem(f"data.train.{i}", text) for text in error.problems]) from error
        if not examples:
            text = f"data set {use.use}: split {use.split} has no rows with these settings"
            raise BadInput([recipe.problem(f"data.train.{i}", text)])
        parts.append(Drawn(use, examples))
    if len({part.use.weight for part in parts}) > 1:
        room = min(len(part.examples) / part.use.weight for part in parts if part.use.weight > 0)
        parts = [Drawn(use, examples[: round(room * use.weight)]) for use, examples in parts]
    return parts
