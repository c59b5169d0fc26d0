"""Dynamic sampling (DAPO, arXiv 2503.14476): a group whose rewards are all equal gives its place to one that can tell
something, of another question, as long as the budget lasts.

Rollouts are whole groups throughout: which are left out depends on a group's rewards, never on one completion's.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from trl.trainer.utils import pad, split_pixel_values_by_grid, unsplit_pixel_values_by_grid

from recipes import BadInput
from rlvr.update import counted, of_all

# What TRL calls the tensors of a batch of rollouts, and what is put where one is longer: prompts left, the rest right
PROMPTS = {"prompt_ids": "pad", "prompt_mask": 0}
COMPLETIONS = {
    "completion_ids": "pad",
    "completion_mask": 0,
    "tool_mask": 1,
    "old_per_token_logps": 0.0,
    "ref_per_token_logps": 0.0,
    "sampling_per_token_logps": 0.0,
    "importance_sampling_ratio": 1.0,
}
IMAGES = ("pixel_values", "image_grid_thw")  # lists, a tensor for each row
KINDS = "mm_token_type_ids"  # of prompt and completion together
Rollouts = dict[str, Any]


def demand_whole_groups(args: Any) -> None:
    """BadInput where a group lies on two processes: neither could replace it."""
    rows = args.per_device_train_batch_size * args.steps_per_generation
    if rows % args.num_generations:
        text = f"runtime.dynamic_sampling needs whole groups on each process, which has {rows} completions"
        raise BadInput([f"{text}; make grpo.per_device_train_batch_size a multiple of num_generations"])


def fill(trainer: Any, inputs: Sequence[Mapping[str, Any]], made: Rollouts) -> Rollouts:
    """`made`, a `MedGRPOTrainer`'s rollouts of `inputs`, refilled with questions drawn from its data."""
    device, data, group = trainer.accelerator.device, trainer.train_dataset, trainer.num_generations
    asked = {row["index"] for row in inputs}
    rng = random.Random(f"{trainer.args.seed} {trainer._step} {trainer.accelerator.process_index}")

    def more(groups: int) -> Rollouts:
        others = [i for i in range(len(data)) if i not in asked] or list(range(len(data)))
        rows = [data[i] for i in rng.choices(others, k=groups)]
        return trainer._rollouts([dict(row) for row in rows for _ in range(group)])

    made, facts = refilled(
        made,
        lambda: trainer._flat,
        more,
        group=group,
        budget=trainer.dynamic_sampling,
        pad_id=trainer._tokenizer.pad_token_id,
        most=lambda n: int(of_all(torch.tensor([n], device=device)).max()),
    )
    for name, value in facts.items():
        trainer._metrics["train"][name].append(of_all(torch.tensor([value], device=device)).mean().item())
    return {**made, "num_items_in_batch": of_all(counted(made).sum()).sum()}


def refilled(
    first: Rollouts,
    is_flat: Callable[[], torch.Tensor],
    more: Callable[[int], Rollouts],
    *,
    group: int,
    budget: int,
    pad_id: int,
    most: Callable[[int], int],
) -> tuple[Rollouts, dict[str, float]]:
    """`first` with other groups in the place of its flat ones, and what to log.

    is_flat: of the rollouts made last, bool [completions]. more: rollouts of so many other questions, made at most
    `budget` times. most: the largest over all processes, which must generate together, and equally many.
    """
    made, flats = [first], [is_flat()]
    for _ in range(budget):
        wanted = most(_lacking(flats, group))
        if not wanted:
            break
        made.append(more(wanted))
        flats.append(is_flat())
    places, spare = _by_group(flats, group)
    picks = [(0, k) for k in range(len(flats[0]) // group)]
    for place, other in zip(places, spare, strict=False):
        picks[place] = other
    facts = {"groups/flat": len(places) / len(picks), "groups/refilled": min(len(places), len(spare)) / len(picks)}
    if not spare or not places:
        return first, facts
    rows = [(source, k * group + i) for source, k in picks for i in range(group)]
    return merged(made, rows, pad_id), facts


def _by_group(flats: Sequence[torch.Tensor], group: int) -> tuple[list[int], list[tuple[int, int]]]:
    """(flat groups of the first batch, groups of the others that are not)."""
    by_group = [one.view(-1, group)[:, 0].tolist() for one in flats]
    places = [k for k, flat in enumerate(by_group[0]) if flat]
    spare = [(source, k) for source, found in enumerate(by_group) if source for k, flat in enumerate(found) if not flat]
    return places, spare


def _lacking(flats: Sequence[torch.Tensor], group: int) -> int:
    places, spare = _by_group(flats, group)
    return max(0, len(places) - len(spare))


def merged(batches: Sequence[Rollouts], rows: Sequence[tuple[int, int]], pad_id: int) -> Rollouts:
    """One batch of `rows`, each (batch, row of it); without TRL's num_items_in_batch, which is of all processes."""
    split = [split_pixel_values_by_grid(one) for one in batches]
    names = {name: None for one in split for name in one}
    made: Rollouts = {}
    for name in names:
        if name in PROMPTS or name in COMPLETIONS:
            given: Any = PROMPTS[name] if name in PROMPTS else COMPLETIONS[name]
            made[name] = _padded(split, rows, name, pad_id if given == "pad" else given)
        elif name == "advantages":
            made[name] = torch.stack([split[source][name][row] for source, row in rows])
    if any("num_images" in one for one in split):
        made |= _images(split, rows)
    return unsplit_pixel_values_by_grid(made)


def _padded(batches: Sequence[Rollouts], rows: Sequence[tuple[int, int]], name: str, value: Any) -> torch.Tensor:
    side = "left" if name in PROMPTS else "right"
    return pad([batches[source][name][row] for source, row in rows], padding_value=value, padding_side=side)


def _images(batches: Sequence[Rollouts], rows: Sequence[tuple[int, int]]) -> Rollouts:
    """Of rows that have some and rows, or whole batches, that have none."""
    known = next(one for one in batches if one.get("num_images") is not None)
    made: Rollouts = {"num_images": [_of(batches[source], "num_images", row, 0) for source, row in rows]}
    for name in IMAGES:
        if name in known:
            made[name] = [_of(batches[source], name, row, known[name][0][:0]) for source, row in rows]
    if KINDS in known:
        asked = [one["prompt_ids"].shape[1] for one in batches]
        blank = torch.zeros_like
        kinds = [
            _of(
                batches[source],
                KINDS,
                row,
                blank(torch.cat([batches[source][n][row] for n in ("prompt_ids", "completion_ids")])),
            )
            for source, row in rows
        ]
        left = pad([one[: asked[source]] for one, (source, _) in zip(kinds, rows, strict=True)], 0, "left")
        right = pad([one[asked[source] :] for one, (source, _) in zip(kinds, rows, strict=True)], 0, "right")
        made[KINDS] = torch.cat([left, right], dim=1)
    return made


def _of(batch: Mapping[str, Any], name: str, row: int, otherwise: Any) -> Any:
    found = batch.get(name)
    return otherwise if found is None else found[row]
