"""sft/train.py run as it is from a command line, on a tiny mixed set of texts and images, and what it left behind."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from recipes import ROOT
from sft.models import load_model

RECIPE = """\
model: {name: HERE, min_pixels: 3136, max_pixels: 12544}
data:
  train: [{use: clinic, split: train, n: 24, families: [lab_range, lesion_side]}]
  prompt: plain
  teacher: {careful: 0.5, careful_right: 1.0, hasty_right: 0.3}
sft: {per_device_train_batch_size: 4, num_train_epochs: 2, learning_rate: 1e-3, logging_steps: 1, save_strategy: "no"}
run: {output_dir: OUT, report_to: none}
"""
PLAIN = [sys.executable]
TWO = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
ONE = [*TWO[:-1], "1"]
CLOCK = ("seconds", "train_runtime", "train_samples_per_second", "train_steps_per_second")
MARKS = ("WANDB_", "ACCELERATE_", "RANK", "WORLD_SIZE", "MASTER_", "LOCAL_")  # that launchers leave


def command(
    checkpoint: Path, run: Path, *overrides: str, launcher: Sequence[str] = PLAIN, **environment: str
) -> dict[str, Any]:
    """What subprocess.run and Popen take: the command `launcher sft/train.py RECIPE OVERRIDES`, its environment."""
    recipe = run.with_name(f"{run.name}.yaml")
    recipe.write_text(RECIPE.replace("HERE", str(checkpoint)).replace("OUT", str(run)))
    clean = {name: value for name, value in os.environ.items() if not name.startswith(MARKS)}
    found = {**clean, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", **environment}
    return {"args": [*launcher, "sft/train.py", str(recipe), *overrides], "cwd": ROOT, "env": found, "text": True}


def train(checkpoint: Path, run: Path, *overrides: str, **how: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(**command(checkpoint, run, *overrides, **how), capture_output=True, timeout=500)


def rows(run: Path) -> list[dict[str, Any]]:
    """The rows of metrics, without what the clock says."""
    lines = (run / "metrics.jsonl").read_text().splitlines()
    return [{key: value for key, value in json.loads(line).items() if key not in CLOCK} for line in lines]


def weights(checkpoint: Path) -> dict[str, torch.Tensor]:
    """By the model's own names: what is tied may stand in a file once or twice."""
    return load_model(str(checkpoint)).state_dict()


def apart(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> dict[str, float]:
    """The relative difference of each tensor but the keys' biases: attention does not depend on them, so their
    gradient is rounding alone, which Adam makes as large as any other."""
    assert one.keys() == other.keys()

    def heeded(name: str, value: torch.Tensor) -> torch.Tensor:
        query, _, rest = value.chunk(3) if name.endswith("qkv.bias") else (value, None, value[:0])
        return torch.cat([query, rest])

    found = {}
    for name in (name for name in one if not name.endswith("k_proj.bias")):
        this, that = heeded(name, one[name]), heeded(name, other[name])
        found[name] = float((this - that).norm() / this.norm().clamp(min=1e-9))
    return found
