"""Settings that follow from the machine rather than the recipe."""

from importlib.util import find_spec
from typing import Any

import torch


def on_this_device(settings: dict[str, Any]) -> dict[str, Any]:
    """TRL's settings with what a machine without a GPU cannot do switched off.

    TRL turns on bf16 and gradient checkpointing by default; on a CPU both only cost time. What the recipe itself
    says stays as it is.
    """
    if torch.cuda.is_available():
        return dict(settings)
    return {"use_cpu": True, "bf16": False, "gradient_checkpointing": False, **settings}


def attention() -> str | None:
    """Flash attention where it is installed and there is a GPU for it; None: transformers' choice, which `segments`
    then replaces in the language model."""
    return "flash_attention_2" if torch.cuda.is_available() and find_spec("flash_attn") else None
