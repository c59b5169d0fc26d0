"""The update of a GRPO step beside TRL's: seconds, peak memory, and that both compute the same.

    python benchmarks/grpo_step.py [--shape vqa ...] [--rounds 5] [--checkpointing] [--out docs/results/grpo_step.json]
    python benchmarks/grpo_step.py --sweep [--rounds 10] [--out docs/results/grpo_sweep.json]     # many small shapes
    python benchmarks/grpo_step.py --growth [--out docs/results/grpo_growth.json]      # seconds against group and image

An update here is what `GRPOTrainer` does with one batch of rollouts but for the optimizer: log-probabilities and
entropies of the policy, the loss of DAPO, the backward pass. theirs: TRL's own function, rows of prompt and completion.
ours: rlvr/prefix.py. The same model (8 M parameters, fp32, random), the same tokens, turn by turn in one process;
ratios are medians over the rounds, with 95 % intervals from the bootstrap. Peak memory is that of a process of its own
for each way. Nothing else should run on the machine.
"""

import argparse
import dataclasses
import json
import pathlib
import random
import subprocess
import sys
import time
from contextlib import nullcontext
from statistics import median
from types import SimpleNamespace
from typing import Any, NamedTuple

# Run as a script, this folder stands on sys.path in place of the checkout.
sys.path[:] = [str(pathlib.Path(__file__).resolve().parents[1])] + [
    entry for entry in sys.path if pathlib.Path(entry).resolve() != pathlib.Path(__file__).resolve().parent
]

from recipes.command import guarded  # noqa: E402

SIZES: dict[str, Any] = {
    "hidden_size": 256, "num_layers": 6, "num_heads": 4, "num_kv_heads": 2, "intermediate_size": 1024,
    "vocab_size": 4096, "vision_hidden_size": 128, "vision_depth": 4, "vision_heads": 4,
}  # fmt: skip
WAYS = ("theirs", "ours")
START, PAD, END = 4090, 4091, 4092  # tokens around and for images


class Shape(NamedTuple):
    """prompt: text tokens of it; side: of its image, in patches (0: none); completion: tokens of the longest;
    shortest: as a share of that; group: completions to the prompt; groups: in the batch; flat: those of them in which
    all completions earn the same; target: times TRL's speed."""

    prompt: int
    side: int
    completion: int
    group: int
    shortest: float = 1.0
    groups: int = 1
    flat: int = 0
    target: float | None = None


SHAPES = {
    "vqa": Shape(124, 64, 300, 8, target=5.5),
    "vqa_unequal": Shape(124, 64, 300, 8, shortest=1 / 3, target=7.0),
    "vqa_g16": Shape(124, 64, 300, 16, target=7.0),
    "middle": Shape(42, 32, 100, 8, target=4.0),
    "text": Shape(200, 0, 300, 8, target=1.5),
    "text_unequal": Shape(200, 0, 300, 8, shortest=1 / 3, target=2.0),
    "text_half_flat": Shape(200, 0, 300, 8, groups=2, flat=1, target=3.0),
}
NEVER = 0.97  # the lower bound, on every shape of the sweep
SWEEP = {
    f"P {prompt}, {f'image {(side // 2) ** 2}, ' if side else ''}R {completion}, G {group}": Shape(
        prompt, side, completion, group, target=NEVER
    )
    for prompt, side, completion, group in (
        (50, 0, 20, 2), (50, 0, 200, 2), (50, 0, 200, 8), (200, 0, 20, 8), (200, 0, 200, 2), (600, 0, 50, 4),
        (600, 0, 200, 16), (40, 16, 20, 2), (40, 16, 100, 4), (40, 32, 50, 2), (40, 32, 50, 8), (40, 48, 100, 4),
    )
}  # fmt: skip
GROWTH = {
    "group": {n: Shape(42, 32, 4, n) for n in (2, 4, 8, 16)},
    "image": {side: Shape(42, side, 50, 8) for side in (16, 32, 48, 64)},
}


