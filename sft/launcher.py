"""What the launcher was asked for against what the recipe says and training does: nothing is ignored without a word.

Read from the variables that `accelerate launch` and torchrun leave, and from the recipe. Imports no torch.
"""

import json
import os
import socket
from collections.abc import Iterator, Mapping
from typing import Any

from recipes import BadInput, Recipe
from recipes.paths import from_here

PARALLEL = ("TP", "CP", "SP")  # of accelerate's parallelism_config: ways to divide a row
Environment = Mapping[str, str]


def refuse(recipe: Recipe) -> None:
    """BadInput, all reasons at once, where the processes would not train as launcher and recipe ask."""
    if problems := [*_lone_process(os.environ), *_busy_port(os.environ), *_contradictions(recipe, os.environ)]:
        raise BadInput(problems)


def shares_out(recipe: Recipe) -> bool:
    """Whether DeepSpeed or FSDP is asked for, by the recipe or the launcher."""
    settings = recipe.grpo or recipe.sft
    return any(_is_asked_for(name, settings, os.environ) for name in ("deepspeed", "fsdp"))


def has_gpu() -> bool:
    """Whether the NVIDIA driver shows a device; without torch, since its import costs seconds."""
    return os.path.exists("/proc/driver/nvidia/version") or os.path.exists("/dev/nvidia0")


def _lone_process(given: Environment) -> Iterator[str]:
    """`accelerate launch --num_processes 2` on a CPU or a single GPU starts one process and says nothing.

    Its only trace is an address where the processes should have met, without a number of them.
    """
    if {"ACCELERATE_MIXED_PRECISION", "MASTER_ADDR"} <= given.keys() and "WORLD_SIZE" not in given:
        yield (
            "accelerate launch was asked for several processes, but started one (MASTER_ADDR is set, WORLD_SIZE is "
            "not); on a CPU use: torchrun --nproc_per_node N SCRIPT RECIPE"
        )


def _busy_port(given: Environment) -> Iterator[str]:
    """The first process opens MASTER_PORT only once the model is loaded; torchrun has opened its own by then."""
    port = given.get("MASTER_PORT", "")
    is_first = given.get("RANK", "0") == "0"
    if port in ("", "0", "auto") or not is_first or given.get("TORCHELASTIC_USE_AGENT_STORE") == "True":
        return  # nobody's port, or one that TRL chooses
    if not port.isdigit() or int(port) > 65535:
        yield f"MASTER_PORT={port} is no port: use 1 to 65535, or unset it to have a free one chosen"
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was left a moment ago is free
        try:
            probe.bind(("", int(port)))
        except OSError as error:
            yield f"MASTER_PORT={port} cannot be used ({error.strerror}): unset it to have a free one chosen"


def _contradictions(recipe: Recipe, given: Environment) -> Iterator[str]:
    settings = recipe.grpo or recipe.sft
    yield from _processes(recipe, given)
    yield from _precision(recipe, settings, given)
    if _is_asked_for("deepspeed", settings, given):
        yield from _deepspeed(recipe, settings, given)
    if _is_asked_for("fsdp", settings, given):
        yield from _fsdp(recipe, settings, given)
    if _is_on(given, "ACCELERATE_USE_MEGATRON_LM"):
        yield "the launcher asks for Megatron-LM, which transformers' trainer does not use; take zero3.yaml instead"
    for kind in PARALLEL:
        if (n := given.get(f"PARALLELISM_CONFIG_{kind}_SIZE", "1")) not in ("", "0", "1"):
            yield f"the launcher's parallelism_config has {kind.lower()}_size {n}, but rows are not divided; remove it"


def _processes(recipe: Recipe, given: Environment) -> Iterator[str]:
    """The batch, and with it every step, is as large as there are processes."""
    stated, started = recipe.run.hardware, int(given.get("WORLD_SIZE") or 1)
    if stated.device == "cuda" and started != stated.processes:
        text = f"is {stated.gpus}, by which batch, steps and memory are judged, but {started} processes were started"
        yield recipe.problem("run.hardware.gpus", f"{text}; start {stated.gpus}, or set run.hardware.gpus={started}")


def _precision(recipe: Recipe, settings: Mapping[str, Any], given: Environment) -> Iterator[str]:
    """transformers takes the launcher's where the recipe says no bf16 and no fp16, and the recipe's elsewhere. What a
    recipe leaves to the machine is compared once that has chosen (`Processes.verify`)."""
    asked, kind = given.get("ACCELERATE_MIXED_PRECISION", "no"), recipe.kind
    bf16 = settings.get("bf16")
    wanted = "fp16" if settings.get("fp16") else "bf16" if bf16 else "no" if bf16 is False else asked
    if asked not in ("no", wanted):
        text = f"the launcher's mixed_precision is {asked}, but the recipe's precision is {wanted}"
        yield f'{recipe.path}: {text}; set mixed_precision: "no" there, and {kind}.bf16 or {kind}.fp16 here'


