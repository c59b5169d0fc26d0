"""A Lingshu of a few thousand parameters, saved as an ordinary checkpoint, and recipes written on the spot."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import data
import recipes
from data.prompt import user_text

os.environ.setdefault("OMP_NUM_THREADS", "1")  # models this small only wait for a second thread
INIT = {
    "hidden_size": 32,
    "num_layers": 2,
    "num_heads": 2,
    "num_kv_heads": 1,
    "intermediate_size": 64,
    "vocab_size": 400,
    "vision_hidden_size": 32,
    "vision_depth": 1,
    "vision_heads": 2,
}
MODEL = f"{{init: {INIT}, min_pixels: 3136, max_pixels: 12544}}"
SFT = """\
model: MODEL
data:
  train:
    - {use: clinic, split: train, n: 24, families: [lab_range, lesion_side]}
  prompt: plain
  teacher: {careful: 0.5, careful_right: 1.0, hasty_right: 0.3}
sft: {per_device_train_batch_size: 8, max_steps: 2, save_strategy: "no"}
run: {auto: true, output_dir: OUT/base, report_to: none}
"""
GRPO = """\
model: {from: OUT/base.yaml}
data:
  train:
    - {use: clinic, split: train, n: 16, families: [lab_range, lesion_side]}
  prompt: plain
rewards:
  - {use: answer_match}
grpo: {use_vllm: false, num_generations: 2, per_device_train_batch_size: 4, max_steps: 1}
run: {output_dir: OUT/grpo, report_to: none}
"""
Load = Callable[..., recipes.Recipe]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """load("old", "new", ..., kind="grpo") -> the recipe after the replacements; OUT is the test's folder, where the
    grpo recipe's base lies, unchanged, as base.yaml."""

    def _load(*swaps: str, kind: str = "sft", name: str = "r.yaml") -> recipes.Recipe:
        (tmp_path / "base.yaml").write_text(SFT.replace("OUT", str(tmp_path)).replace("MODEL", MODEL))
        text = {"sft": SFT, "grpo": GRPO}[kind]
        for old, new in zip(swaps[::2], swaps[1::2], strict=True):
            assert old in text
            text = text.replace(old, new)
        (tmp_path / name).write_text(text.replace("OUT", str(tmp_path)).replace("MODEL", MODEL))
        return recipes.load(tmp_path / name)

    return _load


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random Qwen2.5-VL with its tokenizer, as sft.small_model saves one."""
    from recipes.schema import Init, Model
    from sft import small_model

    examples = data.load("clinic", "train", n=60, families=["lab_range", "lesion_side", "gcs"])
    corpus = [f"{user_text(e, 'plain')}\n<think>{e.meta['trace']}</think><answer>{e.answer}</answer>" for e in examples]
    wanted = Model(init=Init(**INIT), min_pixels=3136, max_pixels=12544)
    return small_model.create(wanted, corpus, tmp_path_factory.mktemp("tiny") / "model", seed=3)


@pytest.fixture(scope="session")
def processor(checkpoint: Path) -> Any:
    from sft.models import load_processor

    return load_processor(str(checkpoint))


@pytest.fixture(scope="session")
def picture() -> Callable[[int, int, int], Any]:
    """picture(width, height, seed) -> an RGB image of noise."""
    import numpy as np
    from PIL import Image

    def _picture(width: int, height: int, seed: int = 0) -> Any:
        return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8))

    return _picture
