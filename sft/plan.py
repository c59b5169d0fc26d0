"""What a run is going to be, before it starts: lengths, steps, memory, hours. Loads no weights and builds nothing.

A fact with numbers is a mapping whose "text" people read; what cannot be known here says why.
"""

import math
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from data.build import corpus
from eval import packaged
from recipes import ROOT, BadInput, Recipe
from recipes.fields import trl_fields
from sft import bases, check, lengths, machine, mixture, packing, sizes
from sft.lengths import Length
from sft.sizes import Parameters
from sft.threads import use_the_cores

Fact = dict[str, Any]
BINS, BAR = 8, 30  # of a histogram: rows, and characters of the longest
A100_BF16, SHARE = 312e12, 0.4  # FLOP/s of its data sheet, and what well-kept training runs get of it


@dataclass(frozen=True)
class Origin:
    """What a run starts from, as far as it can be seen here; without a processor, `why` says what bars the way."""

    parameters: Parameters | None
    processor: Any = None
    why: str = ""
    missing: list[str] = field(default_factory=list)
    kind: str = ""  # model_type of its config


def facts(recipe: Recipe) -> dict[str, Any]:
    """The plan of a fine-tuning run, beside what `--check` prints of it. BadInput for data that cannot be read; of data
    that are missing here, only how many rows their authors state."""
    is_missing = any(check.missing_sets(recipe))
    examples = [] if is_missing else mixture.load(recipe)
    use_the_cores()
    origin = origin_of(recipe)
    if is_missing:
        return _without_data(recipe, origin)
    from sft import lessons, small_model, stage

    samples = lessons.samples(recipe, examples)
    if recipe.model.init:
        texts = stage.corpus(samples)
        origin = replace(origin, processor=small_model.new_processor(recipe.model, texts))
    found = None
    if origin.processor:
        found = lengths.of_samples(origin.processor, samples)
    limit = recipe.sft.get("max_length")
    rows = [cut(length, limit) for length in found if length.fits(limit)] if found else None
    steps = _steps(recipe, rows, len(rows or examples))
    return {
        **seen(recipe, origin, examples),
        "tokens a sample": spread([length.tokens for length in found]) if found else unknown(origin),
        "over the limit": _over(limit, found, origin),
        "steps": steps,
        "tokens a step": _tokens_a_step(rows, steps, origin),
        **memory(recipe, origin, max(length.tokens for length in rows) if rows else None),
        "chosen here": machine.fact(recipe, origin.kind or None),
        "hours": _hours(recipe, rows, steps, origin),
    }


def _without_data(recipe: Recipe, origin: Origin) -> dict[str, Any]:
    """What can be said all the same; steps by the rows that a corpus is said to have, where they are not packed."""
    nothing = unknown(Origin(None, why="its data are missing here"))
    rows = [corpus.stated_rows(use.knobs.get("path")) if use.use == "built" else None for use in recipe.data.train]
    known = [n for n in rows if n]
    steps = nothing
    if len(known) == len(rows) and not recipe.sft.get("packing"):
        steps = _steps(recipe, None, sum(known))
        steps["text"] += f", were there the {sum(known):,} rows that are stated"
    facts = {**seen(recipe, origin, []), "examples": nothing, "steps": steps, **memory(recipe, origin, None)}
    return {**facts, "chosen here": machine.fact(recipe, origin.kind or None), "hours": nothing}


def origin_of(recipe: Recipe) -> Origin:
    """The checkpoint that the recipe starts from, if it is here or can be reached."""
    known = check.parameters(recipe)
    if recipe.model.init:
        return Origin(known, kind=sizes.init_config(recipe.model.init)["model_type"])
    if recipe.base and not bases.built(recipe):
        command = bases.must_be_built_by_hand(recipe)
        how = f"build it with: {command}" if command else "it is built first"
        base = f"the base {recipe.base.path}"
        return Origin(known, why=f"{base} is not built yet", missing=[f"{base} (not built yet; {how})"])
    name = bases.built(recipe) or recipe.model.name or ""
    is_here = check.path_of(name) is not None
    if not is_here:
        _stay_off_a_hub_out_of_reach()
    from sft import models

    try:
        config, processor = models.look_at(name, recipe.model)
    except BadInput as error:
        if is_here:
            raise
        lacking = [] if packaged.is_packaged(name) else [f"the tokenizer of {name} ({error})"]
        return Origin(known, why=f"the tokenizer of {name} is missing here", missing=lacking)
    source = os.path.relpath(name, ROOT) if os.path.isabs(name) else name
    found = sizes.of_config(config, source, recipe.model.lora) or known
    return Origin(found, processor, kind=config.get("model_type", ""))


