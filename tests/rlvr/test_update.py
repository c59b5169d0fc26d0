"""Which rows an update computes, what it puts in the place of the others, and which groups have nothing to tell."""

import math
from types import SimpleNamespace

import pytest
import torch

from rlvr import update
from rlvr.update import Gaps, Update

NAN = math.nan


def batch(advantages: list[float], sizes: list[int], **more: torch.Tensor) -> dict[str, torch.Tensor]:
    mask = (torch.arange(4)[None] < torch.tensor(sizes)[:, None]).long()
    return {"advantages": torch.tensor(advantages), "completion_mask": mask, **more}


def made(inputs: dict[str, torch.Tensor], spare: bool = True) -> Update:
    found = Update(inputs, spare=spare, correction=None, gaps=Gaps())
    found.attention(inputs["completion_mask"], keep=4)
    return found


@pytest.mark.parametrize(
    ("advantages", "sizes", "computed"),
    [
        ([1.0, 0.0, -1.0], [4, 4, 4], [True, False, True]),
        ([0.0, 0.0, 0.0], [4, 2, 3], [False, True, False]),  # the shortest
        ([0.0, 0.0, 0.0], [4, 0, 3], [False, False, True]),
        ([0.0, 1.0, 0.0], [4, 0, 3], [False, True, True]),  # what moves something has no token
        ([0.0, 0.0], [0, 0], [False, False]),
    ],
)
def test_rows_that_move_nothing_are_left_out(advantages, sizes, computed) -> None:
    assert made(batch(advantages, sizes)).computed.tolist() == computed
    assert made(batch(advantages, sizes), spare=False).computed.all()


def test_an_advantage_may_be_one_of_each_token() -> None:
    inputs = batch([0.0, 0.0], [4, 4])
    inputs["advantages"] = torch.tensor([[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0]])
    assert made(inputs).computed.tolist() == [False, True]


def test_the_others_stand_at_ratio_one_and_do_not_move_the_mean_entropy() -> None:
    inputs = batch([1.0, 0.0, -1.0], [2, 4, 3], old_per_token_logps=torch.full((3, 4), -2.0))
    mask = inputs["completion_mask"]
    entropies = torch.arange(12.0).view(3, 4)
    logps, filled = made(inputs).whole(torch.zeros(3, 4), entropies)
    assert logps.tolist() == [[0.0] * 4, [-2.0] * 4, [0.0] * 4]
    assert filled is not None
    known = mask.bool() & torch.tensor([True, False, True])[:, None]
    assert float((filled * mask).sum() / mask.sum()) == pytest.approx(float(entropies[known].mean()))


def test_the_prompt_stays_in_the_mask() -> None:
    found = made(batch([1.0, 0.0], [2, 4])).attention(torch.ones(2, 7), keep=4)
    assert found.tolist() == [[1.0] * 7, [1.0] * 3 + [0.0] * 4]


@pytest.mark.parametrize(
    ("rewards", "told"),
    [
        ([[0.1]] * 6, [True] * 6),
        ([[0.1], [0.1], [0.1], [0.0], [1.0], [0.0]], [True] * 3 + [False] * 3),
        ([[NAN], [0.1], [0.1], [NAN], [1.0], [0.0]], [True] * 3 + [False] * 3),  # one is not compared
        ([[NAN], [NAN], [NAN], [1.0], [1.0], [1.0 + 1e-7]], [True] * 3 + [False] * 3),
    ],
)
def test_a_group_of_equal_rewards_is_flat(rewards, told) -> None:
    assert update.flat(torch.tensor(rewards), torch.ones(1), 3).tolist() == told


def test_weights_decide_what_is_equal() -> None:
    rewards = torch.tensor([[1.0, 0.0], [0.0, 2.0], [1.0, 0.5], [1.0, NAN]])
    assert update.flat(rewards, torch.tensor([1.0, 0.5]), 2).tolist() == [True, True, False, False]
    assert update.flat(rewards, torch.tensor([1.0, 0.0]), 2).tolist() == [False, False, True, True]


@pytest.mark.parametrize(
    ("accumulation", "generation", "iterations", "aligned"),
    [(1, 1, 1, True), (4, 4, 1, True), (4, 2, 1, True), (2, 4, 1, False), (1, 1, 2, False), (4, 2, 2, True)],
)
def test_aligned_is_what_trl_calls_so(accumulation, generation, iterations, aligned) -> None:
    args = SimpleNamespace(
        gradient_accumulation_steps=accumulation, steps_per_generation=generation, num_iterations=iterations
    )
    assert update.is_aligned(args) == aligned


def test_an_empty_step_has_metrics_all_the_same() -> None:
    found = Gaps().metrics(torch.device("cpu"))
    assert set(found) == set(update.METRICS)
    assert set(found.values()) == {0.0}
