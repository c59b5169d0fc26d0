"""Whole steps of a GRPO run beside TRL's `GRPOTrainer`: seconds by phase, tokens a second, peak memory.

    python benchmarks/grpo_run.py [--shape vqa ...] [--rounds 3] [--steps 4] [--paper] [--out FILE]

Both train the same model (8 M parameters, fp32, random) on the same questions with rollouts by vLLM, in processes of
their own, turn by turn; the first step of each is not counted. theirs: TRL's trainer, gradient checkpointing off, as
many rows in a batch as a group has; of ours it has what it needs to run right on a CPU and on images (the weight sync
and the one placeholder of rlvr/rollouts.py). --paper: KL 1e-3 against a reference and two updates of each rollout.
Ratios are medians over the rounds. Nothing else should run on the machine.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

# Run as a script, this folder stands on sys.path in place of the checkout.
sys.path[:] = [str(pathlib.Path(__file__).resolve().parents[1])] + [
    entry for entry in sys.path if pathlib.Path(entry).resolve() != pathlib.Path(__file__).resolve().parent
]

from benchmarks.grpo_step import SHAPES, SIZES, WAYS, Shape, status_kb  # noqa: E402
from recipes.command import guarded  # noqa: E402

PHASES = ("rollout", "sync", "preprocess", "log-probs", "reward", "update")
TARGETS = {"vqa": 2.5}


def main() -> int:
    given = _parser().parse_args()
    if given.alone:
        print(json.dumps(run(given.alone, SHAPES[given.shape[0]], given.model, given.steps, given.paper)))
        return 0
    found, missed = {}, []
    for name in given.shape or ("vqa", "middle", "text"):
        with tempfile.TemporaryDirectory() as place:
            model = checkpoint(SHAPES[name], pathlib.Path(place) / "model")
            found[name] = one = measure(name, model, given)
        told = "  ".join(
            f"{phase} {one['seconds']['theirs'][phase]:.2f} -> {one['seconds']['ours'][phase]:.2f} s"
            for phase in (*PHASES, "step")
        )
        print(
            f"{name}: {one['ratio']:.2f} times ({min(one['ratios']):.2f} to {max(one['ratios']):.2f})  {told}",
            flush=True,
        )
        missed += [name] if one["ratio"] < TARGETS.get(name, 0) and not given.paper else []
    if given.out:
        given.out.write_text(json.dumps({**found, "missed": missed}, indent=1) + "\n")
    return int(bool(missed))


def measure(shape: str, model: pathlib.Path, given: argparse.Namespace) -> dict[str, Any]:
    taken: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    for _ in range(given.rounds):
        for way in WAYS:
            command = [sys.executable, __file__, "--alone", way, "--shape", shape, "--model", str(model)]
            command += ["--steps", str(given.steps), *(["--paper"] if given.paper else [])]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(done.stderr[-4000:])
            taken[way].append(json.loads(done.stdout.splitlines()[-1]))
    ratios = [a["step"] / b["step"] for a, b in zip(taken["theirs"], taken["ours"], strict=True)]
    names = (*PHASES, "step", "tokens_per_s", "peak_mb", "images_read", "completion")
    return {
        "seconds": {way: {name: round(median(one[name] for one in taken[way]), 3) for name in names} for way in WAYS},
        "ratio": round(median(ratios), 3),
        "ratios": [round(one, 3) for one in ratios],
    }


def run(way: str, shape: Shape, model: pathlib.Path, steps: int, paper: bool) -> dict[str, float]:
    """Seconds of a step by phase, over all steps but the first."""
    from eval.vllm_engine import prepare_cpu_environment
    from sft.threads import use_the_cores

    use_the_cores()
    prepare_cpu_environment()
    trainer = build(way, shape, str(model), steps, paper)
    clock = Clock()
    clock.watch(trainer)
    trainer.train()
    return {**clock.told(steps), "peak_mb": status_kb("VmHWM") // 1024}


class Clock:
    """Seconds of the phases, by step; a phase inside of another is not counted twice."""

    def __init__(self) -> None:
        self.steps: list[dict[str, float]] = []
        self._open: list[float] = []  # seconds that inner phases took of each that is open

    def begin(self) -> None:
        """A step goes from the end of the one before: reading its rows belongs to it."""
        self.steps.append(defaultdict(float, began=time.perf_counter()))

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        self._open.append(0.0)
        yield
        whole = time.perf_counter() - start
        self.steps[-1][name] += whole - self._open.pop()
        if self._open:
            self._open[-1] += whole

    def timed(self, owner: Any, attribute: str, name: str | Callable[[], str]) -> None:
        own = getattr(owner, attribute)

        def called(*args: Any, **kwargs: Any) -> Any:
            with self.phase(name if isinstance(name, str) else name()):
                return own(*args, **kwargs)

        setattr(owner, attribute, called)

    def watch(self, trainer: Any) -> None:
        import torch
        from transformers import TrainerCallback

        clock = self
        reader = trainer.processing_class.image_processor
        read = reader._preprocess

        def counted(images: Any, *args: Any, **kwargs: Any) -> Any:
            clock.steps[-1]["images_read"] += len(images)
            with clock.phase("preprocess"):
                return read(images, *args, **kwargs)

        reader._preprocess = counted
        self.timed(trainer.vllm_generation, "generate", "rollout")
        self.timed(trainer.vllm_generation, "sync_weights", "sync")
        self.timed(trainer, "_calculate_rewards", "reward")
        self.timed(trainer, "training_step", "update")
        self.timed(trainer, "_prepare_inputs", "other")
        inner: Callable[[], str] = lambda: "update" if torch.is_grad_enabled() else "log-probs"  # noqa: E731
        self.timed(trainer, "_get_per_token_logps_and_entropies", inner)

        class Steps(TrainerCallback):
            def on_train_begin(self, *args: Any, **kwargs: Any) -> None:
                clock.begin()

            def on_step_end(self, *args: Any, **kwargs: Any) -> None:
                logged, now = trainer._metrics["train"], clock.steps[-1]
                now["step"] = time.perf_counter() - now["began"]
                now["tokens"] = logged["num_tokens"][-1]
                now["completion"] = logged["completions/mean_length"][-1]
                clock.begin()

        trainer.add_callback(Steps())

    def told(self, steps: int) -> dict[str, float]:
        counted = self.steps[1:steps]
        made = {
            name: sum(one[name] for one in counted) / len(counted)
            for name in (*PHASES, "step", "images_read", "completion")
        }
        tokens = counted[-1]["tokens"] - self.steps[0]["tokens"]
        made["tokens_per_s"] = tokens / sum(one["step"] for one in counted)
        return made


def build(way: str, shape: Shape, model: str, steps: int, paper: bool) -> Any:
    import datasets
    import torch
    from trl.trainer.grpo_config import GRPOConfig
    from trl.trainer.grpo_trainer import GRPOTrainer

    from data import Example, open_images
    from rewards import TrlReward
    from rlvr import rollouts
    from rlvr.rows import training_rows
    from rlvr.scoring import Scoring
    from rlvr.trainer import MedGRPOTrainer
    from sft.machine import on_this_device
    from sft.models import load_model, load_processor

    settings = {
        "per_device_train_batch_size": shape.group,
        "num_generations": shape.group,
        "gradient_checkpointing": False,
        "max_completion_length": shape.completion,
        "max_steps": steps,
        "learning_rate": 1e-6,
        "logging_steps": 1000,
        "use_vllm": True,
        "vllm_mode": "colocate",
        "vllm_max_model_length": 2048,
        "vllm_gpu_memory_utilization": 0.1,
        "save_strategy": "no",
        "report_to": "none",
        "bf16": False,
        "disable_tqdm": True,
        **({"beta": 1e-3, "num_iterations": 2} if paper else {}),
    }
    asked = json.loads((pathlib.Path(model) / "questions.json").read_text())
    examples = [Example(str(i), text, "mass", images=_pictures(shape, i)) for i, text in enumerate(asked)]
    args = GRPOConfig(output_dir=tempfile.mkdtemp(), **on_this_device(settings))
    processor, policy = load_processor(model), load_model(model, dtype=torch.float32)
    common: dict[str, Any] = {"args": args, "processing_class": processor}
    if way == "ours":
        scoring = Scoring([TrlReward(varied, "varied")], examples, frozenset())
        rows = training_rows(examples, "plain", with_images=bool(shape.side))
        return MedGRPOTrainer(policy, scoring=scoring, train_dataset=rows, **common)
    columns: dict[str, Any] = {"prompt": [[{"role": "user", "content": one.question}] for one in examples]}
    kinds: dict[str, Any] = {"prompt": [{"role": datasets.Value("string"), "content": datasets.Value("string")}]}
    if shape.side:
        columns["images"] = [open_images(one) for one in examples]
        kinds["images"] = datasets.List(datasets.Image())
    given = datasets.Dataset.from_dict(columns, features=datasets.Features(kinds))
    rollouts.in_groups = lambda *_: False
    with rollouts.rollouts_in_trl("float32", None):
        return GRPOTrainer(policy, varied, train_dataset=given, **common)


def checkpoint(shape: Shape, folder: pathlib.Path) -> pathlib.Path:
    """A random model with a tokenizer, and questions of the shape's length beside it."""
    import data
    from data.prompt import user_text
    from recipes.schema import Init, Model
    from sft import small_model
    from sft.models import load_processor

    corpus = [f"{one.question} {one.meta.get('trace', '')}" for one in data.load("clinic", "train", n=600)]
    small_model.create(Model(init=Init(**SIZES)), corpus, folder)
    tokenizer = load_processor(str(folder)).tokenizer
    frame = len(tokenizer(user_text(data.Example("0", "?", "x"), "plain"))["input_ids"]) + 8  # around each question
    rng, made = random.Random(0), []
    for _ in range(16):
        ids = tokenizer(" ".join(rng.choices(corpus, k=40)))["input_ids"]
        made.append(tokenizer.decode(ids[: max(8, shape.prompt - frame)]).strip())
    (folder / "questions.json").write_text(json.dumps(made))
    return folder


def _pictures(shape: Shape, seed: int) -> tuple[Any, ...]:
    import numpy as np
    from PIL import Image

    side = shape.side * 14
    values = np.random.default_rng(seed).integers(0, 255, (side, side, 3), dtype=np.uint8)
    return (Image.fromarray(values),) if side else ()


def varied(completion_ids: list[list[int]], **_: Any) -> list[float]:
    """Some reward that differs within a group."""
    return [len(set(ids)) / max(1, len(ids)) + i % 2 for i, ids in enumerate(completion_ids)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=SHAPES, action="append", help="only these")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=4, help="of a turn; the first is not counted")
    parser.add_argument("--paper", action="store_true", help="KL 1e-3, two updates of each rollout")
    parser.add_argument("--alone", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--model", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=pathlib.Path, help="write the figures as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(guarded(main))
