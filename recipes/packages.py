"""Which packages a recipe needs that this machine lacks, found out without importing any."""

from importlib.util import find_spec

from .fields import trl_fields
from .recipe import Recipe

ALWAYS = ("torch", "transformers", "trl", "accelerate", "datasets")
OPTIONAL = ("vllm", "peft")


def missing_packages(recipe: Recipe | None = None) -> list[str]:
    """The packages that a run of `recipe` imports and that are not installed; without one, that any run may import."""
    return [name for name in (_needed(recipe) if recipe else (*ALWAYS, *OPTIONAL)) if not _is_installed(name)]


def _needed(recipe: Recipe) -> list[str]:
    settings = recipe.grpo or recipe.sft
    default = trl_fields("GRPOConfig").get("use_vllm")
    wishes = {
        "vllm": recipe.kind == "grpo" and recipe.grpo.get("use_vllm", default.default if default else False),
        "peft": recipe.model.lora is not None,
        "gguf": (recipe.model.name or "").endswith(".gguf"),
        "deepspeed": bool(settings.get("deepspeed")),
        "liger_kernel": settings.get("use_liger_kernel") is True,
        "bitsandbytes": recipe.model.quantization_config is not None or _is_of_bitsandbytes(settings.get("optim")),
        "flash_attn": recipe.model.attn_implementation == "flash_attention_2" and not _is_installed("kernels"),
    }
    trackers = [name for name in recipe.run.report_to if name != "none"]
    return [*ALWAYS, *(name for name, wished in wishes.items() if wished), *trackers]


def _is_of_bitsandbytes(optimizer: str | None) -> bool:
    """transformers' names: adamw_bnb_8bit, paged_lion_32bit, ...; adamw_torch_8bit is torchao's."""
    name = optimizer or ""
    return "torch" not in name and any(word in name for word in ("bnb", "paged", "8bit"))


def _is_installed(name: str) -> bool:
    spec = find_spec(name)
    return spec is not None and spec.origin is not None  # a folder such as ./wandb is no package, and has no origin
