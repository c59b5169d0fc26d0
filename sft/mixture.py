"""The examples a recipe trains on: its data sets, drawn in proportion to their weights."""

import random

import data
from data import Example
from recipes import BadInput, Recipe


def load(recipe: Recipe) -> list[Example]:
    """All examples of `data.train`, shuffled by the run's seed.

    With weights that differ, the largest set (by size over weight) is cut until the sets stand in their proportion;
    no example is repeated. Raises BadInput for a set without rows, and for whatever a set itself refuses.
    """
    drawn = []
    for i, use in enumerate(recipe.data.train):
        seed = recipe.run.seed if use.seed is None else use.seed
        try:
            examples = data.load(use.use, use.split, n=use.n, seed=seed, **use.knobs)
        except BadInput as error:
            raise BadInput([recipe.problem(f"data.train.{i}", text) for text in error.problems]) from error
        if not examples:
            text = f"data set {use.use}: split {use.split} has no rows with these settings"
            raise BadInput([recipe.problem(f"data.train.{i}", text)])
        drawn.append((use.weight, examples))
    if len({weight for weight, _ in drawn}) > 1:
        room = min(len(examples) / weight for weight, examples in drawn if weight > 0)
        drawn = [(weight, examples[: round(room * weight)]) for weight, examples in drawn]
    mixed = [example for _, examples in drawn for example in examples]
    random.Random(recipe.run.seed).shuffle(mixed)
    return mixed