def main() -> int:
    given = _parser().parse_args()
    if given.alone:
        print(json.dumps({"peak_mb": alone(given.alone, SHAPES[given.shape[0]], given.checkpointing)}))
        return 0
    if given.growth:
        found, missed = growth(given.rounds), []
    else:
        shapes = SWEEP if given.sweep else {name: SHAPES[name] for name in given.shape or SHAPES}
        found, missed = {}, []
        for name, shape in shapes.items():
            found[name] = one = measure(shape, given.rounds, given.checkpointing)
            if not given.sweep:
                peaks = {way: _peak(way, name, given.checkpointing) for way in WAYS}
                one |= {"peak_mb": peaks, "memory_ratio": round(peaks["ours"] / peaks["theirs"], 3)}
            reached = one["interval"][0] if given.sweep else one["ratio"]
            missed += [name] if shape.target and reached < shape.target else []
            _tell(name, one, shape)
    if given.out:
        given.out.write_text(json.dumps({**found, "missed": missed}, indent=1) + "\n")
    return int(bool(missed))


def _tell(name: str, one: dict[str, Any], shape: Shape) -> None:
    low, high = one["interval"]
    memory = f"memory {one['memory_ratio']:.2f} of {one['peak_mb']['theirs']} MB; " if "peak_mb" in one else ""
    print(
        f"{name}: {one['seconds']['theirs']:.2f} s and {one['seconds']['ours']:.2f} s, {one['ratio']:.2f} "
        f"[{low:.2f}, {high:.2f}] times; {memory}apart by {one['apart']:.1e}"
        f"{f'  target {shape.target}' if shape.target else ''}",
        flush=True,
    )


def growth(rounds: int) -> dict[str, Any]:
    """Seconds against the size of a group, completions of 4 tokens, and against that of the image."""
    found: dict[str, Any] = {}
    for what, shapes in GROWTH.items():
        one = {n: measure(shape, rounds, checkpointing=False)["seconds"] for n, shape in shapes.items()}
        slopes = {way: _slope([*one], [seconds[way] for seconds in one.values()]) for way in WAYS}
        found[what] = {"seconds": one, "slope": slopes, "slope_ratio": round(slopes["ours"] / slopes["theirs"], 4)}
        print(f"seconds by {what}: {one}, slope {found[what]['slope_ratio']:.3f} of theirs", flush=True)
    return found


def _slope(xs: list[float], ys: list[float]) -> float:
    """Of the least-squares line."""
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)


def measure(shape: Shape, rounds: int, checkpointing: bool) -> dict[str, Any]:
    """Seconds of an update of each way, how often ours goes into theirs, how far their gradients lie apart."""
    from sft.threads import use_the_cores

    use_the_cores()
    ways = {way: Update(way, shape, checkpointing) for way in WAYS}
    taken = raced(ways, rounds)
    return {
        "seconds": {way: round(median(found), 3) for way, found in taken.items()},
        **times(taken["theirs"], taken["ours"]),
        "apart": apart(ways["theirs"], ways["ours"]),
    }


def raced(ways: "dict[str, Update]", rounds: int) -> dict[str, list[float]]:
    """Seconds of an update of each way, turn by turn, after one of each that is not counted."""
    for one in ways.values():
        one.run()
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, one in ways.items():
            taken[way].append(one.run())
    return taken


def times(slow: list[float], fast: list[float]) -> dict[str, Any]:
    """The median of how often one goes into the other, round by round, and its interval."""
    ratios, rng = [a / b for a, b in zip(slow, fast, strict=True)], random.Random(0)
    draws = sorted(median(rng.choices(ratios, k=len(ratios))) for _ in range(4000))
    return {"ratio": round(median(ratios), 3), "interval": [round(draws[100], 3), round(draws[-101], 3)]}


def apart(one: "Update", other: "Update") -> float:
    """How far their last gradients lie apart, at most, as a share of the largest of each tensor."""
    grads = [[p.grad for p in way.model.parameters() if p.grad is not None] for way in (one, other)]
    return max(float((b - a).abs().max() / a.abs().max().clamp(min=1e-12)) for a, b in zip(*grads, strict=True))


def alone(way: str, shape: Shape, checkpointing: bool) -> int:
    """MB at the peak of one update above what was there before it."""
    from sft.threads import use_the_cores

    use_the_cores()
    one = Update(way, shape, checkpointing)
    before = status_kb("VmRSS")
    one.run()
    return (status_kb("VmHWM") - before) // 1024


def _peak(way: str, shape: str, checkpointing: bool) -> int:
    command = [sys.executable, __file__, "--alone", way, "--shape", shape]
    command += ["--checkpointing"] if checkpointing else []
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])["peak_mb"]


def status_kb(name: str) -> int:
    """kB of this process, by Linux."""
    text = pathlib.Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name}:"))


