"""A Lingshu of a few thousand parameters, saved as an ordinary checkpoint, and GRPO recipes written on the spot."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import data
import recipes

os.environ.setdefault("OMP_NUM_THREADS", "1")  # models this small only wait for a second thread
INIT = {
    "hidden_size": 64,  # 32 a head: vLLM takes no less on a CPU
    "num_layers": 2,
    "num_heads": 2,
    "num_kv_heads": 1,
    "intermediate_size": 64,
    "vocab_size": 400,
    "vision_hidden_size": 32,
    "vision_depth": 1,
    "vision_heads": 2,
}
GRPO = """\
model: {name: CHECKPOINT}
data:
  train:
    - {use: clinic, split: train, n: 16, families: [lab_range, lesion_side]}
  prompt: plain
rewards:
  - {use: answer_match}
grpo:
  use_vllm: false
  num_generations: 2
  per_device_train_batch_size: 4
  max_steps: 1
  max_completion_length: 8
eval: {suites: [{use: clinic_val, n: 6, families: [lab_range, lesion_side]}]}
run: {output_dir: OUT/grpo, report_to: none}
"""


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., recipes.Recipe]:
    """load("old", "new", ...) -> the recipe after the replacements; OUT is the test's folder."""

    def _load(*swaps: str) -> recipes.Recipe:
        text = GRPO
        for old, new in zip(swaps[::2], swaps[1::2], strict=True):
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "r.yaml").write_text(text.replace("OUT", str(tmp_path)).replace("CHECKPOINT", "owner/model"))
        return recipes.load(tmp_path / "r.yaml")

    return _load


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random Qwen2.5-VL with its tokenizer, as sft.small_model saves one."""
    from recipes.schema import Init, Model
    from sft import small_model

    examples = data.load("clinic", "train", n=60, families=["lab_range", "lesion_side", "gcs"])
    corpus = [f"{e.question}\n<think>{e.meta['trace']}</think><answer>{e.answer}</answer>" for e in examples]
    wanted = Model(init=Init(**INIT), min_pixels=3136, max_pixels=12544)
    return small_model.create(wanted, corpus, tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture(scope="session")
def processor(checkpoint: Path) -> Any:
    from sft.models import load_processor

    return load_processor(str(checkpoint))


@pytest.fixture
def model(checkpoint: Path) -> Any:
    from sft.models import load_model

    return load_model(str(checkpoint)).eval()


@pytest.fixture(scope="session")
def picture() -> Callable[..., Any]:
    """picture(width, height, seed=0) -> an RGB image of noise."""
    import numpy as np
    from PIL import Image

    def _picture(width: int, height: int, seed: int = 0) -> Any:
        return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8))

    return _picture


@pytest.fixture(scope="session")
def made() -> Callable[..., Any]:
    """made([0, 1, ...], suite="s") -> an evaluation in which item i was right or wrong, greedily, as eval keeps it."""
    from eval.results import Record, Result

    settings = {"temperature": 0.0, "max_tokens": 8, "seed": 0, "style": "plain", "blank_images": False}

    def _made(rights: Sequence[int], suite: str = "s", **changes: Any) -> Result:
        records = [
            Record(
                id=f"i{i}",
                sample=0,
                correct=bool(right),
                parsed=True,
                format=1.0,
                n_tokens=10,
                truncated=False,
                groups={"kind": "text", "family": "ab"[i % 2]},
                gold='"x"',
                n_options=0,
                n_images=i % 2,
            )
            for i, right in enumerate(rights)
        ]
        return Result(suite, 1, {**settings, **changes}, records)

    return _made
