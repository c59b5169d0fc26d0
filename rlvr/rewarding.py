"""Our rewards as TRL's trainer calls them: one completion in, one score out, with a record of every verdict."""

import asyncio
import inspect
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import rewards
from data import Example
from recipes import BadInput, Recipe
from rewards import Response, Reward, RewardError, Score, TrlReward, parse


@dataclass
class TrainerReward:
    """A `Reward` under TRL's calling convention.

    TRL names the metric after `__name__` and passes lists: completions (conversational), their token ids, and the
    rows' `index`, by which the example, with every column a reward may name, is found. A function that was written
    for TRL gets the lists themselves, and the examples' columns as lists beside them.

    Args:
        reward: the reward, its knobs bound.
        examples: what `index` points into.
        end_ids: token ids that end a completion; one that does not close with any of them was truncated.
    """

    reward: Reward | TrlReward
    examples: Sequence[Example]
    end_ids: frozenset[int]

    def __post_init__(self) -> None:
        self.__name__ = self.reward.name

    def __call__(
        self, completions: Any, completion_ids: Any, index: Sequence[int], log_extra: Any, **given: Any
    ) -> list[float | None]:
        if isinstance(self.reward, TrlReward):
            given |= {"completions": completions, "completion_ids": completion_ids, "log_extra": log_extra}
            return call_as_trl_does(self.reward, [self.examples[i].columns() for i in index], given)
        scores = [
            self.score(response_of(text, ids, self.end_ids), self.examples[i])
            for text, ids, i in zip(completions, completion_ids, index, strict=True)
        ]
        log_extra(f"{self.reward.name}/parsed", [s.parsed if s else None for s in scores])
        log_extra(f"{self.reward.name}/why", [s.why if s else None for s in scores])
        return [s.value if s else None for s in scores]

    def score(self, response: Response, example: Example) -> Score | None:
        return self.reward(response, **example.columns())


def response_of(completion: Any, ids: Sequence[int], end_ids: frozenset[int]) -> Response:
    text = completion if isinstance(completion, str) else completion[-1]["content"]
    return parse(text, n_tokens=len(ids), truncated=not ids or ids[-1] not in end_ids)


def call_as_trl_does(reward: TrlReward, rows: Sequence[dict[str, Any]], given: dict[str, Any]) -> list[float | None]:
    """The verdicts of a function written for TRL: `given` by the trainer, one list a column of `rows`, its knobs.

    A function without `**kwargs` gets what it names and no more.
    """
    names = dict.fromkeys(name for row in rows for name in row)
    everything = {**{name: [row.get(name) for row in rows] for name in names}, **given, **reward.bound}
    named = inspect.signature(reward.function).parameters
    known = everything if reward.open_ended else {name: everything[name] for name in named if name in everything}
    result = reward.function(**known)
    return asyncio.run(result) if inspect.iscoroutine(result) else result


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


def gold_earns_the_maximum(recipe: Recipe, graders: Sequence[Reward | TrlReward], examples: Sequence[Example]) -> None:
    """Feed every gold answer through every grader; BadInput where one does not earn what a right answer should.

    A grader that refuses its own gold would teach the policy to be wrong, and nothing in the curves would say so.
    """
    problems = []
    for i, grader in enumerate(graders):
        if not grader.is_grader or math.isinf(grader.high):  # a TRL function states no range
            continue
        if refused := [example for example in examples if not _is_top(grader, example)]:
            first = refused[0]
            text = (
                f"{grader.name} does not give {len(refused)} of {len(examples)} gold answers its maximum, "
                f"such as {first.answer!r} of {first.id}; use a reward that fits kind {first.kind}, or leave those out"
            )
            problems.append(recipe.problem(f"rewards.{i}.use", text))
    if problems:
        raise BadInput(problems)


def _is_top(grader: Reward | TrlReward, example: Example) -> bool:
    gold = grader.right_answer(example.columns())
    score = grader(parse(f"<think>worked out</think><answer>{gold}</answer>", n_tokens=8), **example.columns())
    return score is None or score.value == grader.high
