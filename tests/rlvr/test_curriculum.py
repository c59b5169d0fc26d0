"""Questions that tell something come more often, from the second epoch on."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from trl.trainer.utils import RepeatSampler

import data
from rlvr import building, rewarding
from rlvr.curriculum import Curriculum, draw, weight
from rlvr.ledger import Ledger


def test_a_group_of_both_kinds_weighs_most_and_none_weighs_nothing() -> None:
    weights = [weight(right, 8) for right in range(9)]
    assert weights == pytest.approx(weights[::-1])
    assert weights[:5] == sorted(weights[:5])
    assert weights[4] == weight(0, 0) == 1.0
    assert 0.3 < weights[0] < weight(0, 2)  # two that are wrong tell less than eight


@pytest.mark.parametrize("start", [0.0, 0.3, 0.999999])
def test_shares_are_kept_to_one(start: float) -> None:
    weights = [0.36, 1.0, 0.2, 0.84] * 25
    counts = Counter(draw(weights, start))
    assert sum(counts.values()) == 100
    for number, share in enumerate(weights):
        assert abs(counts[number] - 100 * share / sum(weights)) < 1
    assert draw([0.5] * 7, start) == list(range(7))


def sampler(tries: dict[int, tuple[int, int]], epoch: int, n: int = 40) -> list[int]:
    own = RepeatSampler(range(n), mini_repeat_count=2, batch_size=4, seed=3)
    made = Curriculum(own, lambda: epoch, lambda _: tries)
    assert len(made) == len(own) == 2 * n
    return list(made)


def test_the_first_epoch_is_trls_and_later_ones_go_by_the_last_groups() -> None:
    own = list(RepeatSampler(range(40), mini_repeat_count=2, batch_size=4, seed=3))
    known = dict.fromkeys(range(20), (16, 16))
    assert sampler(known, 0) == own
    later = sampler(known, 1)
    assert later[::2] == later[1::2]  # groups stay whole
    asked = Counter(later[::2])
    assert sum(asked[i] for i in range(20)) < 0.5 * sum(asked[i] for i in range(20, 40))
    assert set(range(20, 40)) <= asked.keys()
    assert later == sampler(known, 1)  # of a resumed run, and of another process
    assert later != sampler(known, 2)
    assert later[::2] != sorted(later[::2])


def test_in_a_run(load: Any, checkpoint: Path, tmp_path: Path) -> None:
    recipe = load("max_steps: 1", "num_train_epochs: 7", "eval:", "runtime: {curriculum: true}\neval:")
    examples = data.load("clinic", "train", n=8, families=["lab_range"])
    trainer = building.build(recipe, str(checkpoint), examples, rewarding.load_rewards(recipe), tmp_path / "run")
    trainer.args.save_strategy = "no"
    trainer.ledger = Ledger(tmp_path, examples, trainer.scoring.rewards)
    asked: list[int] = []

    def graded(inputs: list, *_: Any) -> torch.Tensor:
        index = [row["index"] for row in inputs]
        asked.extend(index[::2])
        found = torch.tensor([[float(k % 2 and i >= 4)] for k, i in enumerate(index)])  # of 0 to 3 nothing is right
        trainer.ledger.note(trainer.state.global_step, int(trainer.state.epoch or 0), index, found)
        trainer._flat = torch.zeros(len(index), dtype=torch.bool)
        return found

    trainer._calculate_rewards = graded  # type: ignore[method-assign]
    trainer.train()
    assert len(asked) == 56
    assert sorted(asked[:8]) == list(range(8))
    counts = Counter(asked[8:])
    assert sum(counts[i] for i in range(4)) <= 23 < 25 <= sum(counts[i] for i in range(4, 8))  # 20.6 and 27.4
