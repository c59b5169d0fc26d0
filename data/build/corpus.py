"""Which folder a corpus is in that is named by its folder or by its recipe."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import recipes
from data.build.plan import HOW
from recipes import BadInput, Recipe
from recipes.paths import from_root

RECIPES = (".yaml", ".yml")


def corpus(path: str) -> Path:
    """The folder; of a recipe (a path that ends in .yaml) that of its newest finished build: the second build of one
    recipe is in output_dir-2.

    BadInput where the recipe builds no corpus, has not been built, or has changed since.
    """
    if not path.endswith(RECIPES):
        return from_root(path)
    recipe = recipe_of(path)
    found, command = recipes.folder.newest(recipe.run.output_dir), f"python -m data build {path}"
    if found is None:
        raise BadInput([f"{path} has not been built yet; build it with `{command}`"])
    before = json.loads((found / recipes.folder.RECIPE).read_text(encoding="utf-8"))
    if changes := recipes.folder.difference(_what(before), _what(recipe.resolved())):
        raise BadInput([f"{path} has changed since {found} was built: {'; '.join(changes)}; build it with `{command}`"])
    return found


def recipe_of(path: str) -> Recipe:
    """The recipe at `path` from the checkout's root; BadInput where it builds no corpus."""
    recipe = recipes.load(from_root(path))
    if recipe.kind != "build":
        raise BadInput([f"{path}: is a {recipe.kind} recipe and makes no corpus; name one with a section `build:`"])
    return recipe


def stated_rows(path: Any) -> int | None:
    """How many rows the authors of the corpus that a recipe follows state; None where nothing tells."""
    return recipe_of(path).build.published_rows if str(path).endswith(RECIPES) else None


def _what(recipe: dict[str, Any]) -> dict[str, Any]:
    """Of a resolved recipe what decides the rows."""
    build = {name: value for name, value in recipe["build"].items() if name not in HOW}
    return {"data": recipe["data"], "build": build, "seed": recipe["run"]["seed"]}
