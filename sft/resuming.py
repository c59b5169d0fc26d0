"""Checkpoints from which a run goes on as if it had never stopped: saved whole or not at all, and taken up only by a
run that would do the same steps."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from transformers import PreTrainedModel, TrainerCallback
from transformers.trainer_callback import TrainerState
from transformers.trainer_utils import get_last_checkpoint

from recipes import BadInput
from sft.models import load_model
from sft.processes import TRAINER_STATE_NAME
from sft.samples import Sample

KEPT = "stage"  # our part of the trainer's state
DRAFTS = ".draft"  # folder within checkpoints/ in which one is written


def digest(samples: Sequence[Sample], rows: Sequence[Sequence[int]] | None) -> str:
    """Of what is learnt and in which rows: ids, turns, the names of images that have one."""
    made = hashlib.sha256(repr(rows).encode())
    for sample in samples:
        named = [image for image in sample.images if isinstance(image, str | Path)]
        made.update(repr((sample.id, list(sample.turns), sample.learnt, len(sample.images), named)).encode())
    return made.hexdigest()[:16]


def conditions(trainer: Any) -> dict[str, Any]:
    """What must be the same for the same steps to follow; the recipe itself has been compared by then."""
    return {"processes": trainer.accelerator.num_processes, "run.seed": trainer.args.seed, "data": trainer.digest}


def kept(trainer: Any, loss: float) -> dict[str, Any]:
    """What the trainer adds up between two rows of metrics and over the run, which transformers forgets, and the run's
    `conditions`; loss: the sum since the last row, the mean over the processes."""
    return {
        "loss": loss,
        "total_loss": trainer._total_loss_scalar,
        "last_row": trainer._globalstep_last_logged,
        "metrics": dict(trainer._metrics["train"]),
        "tokens": trainer._total_train_tokens,
        **conditions(trainer),
    }


class TakeUp(TrainerCallback):
    """Gives a resumed trainer what was `kept`."""

    def __init__(self, trainer: Any) -> None:
        self.trainer = trainer

    def on_train_begin(self, args: Any, state: TrainerState, control: Any, **_: Any) -> None:
        states: Any = state.stateful_callbacks  # by name, whatever its annotation says
        found = states.get(KEPT) if states else None
        if state.global_step and found:
            self.trainer._tr_loss += found["loss"]
            self.trainer._total_loss_scalar = found["total_loss"]
            self.trainer._globalstep_last_logged = found["last_row"]
            self.trainer._metrics["train"].update(found["metrics"])
            self.trainer._total_train_tokens = found["tokens"]


def load_weights(trainer: Any, checkpoint: str) -> bool:
    """Give the trainer's model the weights of a checkpoint, by the names that the model's own class reads; False where
    an adapter or a sharding setting has ways of its own.

    transformers 5 compares the names in the file with those in memory, which for Qwen-VL differ in all, and goes on
    with the weights that the run began from, without a word.
    """
    if not isinstance(trainer.model, PreTrainedModel) or trainer.is_deepspeed_enabled or trainer.is_fsdp_enabled:
        return False
    trainer.model.load_state_dict(load_model(checkpoint, dtype=trainer.model.dtype).state_dict())
    return True


def demand_whole(trainer: Any, checkpoint: Path) -> None:
    """BadInput, all reasons at once, where training could not go on from `checkpoint` as it was left."""
    if problems := [f"{checkpoint}: {text}" for text in _problems(trainer, checkpoint)]:
        raise BadInput(problems)


def _problems(trainer: Any, checkpoint: Path) -> Iterator[str]:
    found = json.loads((checkpoint / TRAINER_STATE_NAME).read_text(encoding="utf-8"))
    before = found.get("stateful_callbacks", {}).get(KEPT, {})
    now = conditions(trainer)
    if (n := before.get("processes", now["processes"])) != now["processes"]:
        yield f"was saved by {n} processes, and {now['processes']} would go on from it; start {n}"
        return  # all else depends on it
    if (seed := before.get("run.seed", now["run.seed"])) != now["run.seed"]:
        yield f"its run.seed was {seed}, not {now['run.seed']}; resume with run.seed={seed}"
    elif before.get("data", now["data"]) != now["data"]:
        yield "its samples, or how they are packed, have changed since; bring them back, or start anew elsewhere"
    for what, *names in (
        ("optimizer state", "optimizer*", "global_step*"),  # the second is DeepSpeed's
        ("learning rate schedule", "scheduler.pt", "global_step*"),
        ("random state", "rng_state*"),
    ):
        if not any(any(checkpoint.glob(name)) for name in names):
            yield f"holds no {what} ({names[0]}), so the run cannot go on exactly; resume from another, or start anew"


def last_good(output: str) -> str:
    """The words for the checkpoint that is left to a run that stops."""
    place = get_last_checkpoint(output) if Path(output).is_dir() else None
    return f"--resume goes on from {place}" if place else "no checkpoint was saved before"
