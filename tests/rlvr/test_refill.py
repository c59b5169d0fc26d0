"""Dynamic sampling: groups that tell nothing give their places to others, whole, and within the budget."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

import data
from recipes import BadInput
from rlvr import building, refill, rewarding, update
from rlvr.refill import merged, refilled

PAD = 9


def rollouts(asked: list[int], said: list[int], images: list[int] | None = None, start: int = 0) -> dict[str, Any]:
    """Rows of prompts and completions of these lengths, and so many pictures each; row k's values hold start + k."""
    p, c, n = max(asked), max(said), len(asked)
    ids = torch.arange(start, start + n)[:, None]
    prompt_mask = (torch.arange(p)[None] >= p - torch.tensor(asked)[:, None]).long()
    mask = (torch.arange(c)[None] < torch.tensor(said)[:, None]).long()
    made: dict[str, Any] = {
        "prompt_ids": torch.where(prompt_mask.bool(), ids + 100, PAD),
        "prompt_mask": prompt_mask,
        "completion_ids": torch.where(mask.bool(), ids + 200, PAD),
        "completion_mask": mask,
        "advantages": torch.arange(start, start + n).float(),
        "num_items_in_batch": mask.sum(),
        "old_per_token_logps": -(ids + 1.0) * mask,
        "importance_sampling_ratio": (ids + 0.5).float(),  # one a sequence
    }
    if images:
        made["num_images"] = images
        grids = [[1, 2, 2 * (k + 1)] for k, count in enumerate(images) for _ in range(count)]
        made["image_grid_thw"] = torch.tensor(grids)
        patches = [
            torch.full((4 * (k + 1), 3), float(start + k)) for k, count in enumerate(images) for _ in range(count)
        ]
        made["pixel_values"] = torch.cat(patches)
        made["mm_token_type_ids"] = torch.cat(
            [prompt_mask * torch.tensor(images)[:, None].clamp(max=1), mask * 0], dim=1
        )
    return made


def row(batch: dict[str, Any], k: int) -> dict[str, Any]:
    """Row k without its padding."""
    asked, said = batch["prompt_mask"][k].bool(), batch["completion_mask"][k].bool()
    found = {"prompt": batch["prompt_ids"][k][asked].tolist(), "completion": batch["completion_ids"][k][said].tolist()}
    found["old"] = batch["old_per_token_logps"][k][said].tolist()
    found |= {"ratio": batch["importance_sampling_ratio"][k].tolist(), "advantage": float(batch["advantages"][k])}
    counts = batch.get("num_images") or [0] * len(asked)
    grids = batch["image_grid_thw"] if sum(counts[: k + 1]) else torch.zeros(0, 3).long()
    here = slice(sum(counts[:k]), sum(counts[: k + 1]))
    patches = grids.prod(dim=-1)
    shown = slice(int(patches[: here.start].sum()), int(patches[: here.stop].sum()))
    found["pixels"] = batch["pixel_values"][shown].tolist() if counts[k] else []
    kinds = batch["mm_token_type_ids"][k] if "mm_token_type_ids" in batch else torch.zeros(0)
    found["kinds"] = int(kinds.sum())
    return found


BATCHES = {
    "text": (rollouts([3, 2], [2, 4]), rollouts([5, 1], [1, 6], start=10)),
    "images": (rollouts([3, 2], [2, 4], [1, 2]), rollouts([5, 1], [1, 6], [2, 0], start=10)),
    "text, then images": (rollouts([3, 2], [2, 4]), rollouts([5, 1], [1, 6], [2, 0], start=10)),
    "images, then text": (rollouts([5, 1], [1, 6], [0, 1]), rollouts([3, 2], [2, 4], start=10)),
}


@pytest.mark.parametrize("name", BATCHES)
@pytest.mark.parametrize("rows", [[(0, 0), (1, 0)], [(1, 1), (0, 1)], [(0, 1), (0, 0)], [(1, 1)], [(1, 0), (1, 1)]])
def test_a_row_goes_over_as_it_is(name: str, rows: list[tuple[int, int]]) -> None:
    batches = BATCHES[name]
    found = merged(batches, rows, PAD)
    assert [row(found, k) for k in range(len(rows))] == [row(batches[source], k) for source, k in rows]
    if "mm_token_type_ids" in found:
        assert found["mm_token_type_ids"].shape == (
            len(rows),
            found["prompt_ids"].shape[1] + found["completion_ids"].shape[1],
        )
        kinds = found["mm_token_type_ids"][:, : found["prompt_ids"].shape[1]]
        assert (kinds <= found["prompt_mask"]).all()  # an image stands where the prompt does


