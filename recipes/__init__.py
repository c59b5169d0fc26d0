"""What to run: YAML recipes, and the judge that names all their problems at once.

    recipe = recipes.load("recipes/grpo_med.yaml", ["grpo.learning_rate=2e-6"])
    recipe.grpo["num_generations"], recipe.data.train[0].use, recipe.place("grpo.learning_rate")

Imports pydantic and yaml, never torch: the settings of TRL, transformers and peft are read from their source.
"""

from . import fields, folder
from .packages import missing_packages
from .paths import ROOT, from_root
from .problems import BadInput, hint, nearest
from .recipe import Recipe, load

__all__ = [
    "ROOT",
    "BadInput",
    "Recipe",
    "fields",
    "folder",
    "from_root",
    "hint",
    "load",
    "missing_packages",
    "nearest",
]