def _stay_off_a_hub_out_of_reach(timeout_s: float = 3.0) -> None:
    """Without a way to the hub, ask only its cache: transformers would try again for three minutes."""
    url = urlsplit(os.environ.get("HF_ENDPOINT", "https://huggingface.co"))
    if os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy"):
        return  # the proxy knows the way
    try:
        socket.create_connection((url.hostname or "", url.port or 443), timeout_s).close()
    except OSError:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")


def unknown(origin: Origin) -> Fact:
    return {"text": f"not known: {origin.why or 'nothing here tells how large the model is'}"}


def seen(recipe: Recipe, origin: Origin, examples: Sequence[Any]) -> dict[str, Any]:
    """What every plan begins with, now that the checkpoint and the data were looked at."""
    return {
        "missing here": [*check.missing_here(recipe), *origin.missing],
        **check.model_facts(recipe, origin.parameters),
        "examples": len(examples),
    }


def spread(numbers: Sequence[int]) -> Fact:
    """Lowest, middle (the lower of two), 95th percentile (nearest rank), highest, and a histogram."""
    ordered = sorted(numbers)
    low, high = ordered[0], ordered[-1]
    marks = {
        "min": low,
        "median": ordered[(len(ordered) - 1) // 2],
        "p95": ordered[math.ceil(0.95 * len(ordered)) - 1],
        "max": high,
    }
    width = math.ceil((high - low + 1) / BINS)
    starts = range(low, high + 1, width)
    counts = [sum(start <= n < start + width for n in ordered) for start in starts]
    labels = [f"{start}-{min(start + width - 1, high)}" if width > 1 else str(start) for start in starts]
    margin, top = max(map(len, labels)), max(counts)
    bars = [f"{label:>{margin}}  {'#' * math.ceil(BAR * n / top)} {n}" for label, n in zip(labels, counts, strict=True)]
    head = ", ".join(f"{name} {value}" for name, value in marks.items())
    return {"text": "\n".join([head, *bars]), **marks, "histogram": dict(zip(labels, counts, strict=True))}


def memory(recipe: Recipe, origin: Origin, longest: int | None) -> dict[str, Fact]:
    """The parts of what a process holds, plain and sharded, and the largest block of logits; `longest` in tokens."""
    if origin.parameters is None:
        return {"memory, plain": unknown(origin)}
    found = sizes.memory(recipe, origin.parameters)
    facts = {"memory, plain": _parts(found, 1)}
    if (n := found.processes) > 1:
        for stage in (2, 3):
            shared = sizes.deepspeed(recipe, origin.parameters, stage)
            facts[f"memory, ZeRO-{stage} over {n}"] = _parts(shared, 1)
        facts[f"memory, FSDP over {n}"] = _parts(found, n)
    wanted = setting(recipe, "bf16")
    is_half = setting(recipe, "fp16") or (on_gpu(recipe) if wanted is None else wanted)
    batch = setting(recipe, "per_device_train_batch_size")
    block = sizes.largest_logits(origin.parameters, batch * longest if longest else None, 2 if is_half else 4)
    return {**facts, "largest logits": {"text": f"{sizes.gigabytes(block)} at once", "gb": round(block / sizes.GB, 3)}}


def _parts(found: sizes.Memory, shards: int) -> Fact:
    names = ("weights", "gradients", "optimizer", "reference")
    parts = {name: getattr(found, name) / shards for name in names} | {"vLLM": found.rollouts}
    held = {name: size for name, size in parts.items() if size}
    asleep = ", asleep during the update" if found.sleeps and found.rollouts else ""
    text = ", ".join(f"{name} {sizes.gigabytes(size)}" for name, size in held.items()) + asleep
    needed = found.needed(shards)
    return {
        "text": f"{text}: {sizes.gigabytes(needed)} a process at once",
        **{f"{name}_gb": round(size / sizes.GB, 3) for name, size in parts.items()},
        "needed_gb": round(needed / sizes.GB, 3),
    }


def setting(recipe: Recipe, name: str) -> Any:
    """What the recipe says, else TRL's default."""
    kind, values = ("GRPOConfig", recipe.grpo) if recipe.kind == "grpo" else ("SFTConfig", recipe.sft)
    value = values.get(name)
    return trl_fields(kind)[name].default if value is None else value


def on_gpu(recipe: Recipe) -> bool:
    device = recipe.run.hardware.device
    return device == "cuda" or (device == "any" and check.has_gpu())


def flops_read(parameters: Parameters, samples: Sequence[Length]) -> float:
    """FLOP to read the samples once: 2 for each parameter that a token meets. Attention is not counted."""
    words, patches = sum(s.tokens for s in samples), sum(s.image_tokens for s in samples)
    return 2.0 * (parameters.per_token * words + parameters.per_image_token * patches)


def flops_trained(parameters: Parameters) -> int:
    """How often a trained token costs what a read one costs: 6N to 2N; LoRA needs no gradients of the weights."""
    return 3 if parameters.adapter is None else 2


def speed(recipe: Recipe) -> tuple[float, str]:
    """FLOP/s of all processes, and where the number comes from."""
    if on_gpu(recipe):
        n = recipe.run.hardware.processes
        return n * SHARE * A100_BF16, f"{n} x {SHARE:.0%} of {A100_BF16 / 1e12:.0f} TFLOP/s (assumed: an A100 in bf16)"
    rate = _measured_speed()
    return rate, f"{rate / 1e9:.0f} GFLOP/s (measured just now: fp32 matrix products)"


def _measured_speed(budget_s: float = 0.25, size: int = 768) -> float:
    """FLOP/s of the best of a few fp32 matrix products on this machine."""
    import torch

    left, right = torch.ones(size, size), torch.ones(size, size)
    best, end = math.inf, time.perf_counter() + budget_s
    while best == math.inf or time.perf_counter() < end:
        start = time.perf_counter()
        torch.mm(left, right)
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best


def cut(length: Length, limit: int | None) -> Length:
    return length if limit is None else Length(min(length.tokens, limit), length.image_tokens)


def _over(limit: int | None, found: list[Length] | None, origin: Origin) -> Fact:
    context = limit or (origin.parameters.context if origin.parameters else None)
    if not found or not context:
        return unknown(origin)
    over = sum(length.tokens > context for length in found)
    why = f"sft.max_length {limit}, where they are cut" if limit else f"{context}, what the model was made for"
    return {"text": f"{over} of {len(found)} samples above {why}", "n": over, "limit": context}


def _steps(recipe: Recipe, rows: list[Length] | None, examples: int) -> Fact:
    """Optimizer steps as transformers' Trainer counts them."""
    if rows and recipe.sft.get("packing"):
        examples = len(packing.best_fit([length.tokens for length in rows], recipe.sft["max_length"]))
    micro = setting(recipe, "per_device_train_batch_size") * recipe.run.hardware.processes
    accumulation = setting(recipe, "gradient_accumulation_steps")
    drops_last = recipe.sft.get("dataloader_drop_last")
    an_epoch = max(1, math.ceil((examples // micro if drops_last else math.ceil(examples / micro)) / accumulation))
    steps, epochs = steps_and_epochs(recipe, an_epoch)
    batch = min(micro * accumulation, examples)
    text = f"{steps:,} of {batch:,} samples each: {epochs:.2f} epochs"
    return {"text": text, "n": steps, "epochs": epochs, "samples": batch}


def steps_and_epochs(recipe: Recipe, an_epoch: int) -> tuple[int, float]:
    """How many optimizer steps are made, and how often the data are gone through, by max_steps or num_train_epochs."""
    limit, epochs = setting(recipe, "max_steps"), setting(recipe, "num_train_epochs")
    return (limit, limit / an_epoch) if limit > 0 else (math.ceil(epochs * an_epoch), epochs)


def _tokens_a_step(rows: list[Length] | None, steps: Fact, origin: Origin) -> Fact:
    if not rows:
        return unknown(origin)
    mean = round(steps["samples"] * sum(length.tokens for length in rows) / len(rows))
    return {"text": f"{mean:,}", "n": mean}


def _hours(recipe: Recipe, rows: list[Length] | None, steps: Fact, origin: Origin) -> Fact:
    if not rows or origin.parameters is None:
        return unknown(origin)
    frozen, usual = sizes.frozen(recipe), flops_trained(origin.parameters)
    llm = 2 if "llm" in frozen else usual  # gradients pass through it to what is trained
    tower = 1 if "vision" in frozen else usual  # none need to reach it
    read = flops_read(replace(origin.parameters, per_image_token=0), rows)
    flops = (llm * read + tower * (flops_read(origin.parameters, rows) - read)) * steps["epochs"]
    rate, words = speed(recipe)
    hours = flops / rate / 3600
    other = "" if llm == tower else f", of the vision tower {2 * tower}"
    text = (
        f"at least {hours:.2g}: {2 * llm} FLOP a parameter and token{other}, at {words}; without attention and padding"
    )
    return {"text": text, "low": hours, "flops": flops}
