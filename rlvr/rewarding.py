"""Our rewards as TRL's trainer calls them: one completion in, one score out, with a record of every verdict."""

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
    rows' `index`, by which the example, with every column a reward may name, is found.

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
        self, prompts: Any, completions: Any, completion_ids: Any, index: Sequence[int], log_extra: Any, **_: Any
    ) -> list[float | None]:
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


def load_rewards(recipe: Recipe) -> list[tuple[Reward | TrlReward, float]]:
    """The recipe's rewards, knobs bound, with their weights. Raises BadInput naming every one that is no reward."""
    loaded, problems = [], []
    for i, use in enumerate(recipe.rewards):
        try:
            found = rewards.load(use.use, recipe.folder)
            loaded.append((found.bind(**use.knobs) if use.knobs else found, use.weight))
        except RewardError as error:
            problems.append(recipe.problem(f"rewards.{i}", str(error)))
    if problems:
        raise BadInput(problems)
    return loaded


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
    gold = example.answer if isinstance(example.answer, str) else ", ".join(example.answer)
    score = grader(parse(f"<think>worked out</think><answer>{gold}</answer>", n_tokens=8), **example.columns())
    return score is None or score.value == grader.high
