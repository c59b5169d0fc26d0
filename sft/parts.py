"""The parts of a model that a stage trains or leaves: vision tower, projector, language model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from torch import nn

from recipes import Recipe
from recipes.fields import trl_fields

PARTS = ("vision", "projector", "llm")


def part_of(name: str) -> str:
    """The part a parameter belongs to, by its name in transformers' Qwen2.5-VL and Qwen3-VL, with or without peft's
    prefixes; everything outside the vision tower is the language model."""
    words = name.split(".")
    if "visual" not in words:
        return "llm"
    inside = words[words.index("visual") + 1 :]
    return "projector" if inside and inside[0] in ("merger", "deepstack_merger_list") else "vision"


def rates(recipe: Recipe) -> dict[str, float | None]:
    """Part -> its learning rate by the recipe, None where it is frozen."""
    usual = recipe.sft.get("learning_rate", trl_fields("SFTConfig")["learning_rate"].default)
    wanted = {part: getattr(recipe.tune, part) for part in PARTS}
    return {part: None if rate == "frozen" else usual if rate is None else rate for part, rate in wanted.items()}


def counts(named: Iterable[tuple[str, nn.Parameter]]) -> dict[str, int]:
    """Part -> how many of these parameters' numbers are trained."""
    found: dict[str, int] = dict.fromkeys(PARTS, 0)
    for name, parameter in named:
        found[part_of(name)] += parameter.numel() if parameter.requires_grad else 0
    return found


def freeze(model: nn.Module, rates: Mapping[str, float | None]) -> None:
    """Leave the parts without a learning rate as they are."""
    for name, parameter in model.named_parameters():
        if rates.get(part_of(name)) is None:
            parameter.requires_grad_(False)


def with_rates(groups: list[dict], names: Mapping[int, str], rates: Mapping[str, float | None]) -> list[dict]:
    """An optimizer's groups divided by part, each with the part's learning rate; names: of parameters by their id()."""
    made: list[dict] = []
    for group in groups:
        for part in PARTS:
            some = [one for one in group["params"] if part_of(names[id(one)]) == part]
            if some:
                made.append({**group, "params": some, "lr": rates[part], "part": part})
    return made
