"""What is chosen for the machine where the recipe says nothing, each with its reason, and what the machine cannot do of
what the recipe says. Imports torch only to look (`here`)."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from recipes import BadInput, Recipe

SEGMENTS = "segments"  # sft/segments.py
FLASH = "flash_attention_2"
AMPERE = (8, 0)  # compute capability from which a GPU has bf16 and flash attention
# Models whose kernels were held against transformers' own, gradients included (tests/sft/test_liger.py)
LIGER = ("llama", "qwen2", "qwen2_5_vl", "qwen3", "qwen3_vl")
RECIPE = "as the recipe says"
NONE = "no GPU"


@dataclass(frozen=True)
class Machine:
    """gpu: its name, None without one; of several the first. capability: its compute capability. packages: those of
    flash_attn and liger_kernel that are installed."""

    gpu: str | None = None
    capability: tuple[int, int] = (0, 0)
    packages: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.gpu}, compute capability {'.'.join(map(str, self.capability))}" if self.gpu else NONE


@dataclass(frozen=True)
class Choice:
    """What was chosen and why; settings: how TRL is told, by its own names."""

    name: str
    value: str
    why: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name}: {self.value} ({self.why})"


def here() -> Machine:
    import torch

    packages = frozenset(name for name in ("flash_attn", "liger_kernel") if find_spec(name))
    if not torch.cuda.is_available():
        return Machine(packages=packages)
    return Machine(torch.cuda.get_device_name(), torch.cuda.get_device_capability(), packages)


def choices(
    machine: Machine, given: Mapping[str, Any], *, attention: str | None = None, kind: str | None = None
) -> list[Choice]:
    """One for each matter, in the order in which they are printed.

    given: the recipe's `sft`; attention: its `model.attn_implementation`; kind: model_type of the checkpoint's config,
    None where that is not known yet.
    """
    if given.get("use_cpu"):
        machine = Machine(packages=machine.packages)
    precision = _precision(machine, given)
    return [
        _device(machine, given),
        precision,
        _attention(machine, attention, precision.value),
        _optimizer(given),
        _checkpointing(machine, given),
        _liger(machine, given, kind),
        _offload(given),
        _compile(given),
    ]


def on_this_device(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of any of TRL's trainers, with device, precision and checkpoints of activations by the machine where
    they say nothing."""
    machine = here()
    chosen = [_device(machine, settings), _precision(machine, settings), _checkpointing(machine, settings)]
    return {**told(chosen), **settings}


def told(chosen: Sequence[Choice]) -> dict[str, Any]:
    """TRL's settings for what was chosen."""
    return {name: value for one in chosen for name, value in one.settings.items()}


def of_recipe(recipe: Recipe, kind: str | None = None) -> list[Choice]:
    """What is chosen here for a recipe; BadInput where it asks for what this machine cannot do."""
    machine = here()
    if found := list(problems(machine, recipe, kind)):
        raise BadInput(found)
    return choices(machine, recipe.sft, attention=recipe.model.attn_implementation, kind=kind)


def fact(recipe: Recipe, kind: str | None = None) -> dict[str, Any]:
    """The same as a fact of `--plan`; what would be refused here stands at its end, since another machine may do it."""
    machine = here()
    chosen = choices(machine, recipe.sft, attention=recipe.model.attn_implementation, kind=kind)
    refused = list(problems(machine, recipe, kind))
    text = "\n".join([*map(str, chosen), *(f"refused here: {line}" for line in refused)])
    return {"text": text, **{one.name: one.value for one in chosen}, "refused": refused}


def say(lines: Sequence[Choice | str]) -> None:
    """A line each, from the first process alone."""
    if os.environ.get("RANK", "0") == "0":
        print("\n".join(map(str, lines)), flush=True)


def problems(machine: Machine, recipe: Recipe, kind: str | None = None) -> Iterator[str]:
    """What the recipe asks for and this machine cannot do, a line each; packages that lack are named by --check."""
    given, attention = recipe.sft, recipe.model.attn_implementation or ""
    machine = Machine(packages=machine.packages) if given.get("use_cpu") else machine
    found: dict[str, str] = {}
    if machine.gpu is None:
        for name, what in NEED_A_GPU.items():
            if given.get(name) is True:
                found[f"sft.{name}"] = f"{what} a GPU, and there is none here; remove it"
    elif machine.capability < AMPERE and given.get("bf16") is True:
        found["sft.bf16"] = f"there is none on this GPU ({machine}); set sft.fp16: true, or remove both"
    if "flash" in attention:
        if machine.capability < AMPERE:
            found["model.attn_implementation"] = f"{attention} needs compute capability 8.0, here is {machine}"
        elif _precision(machine, given).value == "fp32":
            found["model.attn_implementation"] = f"{attention} computes in bf16 or fp16 alone; set sft.bf16: true"
    if given.get("use_liger_kernel") is True and kind is not None and kind not in LIGER:
        found.setdefault("sft.use_liger_kernel", f"no kernels were tested for a model of type {kind}; remove it")
    if (given.get("liger_kernel_config") or {}).get("fused_linear_cross_entropy"):
        text = "fused_linear_cross_entropy would take the place of TRL's own fused head; remove it"
        found["sft.liger_kernel_config"] = text
    return (recipe.problem(key, text) for key, text in found.items())


