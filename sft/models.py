"""Load any checkpoint of the family: a hub id, a local folder, or a GGUF file (converted once and cached)."""

import hashlib
import os
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    AutoTokenizer,
    PreTrainedModel,
)
from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES

from eval import checkpoints
from recipes import ROOT, BadInput

# What a GGUF file adds to the config that an ordinary checkpoint must not have.
GGUF_KEYS = ("quantization_config", "dtype", "architectures", "_name_or_path", "transformers_version")


def load_model(name: str, *, revision: str | None = None, dtype: torch.dtype = torch.float32) -> PreTrainedModel:
    """The model of checkpoint `name`; vision-language or text, as its config says.

    Raises BadInput where `name` is no checkpoint, naming what is missing.
    """
    try:
        config = AutoConfig.from_pretrained(name, revision=revision)
        is_vision = config.model_type in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES
        auto = AutoModelForImageTextToText if is_vision else AutoModelForCausalLM
        return auto.from_pretrained(name, revision=revision, config=config, dtype=dtype)
    except (OSError, ValueError) as error:
        raise BadInput([f"model {name}: cannot be loaded: {first_line(error)}"]) from error


def load_processor(
    name: str, *, revision: str | None = None, min_pixels: int | None = None, max_pixels: int | None = None
) -> Any:
    """The processor of a vision-language checkpoint, the tokenizer of a text one. Areas are in pixels."""
    try:
        return checkpoints.load_processor(name, revision=revision, **pixel_budget(min_pixels, max_pixels))
    except (OSError, ValueError) as error:
        raise BadInput([f"model {name}: no processor or tokenizer: {first_line(error)}"]) from error


def pixel_budget(min_pixels: int | None, max_pixels: int | None) -> dict[str, int]:
    """The settings that were given, under the names of Qwen's image processor."""
    return {k: v for k, v in {"min_pixels": min_pixels, "max_pixels": max_pixels}.items() if v is not None}


def local_checkpoint(name: str) -> str:
    """`name` as `from_pretrained` takes it: GGUF files become a cached safetensors folder, paths absolute."""
    path = ROOT / name
    if path.suffix == ".gguf":
        return str(convert_gguf(path))
    return str(path) if path.is_dir() else name


def convert_gguf(path: Path) -> Path:
    """Write the GGUF model at `path` as a bf16 safetensors checkpoint, once; return its folder.

    A model that transformers loads from GGUF refuses to be saved ("not serializable"), so its weights move into
    a fresh one built from the same config.
    """
    if not path.is_file():
        raise BadInput([f"model {path}: no such file"])
    stat = path.stat()
    key = hashlib.sha256(f"{path.resolve()}:{stat.st_size}:{stat.st_mtime_ns}".encode()).hexdigest()[:12]
    folder = ROOT / ".cache" / "gguf" / f"{path.stem}-{key}"
    if (folder / "model.safetensors").exists():
        return folder
    source = {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}
    loaded = AutoModelForCausalLM.from_pretrained(**source)
    settings = {k: v for k, v in loaded.config.to_dict().items() if k not in GGUF_KEYS}
    fresh: Any = type(loaded)(type(loaded.config)(**settings))
    fresh = fresh.to(dtype=torch.bfloat16)
    fresh.load_state_dict(loaded.state_dict())
    partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
    fresh.save_pretrained(partial)
    AutoTokenizer.from_pretrained(**source).save_pretrained(partial)
    partial.rename(folder)
    return folder


def first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
