"""Load any checkpoint of the family: a hub id, a local folder, or a GGUF file (converted once and cached)."""

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    AutoTokenizer,
    PreTrainedModel,
)
from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES

from eval import checkpoints
from eval.engines import text_tokenizer
from recipes import ROOT, BadInput
from recipes.schema import Model
from sft import packaged

# What a GGUF file adds to the config that an ordinary checkpoint must not have.
GGUF_KEYS = ("quantization_config", "dtype", "architectures", "_name_or_path", "transformers_version")
# What a checkpoint that is none raises: a missing or torn file, a config of another kind, sizes that do not fit
UNREADABLE = (OSError, ValueError, RuntimeError, SafetensorError)


def load_model(name: str, *, revision: str | None = None, dtype: torch.dtype = torch.float32) -> PreTrainedModel:
    """The model of checkpoint `name`; vision-language or text, as its config says.

    Raises BadInput where `name` is no checkpoint, naming what is missing.
    """
    try:
        config = AutoConfig.from_pretrained(name, revision=revision)
        is_vision = config.model_type in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES
        auto: Any = AutoModelForImageTextToText if is_vision else AutoModelForCausalLM
        model, report = auto.from_pretrained(
            name, revision=revision, config=config, dtype=dtype, output_loading_info=True
        )
    except UNREADABLE as error:
        raise BadInput([f"model {name}: cannot be loaded: {first_line(error)}"]) from error
    if missing := sorted(report["missing_keys"]):  # transformers would go on with random numbers in their place
        raise BadInput([f"model {name}: its weights lack {len(missing)} tensors, such as {missing[0]}; fetch it again"])
    return model


def load_processor(
    name: str, *, revision: str | None = None, min_pixels: int | None = None, max_pixels: int | None = None
) -> Any:
    """The processor of a vision-language checkpoint, the tokenizer of a text one. Areas are in pixels."""
    try:
        processor = checkpoints.load_processor(name, revision=revision, **pixel_budget(min_pixels, max_pixels))
    except UNREADABLE as error:
        raise BadInput([f"model {name}: no processor or tokenizer: {first_line(error)}"]) from error
    if not text_tokenizer(processor)("word")["input_ids"]:  # without its file, transformers makes an empty one
        raise BadInput([f"model {name}: its tokenizer has no vocabulary; is tokenizer.json missing?"])
    return processor


def look_at(name: str, settings: Model) -> tuple[dict[str, Any], Any]:
    """The config of checkpoint `name`, and its processor by the recipe's settings; no weights, nothing is converted."""
    path = _file(name)
    try:
        if path.suffix == ".gguf" and not _cached(path).exists():
            config = AutoConfig.from_pretrained(**_source(path))
            return config.to_dict(), _tokenizer(_source(path), config)
        place = local_checkpoint(name)
        config = AutoConfig.from_pretrained(place, revision=settings.revision)
    except UNREADABLE as error:
        raise BadInput([f"model {name}: cannot be read: {first_line(error)}"]) from error
    pixels = {"min_pixels": settings.min_pixels, "max_pixels": settings.max_pixels}
    return config.to_dict(), load_processor(place, revision=settings.revision, **pixels)


def pixel_budget(min_pixels: int | None, max_pixels: int | None) -> dict[str, int]:
    """The settings that were given, under the names of Qwen's image processor."""
    return {k: v for k, v in {"min_pixels": min_pixels, "max_pixels": max_pixels}.items() if v is not None}


def local_checkpoint(name: str) -> str:
    """`name` as `from_pretrained` takes it: GGUF files become a cached safetensors folder, paths absolute.

    `package:NAME/file` is a file inside an installed Python package.
    """
    path = _file(name)
    if path.suffix == ".gguf":
        return str(convert_gguf(path))
    return str(path) if path.is_dir() else name


def _file(name: str) -> Path:
    return packaged.locate(name) if packaged.is_packaged(name) else ROOT / name


def convert_gguf(path: Path) -> Path:
    """Write the GGUF model at `path` as a bf16 safetensors checkpoint, once; return its folder.

    A model that transformers loads from GGUF refuses to be saved ("not serializable"), so its weights move into
    a fresh one built from the same config.
    """
    folder = _cached(path)
    if (folder / "model.safetensors").exists():
        return folder
    source = _source(path)
    try:
        loaded = AutoModelForCausalLM.from_pretrained(**source)
    except UNREADABLE as error:
        raise BadInput([f"model {path}: cannot be converted: {first_line(error)}"]) from error
    settings = {k: v for k, v in loaded.config.to_dict().items() if k not in GGUF_KEYS}
    fresh: Any = type(loaded)(type(loaded.config)(**settings))
    fresh = fresh.to(dtype=torch.bfloat16)
    fresh.load_state_dict(loaded.state_dict())
    partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
    fresh.save_pretrained(partial)
    _tokenizer(source, loaded.config).save_pretrained(partial)
    try:
        partial.rename(folder)
    except OSError:  # another process was quicker
        shutil.rmtree(partial)
    return folder


def _cached(path: Path) -> Path:
    """Where the converted checkpoint of the GGUF file at `path` lies, or is going to lie."""
    if not path.is_file():
        raise BadInput([f"model {path}: no such file"])
    stat = path.stat()
    key = hashlib.sha256(f"{path.resolve()}:{stat.st_size}:{stat.st_mtime_ns}".encode()).hexdigest()[:12]
    return ROOT / ".cache" / "gguf" / f"{path.stem}-{key}"


def _source(path: Path) -> dict[str, str]:
    """A GGUF file as `from_pretrained` takes it."""
    return {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}


def _tokenizer(source: dict[str, str], config: Any) -> Any:
    """The GGUF file's tokenizer, its special tokens named by the model's config.

    Left to itself, transformers 5.17 takes a llama GGUF's begin token for its end token and finds no padding token:
    no completion would then be seen to end.
    """
    tokenizer = AutoTokenizer.from_pretrained(**source)
    for role in ("bos", "eos", "pad"):
        token_id = getattr(config, f"{role}_token_id")
        if token_id is not None:
            setattr(tokenizer, f"{role}_token", tokenizer.convert_ids_to_tokens(token_id))
    return tokenizer


def first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
