"""Judge a GRPO recipe as a whole: data and model (as SFT does), rewards, and the columns on which they must meet.

Imports no torch: a typo costs a second, not a minute.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import data
from recipes import BadInput, Recipe
from rlvr.rewarding import load_reward
from sft import check


def judge(recipe: Recipe) -> list[str]:
    """Every problem, worded with its place."""
    return [*check.judge(recipe), *_rewards(recipe), *_ahead(recipe)]


def summary(recipe: Recipe) -> dict[str, Any]:
    """What `--check` prints: the run in a few lines, with its arithmetic."""
    batch = batches(recipe)
    return {
        **check.summary(recipe),
        "rewards": [f"{use.weight:g} x {use.use}" for use in recipe.rewards],
        "a rollout": f"{batch.prompts:,} prompts x {batch.group} completions",
        "eval": [suite.use for suite in recipe.eval.suites],
    }


@dataclass(frozen=True)
class Batches:
    """Completions: of a group, of a micro-batch over all processes, of an optimizer step, and generated at once."""

    group: int
    micro: int
    step: int
    rollout: int

    @property
    def prompts(self) -> int:
        """Different prompts of a rollout."""
        return self.rollout // self.group


def batches(recipe: Recipe) -> Batches:
    """The recipe's batch arithmetic, with TRL's defaults, for the processes of the hardware that it states."""
    given = recipe.grpo.get
    micro = given("per_device_train_batch_size", 8) * recipe.run.hardware.processes
    accumulation = given("gradient_accumulation_steps", 1)
    rollout = given("generation_batch_size") or micro * (given("steps_per_generation") or accumulation)
    return Batches(given("num_generations", 8), micro, micro * accumulation, rollout)


def _rewards(recipe: Recipe) -> Iterator[str]:
    """Each reward must exist, know its knobs, and find the columns it needs in every training set."""
    caps = 0
    for i in range(len(recipe.rewards)):
        try:
            found = load_reward(recipe, i)
        except BadInput as error:
            yield from error.problems
            continue
        for use in recipe.data.train:
            if use.use not in data.names():
                continue  # said already
            columns = data.describe(use.use).columns
            for needed in found.needs:
                if needed not in columns and needed not in found.bound:
                    text = (
                        f"{found.name} needs the column {needed!r}, which {use.use} lacks; it has {', '.join(columns)}"
                    )
                    yield recipe.problem(f"rewards.{i}.use", text)
        if found.caps:
            caps += 1
            yield from _cap(recipe, i)
    if caps == len(recipe.rewards):
        yield recipe.problem("rewards", "holds caps alone, and nothing that they could cap")


def _cap(recipe: Recipe, i: int) -> Iterator[str]:
    """A cap is a factor on the weighted sum of the others, so its weight is a strength and there must be such a sum."""
    if recipe.rewards[i].weight > 1:
        yield recipe.problem(f"rewards.{i}.weight", "a cap's weight is its strength, from 0 (off) to 1 (full)")
    if recipe.grpo.get("multi_objective_aggregation", "sum_then_normalize") != "sum_then_normalize":
        text = f"{recipe.rewards[i].use} caps a weighted sum; there is one with sum_then_normalize only"
        yield recipe.problem("grpo.multi_objective_aggregation", text)


def _ahead(recipe: Recipe) -> Iterator[str]:
    """Only vLLM can sample while the policy is trained, and it is asked for whole rollouts in turn."""
    if recipe.runtime.one_step_off and not recipe.grpo.get("use_vllm"):
        yield recipe.problem("runtime.one_step_off", "needs grpo.use_vllm: a policy cannot sample while it is trained")
    if recipe.runtime.one_step_off and recipe.runtime.dynamic_sampling:
        text = "does not go with runtime.dynamic_sampling, which samples anew within a step; set one of them"
        yield recipe.problem("runtime.one_step_off", text)