class Source:
    """Gives groups of two whose flatness is told, and counts what was asked of it."""

    def __init__(self, *flats: list[bool]) -> None:
        self.flats, self.asked, self.now = list(flats), [], 0

    def __call__(self, groups: int) -> dict[str, Any]:
        self.asked.append(groups)
        self.now += 1
        return rollouts([2] * 2 * groups, [3] * 2 * groups, start=100 * self.now)

    def is_flat(self) -> torch.Tensor:
        return torch.tensor(self.flats[self.now]).repeat_interleave(2)


def run(source: Source, budget: int, most: Any = lambda n: n) -> tuple[list[float], dict[str, float]]:
    n = len(source.flats[0])
    found, facts = refilled(
        rollouts([2] * 2 * n, [3] * 2 * n), source.is_flat, source, group=2, budget=budget, pad_id=PAD, most=most
    )
    return found["advantages"].tolist(), facts


def test_flat_groups_are_replaced_until_none_is_left() -> None:
    source = Source([True, False, True], [False, True], [False])
    found, facts = run(source, budget=5)
    assert source.asked == [2, 1]
    assert found == [100, 101, 2, 3, 200, 201]
    assert facts == {"groups/flat": pytest.approx(2 / 3), "groups/refilled": pytest.approx(2 / 3)}


def test_the_budget_ends_it_and_the_rest_stays() -> None:
    source = Source([True, True], [True, True], [False, True])
    found, facts = run(source, budget=2)
    assert source.asked == [2, 2]
    assert found == [200, 201, 2, 3]
    assert facts == {"groups/flat": 1.0, "groups/refilled": 0.5}


def test_where_all_tell_something_nothing_is_made() -> None:
    source = Source([False, False])
    assert run(source, budget=3) == ([0, 1, 2, 3], {"groups/flat": 0.0, "groups/refilled": 0.0})
    assert source.asked == []


def test_a_process_that_needs_none_generates_with_the_others() -> None:
    source = Source([False, False], [False])
    found, facts = run(source, budget=1, most=lambda n: max(n, 1))
    assert source.asked == [1]
    assert (found, facts["groups/refilled"]) == ([0, 1, 2, 3], 0.0)


@pytest.mark.parametrize("budget", [0, 1, 2])
def test_in_a_run(load, checkpoint: Path, tmp_path: Path, monkeypatch, budget: int) -> None:
    recipe = load("eval:", f"runtime: {{dynamic_sampling: {budget}}}\neval:")
    examples = data.load("clinic", "train", n=8, families=["lab_range", "lesion_side"])
    trainer = building.build(recipe, str(checkpoint), examples, rewarding.load_rewards(recipe), tmp_path / "run")
    trainer.args.save_strategy = "no"
    asked: list[list[int]] = []
    graded = trainer._calculate_rewards

    def first_flat(inputs: list, *args: Any) -> torch.Tensor:
        graded(inputs, *args)
        asked.append([one["index"] for one in inputs])
        values = [float(len(asked) > 1 and i % 2) for i in range(len(inputs))]
        if len(asked) == 1:
            values[2:] = [0.0, 1.0]  # of two groups the first is flat
        found = torch.tensor(values)[:, None]
        trainer._flat = update.flat(found, trainer.reward_weights, 2)
        return found

    monkeypatch.setattr(trainer, "_calculate_rewards", first_flat)
    trainer.train()
    [log] = [entry for entry in trainer.state.log_history if "loss" in entry]
    used = trainer._buffered_inputs[0]
    assert int(used["advantages"].ne(0).sum()) == (4 if budget else 2)
    assert [len(one) for one in asked] == ([4, 2] if budget else [4])
    assert used["num_items_in_batch"] == used["completion_mask"].sum()
    if budget:
        assert not set(asked[0]) & set(asked[1])  # other questions
        assert log["groups/flat"] == log["groups/refilled"] == 0.5
    assert "groups/flat" in log or not budget


@pytest.mark.parametrize(("batch", "steps", "whole"), [(4, 1, True), (2, 2, True), (2, 1, False), (6, 1, False)])
def test_a_group_on_two_processes_cannot_be_refilled(batch: int, steps: int, whole: bool) -> None:
    args = SimpleNamespace(per_device_train_batch_size=batch, steps_per_generation=steps, num_generations=4)
    if whole:
        refill.demand_whole_groups(args)
        return
    with pytest.raises(BadInput, match="needs whole groups on each process, which has"):
        refill.demand_whole_groups(args)