NEED_A_GPU = {
    "fp16": "training in fp16 needs",
    "use_liger_kernel": "Liger's kernels need",
    "activation_offloading": "activations are moved off",
}


def _device(machine: Machine, given: Mapping[str, Any]) -> Choice:
    if given.get("use_cpu"):
        return Choice("device", "CPU", RECIPE)
    if machine.gpu is None:
        return Choice("device", "CPU", NONE, {"use_cpu": True})
    return Choice("device", "GPU", str(machine))


def _precision(machine: Machine, given: Mapping[str, Any]) -> Choice:
    """Of what is computed; the weights stay in fp32, but for those of few bits."""
    for name in ("bf16", "fp16"):
        if given.get(name):
            return Choice("precision", name, RECIPE)
    if given.get("bf16") is False:
        return Choice("precision", "fp32", RECIPE)
    if machine.gpu is None:
        return Choice("precision", "fp32", f"{NONE}: bf16 costs time there", {"bf16": False})
    if machine.capability < AMPERE:
        return Choice("precision", "fp32", "this GPU has no bf16; sft.fp16: true is faster", {"bf16": False})
    return Choice("precision", "bf16", "this GPU has it; the weights are kept in fp32", {"bf16": True})


def _attention(machine: Machine, wanted: str | None, precision: str) -> Choice:
    if wanted is not None:
        return Choice("attention", wanted, RECIPE)
    if machine.gpu is None:
        why = NONE
    elif "flash_attn" not in machine.packages:
        why = "flash-attn is not installed"
    elif machine.capability < AMPERE:
        why = "flash attention needs compute capability 8.0"
    elif precision == "fp32":
        why = "flash attention computes in bf16 or fp16 alone"
    else:
        return Choice("attention", FLASH, "flash-attn is installed")
    return Choice("attention", SEGMENTS, why)


def _optimizer(given: Mapping[str, Any]) -> Choice:
    if "optim" in given:
        return Choice("optimizer", str(given["optim"]), RECIPE)
    name = "adamw_torch_fused"
    return Choice("optimizer", name, "one kernel for many weights", {"optim": name})


def _checkpointing(machine: Machine, given: Mapping[str, Any]) -> Choice:
    name, setting = "gradient checkpointing", "gradient_checkpointing"
    if given.get(setting) is not None:
        return Choice(name, _on(given[setting]), RECIPE)
    if machine.gpu is None:
        return Choice(name, "off", f"{NONE}: it saves memory and costs time", {setting: False})
    return Choice(name, "on", "memory runs short on a GPU first", {setting: True})


def _liger(machine: Machine, given: Mapping[str, Any], kind: str | None) -> Choice:
    """The kernels of its layers; the head and the loss stay TRL's, which switches Liger's off."""
    if given.get("use_liger_kernel") is not None:
        return Choice("liger", _on(given["use_liger_kernel"]), RECIPE)
    if machine.gpu is None:
        why = NONE
    elif "liger_kernel" not in machine.packages:
        why = "liger-kernel is not installed"
    elif kind is None:
        why = "the model is not known here yet"
    elif kind not in LIGER:
        why = f"not tested with {kind}"
    else:
        return Choice("liger", "on", "the kernels of its layers; not the loss", {"use_liger_kernel": True})
    return Choice("liger", "off", why)


def _offload(given: Mapping[str, Any]) -> Choice:
    if given.get("activation_offloading") is not None:
        return Choice("activation offload", _on(given["activation_offloading"]), RECIPE)
    return Choice("activation offload", "off", "costs speed; sft.activation_offloading: true where memory runs out")


def _compile(given: Mapping[str, Any]) -> Choice:
    if any(given.get(name) for name in ("torch_compile", "torch_compile_backend", "torch_compile_mode")):
        return Choice("torch.compile", "on", RECIPE)
    if given.get("torch_compile") is False:
        return Choice("torch.compile", "off", RECIPE)
    return Choice("torch.compile", "off", "rows of many lengths are compiled again and again")


def _on(value: Any) -> str:
    return "on" if value else "off"
