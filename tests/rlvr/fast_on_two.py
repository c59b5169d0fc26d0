"""A GRPO step on two processes: torchrun --nproc_per_node 2 fast_on_two.py CHECKPOINT FOLDER on|off|auto [KIND]

The first process has images, the second text. Of the first's four groups one has a single reward, of the second's all.
KIND: `apart`, on the second the shared row is made wrong; `zero2`, `zero3`, DeepSpeed lays the model in parts.
FOLDER/rank-N.pt holds the weights after the step, what was logged, and whether the path is on.
"""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
from trl.trainer.grpo_config import GRPOConfig  # noqa: E402

import data  # noqa: E402
from rewards import TrlReward  # noqa: E402
from rlvr import fast, prefix, update  # noqa: E402
from rlvr.rows import training_rows  # noqa: E402
from rlvr.scoring import Scoring  # noqa: E402
from rlvr.trainer import MedGRPOTrainer  # noqa: E402
from sft.machine import on_this_device  # noqa: E402
from sft.models import load_model, load_processor  # noqa: E402

REWARDS = ([0.1, 0.1, 0, 1, 1, 0, 0.5, 0.2], [0.1] * 4 + [0.7] * 4)


def stretched(own: Any) -> Any:
    """Rows whose prompts stand at other places than they do."""

    def packed(prompts: Any, *args: Any, **images: Any) -> Any:
        moved = [
            prefix.Prompt(one.ids, one.positions + torch.arange(len(one.ids)) // 4, one.numbers) for one in prompts
        ]
        return own(moved, *args, **images)

    return packed


def main(checkpoint: str, folder: Path, wanted: str, kind: str = "") -> None:
    families = ("lesion_side", "lab_range")
    examples = [one for name in families for one in data.load("clinic", "train", n=4, families=[name])]
    settings = {
        "per_device_train_batch_size": 4,
        "gradient_accumulation_steps": 2,
        "num_generations": 2,
        "use_vllm": False,
        "max_steps": 1,
        "max_completion_length": 8,
        "learning_rate": 1e-3,
        "report_to": "none",
        "save_strategy": "no",
        "bf16": False,
        "logging_steps": 1,
        "shuffle_dataset": False,
        "gradient_checkpointing": True,
        "ddp_find_unused_parameters": wanted != "on",  # TRL's way needs it where a process has no image
        "adam_epsilon": 1e-2,  # a step follows the gradient, not its sign
    }
    if kind.startswith("zero"):
        settings |= {"use_cpu": False, "ddp_backend": "gloo"}
    fast.by_groups = lambda size, rows: rows  # in order, as without the fast path
    update_of: Any = sys.modules["rlvr.trainer"]
    update_of.shuffle_sequence_dict = lambda rows: rows
    trainer = MedGRPOTrainer(
        load_model(checkpoint),
        scoring=Scoring([TrlReward(lambda **_: [], "none")], examples, frozenset()),
        args=GRPOConfig(output_dir=str(folder / "out"), **on_this_device(settings)),
        train_dataset=training_rows(examples, "plain", with_images=True, kept=4),
        processing_class=load_processor(checkpoint),
        fast_path=wanted,
    )
    rank = trainer.accelerator.process_index

    def graded(inputs: list, *_: Any) -> torch.Tensor:
        found = torch.tensor(REWARDS[0] + REWARDS[1])[:, None]
        trainer._flat = update.flat(found, trainer.reward_weights, 2)[8 * rank : 8 * rank + 8]
        return found

    trainer._calculate_rewards = graded
    scored: list[int] = []
    own = prefix.scores

    def scores(model: Any, batch: prefix.Batch, *rest: Any) -> Any:
        scored.append(int(batch.mask[:, -batch.keep :].any(dim=1).sum()))
        return own(model, batch, *rest)

    prefix.scores = scores
    if kind == "apart" and rank == 1:
        prefix.packed = stretched(prefix.packed)
    trainer.train()
    plain: Any = trainer.accelerator.unwrap_model(trainer.model)
    import deepspeed

    with deepspeed.zero.GatheredParameters(list(plain.parameters())) if kind == "zero3" else nullcontext():
        weights = {name: one.detach().clone() for name, one in plain.named_parameters()}
    found = {"weights": weights, "is_on": trainer.fast.is_on}
    found |= {"log": trainer.state.log_history[0], "scored": scored}
    torch.save(found, folder / f"rank-{rank}.pt")
    trainer.accelerator.end_training()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
