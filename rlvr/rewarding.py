"""The recipe's rewards, found by name, with their knobs and weights."""

import rewards
from recipes import BadInput, Recipe
from rewards import Reward, RewardError, TrlReward


def load_rewards(recipe: Recipe) -> list[tuple[Reward | TrlReward, float]]:
    """The recipe's rewards, knobs bound, with their weights. Raises BadInput for the first that is no reward."""
    return [(load_reward(recipe, i), use.weight) for i, use in enumerate(recipe.rewards)]


def load_reward(recipe: Recipe, i: int) -> Reward | TrlReward:
    """Reward number `i` of the recipe, its knobs bound. Raises BadInput with its place if it is none."""
    use = recipe.rewards[i]
    try:
        found = rewards.load(use.use, recipe.folder)
        return found.bind(**use.knobs) if use.knobs else found
    except RewardError as error:
        raise BadInput([recipe.problem(f"rewards.{i}", str(error))]) from error