class Update:
    """One way of computing the gradients of a batch of rollouts."""

    def __init__(self, way: str, shape: Shape, checkpointing: bool) -> None:
        import torch
        from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration
        from trl.trainer.utils import add_fused_lm_head

        from recipes.schema import Init
        from rlvr import attention
        from sft.sizes import init_config

        torch.manual_seed(0)
        values = init_config(Init(**SIZES))
        rope = {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [8, 12, 12]}
        values["text_config"] |= {"rope_parameters": rope}
        values["vision_config"] |= {"fullatt_block_indexes": [SIZES["vision_depth"] - 1], "window_size": 112}
        config: Any = Qwen2_5_VLConfig(**values)
        config.image_token_id, config.vision_start_token_id, config.vision_end_token_id = PAD, START, END
        self.model = Qwen2_5_VLForConditionalGeneration(config).train()
        add_fused_lm_head(self.model, outputs=("log_probs", "entropy"))
        self.way, self.given = way, _batch(shape)
        told = torch.linspace(-1, 1, shape.group)
        self.advantages = torch.cat([told * (group >= shape.flat) for group in range(shape.groups)])[:, None]
        if way == "ours":
            attention.use(self.model)
        if checkpointing:
            self.model.gradient_checkpointing_enable({"use_reentrant": False})

    def run(self) -> float:
        """Seconds of an update; the gradients stay on the model."""
        self.model.zero_grad(set_to_none=True)
        start = time.perf_counter()
        logps, _ = self._scores()
        mask = self.given["attention_mask"][:, -self.given["logits_to_keep"] :]
        loss = -(((logps - logps.detach()).exp() * self.advantages) * mask).sum() / mask.sum()
        loss.backward()
        return time.perf_counter() - start

    def _scores(self) -> Any:
        from trl.trainer.grpo_trainer import GRPOTrainer

        from rlvr import prefix, update

        if self.way == "ours":
            batch = prefix.Batch.of(**self.given)
            inputs = {"advantages": self.advantages, "completion_mask": batch.mask[:, -batch.keep :]}
            now = update.Update(inputs, spare=True, correction=None, gaps=update.Gaps())
            batch = dataclasses.replace(batch, mask=now.attention(batch.mask, batch.keep))
            return prefix.scores(self.model, batch, prefix.rope_of(self.model))
        trainer: Any = SimpleNamespace(accelerator=SimpleNamespace(autocast=nullcontext, is_main_process=True))
        return GRPOTrainer._get_per_token_logps_and_entropies(trainer, self.model, **self.given, compute_entropy=True)[
            :2
        ]


def _batch(shape: Shape) -> dict[str, Any]:
    """What TRL hands to its model: prompts with their image, each as often as there are completions."""
    import torch

    rng = torch.Generator().manual_seed(1)
    image = torch.tensor([START, *[PAD] * (shape.side**2 // 4), END] if shape.side else [], dtype=torch.long)
    longest, group = shape.completion, shape.group
    step = (1 - shape.shortest) / max(1, group - 1)
    sizes = [round(longest * (shape.shortest + step * i)) for i in range(group)] * shape.groups
    prompts, pixels = [], []
    for _ in range(shape.groups):
        words = torch.randint(0, 4000, (shape.prompt,), generator=rng)
        prompts.append(torch.cat([words[:8], image, words[8:]]).expand(group, -1))
        pixels.append(torch.randn(shape.side**2, 3 * 2 * 14 * 14, generator=rng).repeat(group, 1))
    asked = torch.cat(prompts)
    said = torch.randint(0, 4000, (len(asked), longest), generator=rng)
    known = torch.arange(longest)[None] < torch.tensor(sizes)[:, None]
    ids = torch.cat([asked, said * known], dim=1)
    mask = torch.cat([torch.ones_like(asked), known.long()], dim=1)
    made: dict[str, Any] = {"input_ids": ids, "attention_mask": mask, "logits_to_keep": longest}
    made["mm_token_type_ids"] = (ids == PAD).long()
    if shape.side:
        made["pixel_values"] = torch.cat(pixels)
        made["image_grid_thw"] = torch.tensor([[1, shape.side, shape.side]]).repeat(len(asked), 1)
        made["num_images"] = [1] * len(asked)
    return made


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=SHAPES, action="append", help="only these")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--checkpointing", action="store_true", help="gradient checkpointing, non-reentrant")
    parser.add_argument("--sweep", action="store_true", help="many small shapes: nowhere slower")
    parser.add_argument("--growth", action="store_true", help="how the cost grows with the group and with the image")
    parser.add_argument("--alone", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=pathlib.Path, help="write the figures as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(guarded(main))
