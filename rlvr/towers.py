"""What a frozen vision tower makes of a picture, computed once: it stays the same over passes, steps and epochs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch
from transformers import TrainerCallback
from transformers.models.qwen3_vl.modeling_qwen3_vl import BaseModelOutputWithDeepstackFeatures

from rlvr.attention import core_of
from rlvr.update import of_all
from sft.machine import say

KNOWN = ("qwen2_5_vl", "qwen3_vl")  # a picture's features do not depend on its neighbours (tests/rlvr/test_towers.py)
METRIC = "vision_cache/hit_rate"


class Cached:
    """In place of a tower's `forward`: the tower is run on those pictures only that it has not seen.

    Features lie in main memory, `room` bytes at most; what was longest not asked for goes first. New weights empty it.
    """

    def __init__(self, tower: Any, room: int) -> None:
        self.tower, self.encode, self.room = tower, tower.forward, room
        self.known: OrderedDict[tuple, list[torch.Tensor]] = OrderedDict()
        self.size = self.asked = self.encoded = 0  # bytes; pictures since the last step
        tower.forward = self
        tower.register_load_state_dict_post_hook(lambda *_: self.clear())  # also where a model around it is loaded

    def __call__(self, hidden_states: torch.Tensor, grid_thw: torch.Tensor, **given: Any) -> Any:
        """Features of all pictures, in order. hidden_states: [patches, values]; grid_thw: [pictures, 3]."""
        pictures = hidden_states.split(grid_thw.prod(dim=-1).tolist())
        keys = _keys(pictures, grid_thw)
        new = {key: number for number, key in enumerate(keys) if key not in self.known}
        found = {key: self.known[key] for key in keys if key not in new}
        for key in found:
            self.known.move_to_end(key)
        if new:
            some = list(new.values())
            sizes = [len(pictures[number]) // self.tower.spatial_merge_size**2 for number in some]
            with torch.no_grad():
                made = self.encode(torch.cat([pictures[number] for number in some]), grid_thw[some], **given)
            tensors = [made.pooler_output, *(getattr(made, "deepstack_features", None) or [])]
            for key, *features in zip(new, *(one.split(sizes) for one in tensors), strict=True):
                found[key] = features
                self._keep(key, [one.to("cpu", copy=True) for one in features])
        self.asked += len(keys)
        self.encoded += len(new)
        parts = zip(*(found[key] for key in keys), strict=True)
        joined: list[Any] = [torch.cat([one.to(hidden_states.device) for one in part]) for part in parts]
        return BaseModelOutputWithDeepstackFeatures(pooler_output=joined[0], deepstack_features=joined[1:] or None)

    def _keep(self, key: tuple, features: list[torch.Tensor]) -> None:
        self.known[key] = features
        self.size += _bytes(features)
        while self.size > self.room:
            self.size -= _bytes(self.known.popitem(last=False)[1])

    def clear(self) -> None:
        self.known.clear()
        self.size = 0


def attach(trainer: Any, megabytes: int) -> None:
    """Give the policy's tower, and that of a reference that is a model of its own, a cache each where nothing moves
    their weights; says which, and logs `METRIC`. trainer: a `GRPOTrainer` whose training has not begun."""
    models = {"the policy": trainer.model, "the reference": trainer.ref_model}
    towers = {
        name: model.model.visual
        for name, one in models.items()
        if one is not None and (model := core_of(trainer.accelerator.unwrap_model(one))).config.model_type in KNOWN
    }
    if not towers:
        return
    moving = {
        "the policy": any(one.requires_grad for one in towers["the policy"].parameters()),
        "the reference": trainer.args.sync_ref_model,
    }
    still = [name for name in towers if not moving[name]]
    reason = None
    if not megabytes:
        reason = "runtime.vision_cache_mb says so"
    elif trainer.accelerator.distributed_type in ("DEEPSPEED", "FSDP"):
        reason = "processes that share a model in parts run its vision tower together"
    elif not still:
        reason = "the vision tower is trained"
    if reason:
        say([f"vision cache: off, {reason}"])
        return
    say([f"vision cache: on for {' and '.join(still)}, whose vision tower stays as it is"])
    trainer.add_callback(Note(trainer, [Cached(towers[name], megabytes * 2**20) for name in still]))


class Note(TrainerCallback):
    """Of the pictures that the step asked for, on all processes, the share that was known."""

    def __init__(self, trainer: Any, caches: Sequence[Cached]) -> None:
        self.trainer, self.caches = trainer, caches

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        counts = torch.tensor([[one.asked, one.encoded] for one in self.caches], device=args.device)
        asked, encoded = of_all(counts).sum(dim=0).tolist()
        if asked:
            self.trainer._metrics["train"][METRIC].append(1 - encoded / asked)
        for one in self.caches:
            one.asked = one.encoded = 0


def _keys(pictures: Sequence[torch.Tensor], grids: torch.Tensor) -> list[tuple]:
    """What the features of each picture depend on."""
    device, dtype = pictures[0].device, pictures[0].dtype
    half = torch.get_autocast_dtype(device.type) if torch.is_autocast_enabled(device.type) else None
    hashes = torch.stack([digest(one) for one in pictures]).tolist()
    return [(*found, *grid, dtype, half) for found, grid in zip(hashes, grids.tolist(), strict=True)]


def digest(patches: torch.Tensor) -> torch.Tensor:
    """int64 [2], a hash of the bits of [patches, values], made where they lie: from a GPU, to fetch a picture would
    take about as long as to encode it. Sums of products with random numbers, modulo 2^64."""
    bits = patches.contiguous().view({2: torch.int16, 4: torch.int32}[patches.element_size()])
    rows, columns = (_random(axis, n, patches.device) for axis, n in enumerate(bits.shape))
    return torch.stack([((bits * column).sum(dim=1) * row).sum() for row, column in zip(rows, columns, strict=True)])


@lru_cache(maxsize=64)
def _random(seed: int, n: int, device: torch.device) -> torch.Tensor:
    """int64 [2, n]."""
    drawn = torch.randint(-(2**63), 2**63 - 1, (2, n), generator=torch.Generator().manual_seed(seed))
    return drawn.to(device)


def _bytes(features: Sequence[torch.Tensor]) -> int:
    return sum(one.nbytes for one in features)
