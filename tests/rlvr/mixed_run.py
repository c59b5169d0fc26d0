"""A short GRPO run on prompts of 0, 1 and 2 images of several sizes: python mixed_run.py CHECKPOINT OUT [lora]

Rollouts are vLLM's; a script of its own, since a process can hold one engine. OUT/mixed.json tells what was measured.
The last run is made with the image pads left as the trainer has them, to show that the measurement notices.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from eval.vllm_engine import prepare_cpu_environment  # noqa: E402

prepare_cpu_environment()

import numpy as np  # noqa: E402
import torch  # noqa: E402
from peft import LoraConfig  # noqa: E402
from PIL import Image  # noqa: E402
from trl.trainer.grpo_config import GRPOConfig  # noqa: E402

from data import Example  # noqa: E402
from eval.engines import vision_ids  # noqa: E402
from rewards import TrlReward  # noqa: E402
from rlvr import rollouts  # noqa: E402
from rlvr.rows import training_rows  # noqa: E402
from rlvr.scoring import Scoring  # noqa: E402
from rlvr.trainer import MedGRPOTrainer  # noqa: E402
from sft.machine import on_this_device  # noqa: E402
from sft.models import load_model, load_processor  # noqa: E402

SIZES = [[], [(56, 56)], [(84, 112), (60, 70)], [(200, 150)], [(40, 130)], [], [(57, 113), (20, 90)], [(112, 56)]]
PIXELS = {"min_pixels": 3136, "max_pixels": 9408}  # not the checkpoint's own: vLLM must be told
GAP = "sampling/sampling_logp_difference"


def examples() -> list[Example]:
    rng = np.random.default_rng(0)

    def picture(width: int, height: int) -> Image.Image:
        return Image.fromarray(rng.integers(0, 255, (height, width, 3), dtype=np.uint8))

    return [
        Example(str(i), f"What do the {len(row)} pictures show?", "mass", images=tuple(picture(*size) for size in row))
        for i, row in enumerate(SIZES * 2)
    ]


class Spread:
    """Rewards variety, so that there is something to learn, and keeps every token that was sampled."""

    __name__ = "spread"

    def __init__(self) -> None:
        self.seen: set[int] = set()

    def __call__(self, completion_ids: list[list[int]], **_: Any) -> list[float]:
        self.seen.update(token for ids in completion_ids for token in ids)
        return [len(set(ids)) / 8 for ids in completion_ids]


def build(checkpoint: str, out: Path, reward: Spread, lora: bool) -> MedGRPOTrainer:
    settings = {
        "per_device_train_batch_size": 16,
        "gradient_accumulation_steps": 2,
        "num_generations": 4,
        "num_iterations": 2,
        "beta": 0.04,
        "learning_rate": 3e-2 if lora else 3e-3,
        "max_completion_length": 12,
        "max_steps": 6,
        "logging_steps": 1,
        "use_vllm": True,
        "vllm_mode": "colocate",
        "vllm_max_model_length": 256,
        "vllm_gpu_memory_utilization": 0.1,
        "save_strategy": "no",
        "report_to": "none",
        "bf16": False,
    }
    return MedGRPOTrainer(
        load_model(checkpoint),
        scoring=Scoring([TrlReward(reward, "spread")], examples(), frozenset()),
        args=GRPOConfig(output_dir=str(out), **on_this_device(settings)),
        train_dataset=training_rows(examples(), "plain", with_images=True),
        processing_class=load_processor(checkpoint, **PIXELS),
        peft_config=LoraConfig(r=4, target_modules=["q_proj", "v_proj", "qkv", "down_proj"]) if lora else None,
        pixels=PIXELS,
    )


def attentive(checkpoint: str, folder: Path) -> str:
    """The same model with larger weights: newly made, it gives every token the same odds, whatever it is shown."""
    shutil.copytree(checkpoint, folder)
    model = load_model(checkpoint)
    for value in model.parameters():
        if value.dim() > 1:
            value.data *= 4
    model.save_pretrained(folder)
    return str(folder)


def weights(trainer: MedGRPOTrainer) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in trainer.model.named_parameters() if value.requires_grad}


def train(trainer: MedGRPOTrainer) -> list[dict[str, float]]:
    """The log of one run, a line a step."""
    trainer.train()
    return [entry for entry in trainer.state.log_history if "loss" in entry]


def main(checkpoint: str, folder: str, kind: str = "") -> None:
    out, reward = Path(folder), Spread()
    trainer = build(attentive(checkpoint, out / "model"), out, reward, lora=kind == "lora")
    before, requests = weights(trainer), []
    ask = trainer.vllm_generation.llm.generate
    trainer.vllm_generation.llm.generate = lambda prompts, **rest: requests.append(len(prompts)) or ask(prompts, **rest)
    log = train(trainer)
    after = weights(trainer)
    banned = vision_ids(trainer.processing_class)
    found = {
        "steps": log,
        "gap_mean": [entry[f"{GAP}/mean"] for entry in log if f"{GAP}/mean" in entry],
        "gap_max": [entry[f"{GAP}/max"] for entry in log if f"{GAP}/max" in entry],
        "moved": {name: (after[name] - before[name]).abs().max().item() for name in after},
        "vision_tokens_sampled": sorted(reward.seen & set(banned)),
        "tokens_sampled": len(reward.seen),
        "requests": list(requests),
    }
    rollouts.collapse_image_pads = lambda ids, pad: list(ids)
    trainer.args.max_steps = 2
    found["gap_mean_uncollapsed"] = [entry[f"{GAP}/mean"] for entry in train(trainer) if f"{GAP}/mean" in entry]
    (out / "mixed.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