def _deepspeed(recipe: Recipe, settings: Mapping[str, Any], given: Environment) -> Iterator[str]:
    """Each value that is not "auto" must be the recipe's; what replaces the trainer's own is refused."""
    config, where = _deepspeed_config(settings, given)
    for section, instead in (("optimizer", "optim"), ("scheduler", "lr_scheduler_type")):
        if section in config:
            text = f"{where} has a {section} of its own, which knows no learning rates by part"
            yield f"{text}; remove it and set {recipe.kind}.{instead}"
    zero = config.get("zero_optimization") or {}
    if zero.get("stage") == 3 and zero.get("stage3_gather_16bit_weights_on_model_save") is not True:
        text = f"{where} saves no whole weights, and no checkpoint could be loaded"
        yield f"{text}; set zero3_save_16bit_model (stage3_gather_16bit_weights_on_model_save) to true"
    for name, setting, usual, unsaid in (
        ("gradient_accumulation_steps", "gradient_accumulation_steps", 1, 1),  # accelerate writes 1 where none is said
        ("train_micro_batch_size_per_gpu", "per_device_train_batch_size", 8, "auto"),
        ("gradient_clipping", "max_grad_norm", 1.0, "auto"),
    ):
        asked, said = config.get(name, unsaid), settings.get(setting, usual)
        if str(asked) not in ("auto", str(said), f"{said:g}"):
            text = f"{where} has {name} {asked}, the recipe {recipe.kind}.{setting} {said}"
            yield f'{text}; set "auto" there'


def _deepspeed_config(settings: Mapping[str, Any], given: Environment) -> tuple[dict[str, Any], str]:
    """DeepSpeed's settings, and the words for where they stand; what accelerate's own keys say in DeepSpeed's."""
    source = settings.get("deepspeed") or given.get("ACCELERATE_DEEPSPEED_CONFIG_FILE", "none")
    if source != "none":
        return _read(source), f"DeepSpeed's {'config' if isinstance(source, dict) else source}"
    named = {
        "gradient_accumulation_steps": given.get("ACCELERATE_GRADIENT_ACCUMULATION_STEPS", "auto"),
        "gradient_clipping": given.get("ACCELERATE_GRADIENT_CLIPPING", "auto"),
    }
    zero = {
        "stage": int(given.get("ACCELERATE_DEEPSPEED_ZERO_STAGE", "2")),
        "stage3_gather_16bit_weights_on_model_save": _is_on(given, "ACCELERATE_DEEPSPEED_ZERO3_SAVE_16BIT_MODEL"),
    }
    return {"zero_optimization": zero, **named}, "the launcher's deepspeed_config"


def _fsdp(recipe: Recipe, settings: Mapping[str, Any], given: Environment) -> Iterator[str]:
    """Of FSDP 1 and 2 the second, and whole weights in what is saved; without a word both are the other way."""
    if settings.get("fsdp"):
        config = {name.removeprefix("fsdp_"): value for name, value in _read(settings.get("fsdp_config") or {}).items()}
        where = f"{recipe.kind}.fsdp_config has"
        version, kind = config.get("version", 2), config.get("state_dict_type", "FULL_STATE_DICT")
    else:
        where = "the launcher's fsdp_config has"
        version, kind = given.get("FSDP_VERSION", "1"), given.get("FSDP_STATE_DICT_TYPE", "SHARDED_STATE_DICT")
    if str(version) != "2":
        yield f"{where} fsdp_version {version}, which melts parts of different rates into one; set fsdp_version: 2"
    if kind != "FULL_STATE_DICT":
        text = f"{where} fsdp_state_dict_type {kind}, which saves no whole weights, and no checkpoint could be loaded"
        yield f"{text}; set fsdp_state_dict_type: FULL_STATE_DICT"


def _read(source: dict[str, Any] | str) -> dict[str, Any]:
    """A config that is written out, or in a JSON file; BadInput where that cannot be read."""
    if isinstance(source, dict):
        return source
    try:
        return json.loads(from_here(source).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput([f"{source} cannot be read: {error}"]) from None


def _is_asked_for(name: str, settings: Mapping[str, Any], given: Environment) -> bool:
    return bool(settings.get(name)) or _is_on(given, f"ACCELERATE_USE_{name.upper()}")


def _is_on(given: Environment, name: str) -> bool:
    return given.get(name, "false").lower() in ("true", "1")
