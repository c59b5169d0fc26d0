"""GGUF files as checkpoints that every engine and trainer loads: converted once, and kept in .cache/gguf."""

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

from eval import packaged
from recipes import ROOT, BadInput

# What a GGUF file adds to the config that an ordinary checkpoint must not have.
ADDED = ("quantization_config", "dtype", "architectures", "_name_or_path", "transformers_version")


def local_checkpoint(name: str) -> str:
    """`name` as `from_pretrained` takes it: GGUF files become a cached safetensors folder, paths absolute.

    `package:NAME/file` is a file inside an installed Python package.
    """
    path = located(name)
    if path.suffix == ".gguf":
        return str(convert_gguf(path))
    return str(path) if path.is_dir() else name


def located(name: str) -> Path:
    """The file or folder that `name` means, there or not."""
    return packaged.locate(name) if packaged.is_packaged(name) else ROOT / name


def convert_gguf(path: Path) -> Path:
    """Write the GGUF model at `path` as a bf16 safetensors checkpoint, once; return its folder.

    A model that transformers loads from GGUF refuses to be saved ("not serializable"), so its weights move into
    a fresh one built from the same config.
    """
    folder = _cached(path)
    if (folder / "model.safetensors").exists():
        return folder
    import torch
    from transformers import AutoModelForCausalLM

    source = _source(path)
    try:
        loaded = AutoModelForCausalLM.from_pretrained(**source)
    except (OSError, ValueError, RuntimeError) as error:  # what a file that is none raises
        line = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise BadInput([f"model {path}: cannot be converted: {line}"]) from error
    settings = {k: v for k, v in loaded.config.to_dict().items() if k not in ADDED}
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


def peek(path: Path) -> tuple[dict[str, Any], Any] | None:
    """Config and tokenizer of a GGUF file that has not been converted yet; None for anything else."""
    if path.suffix != ".gguf" or _cached(path).exists():
        return None
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(**_source(path))
    return config.to_dict(), _tokenizer(_source(path), config)


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
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(**source)
    for role in ("bos", "eos", "pad"):
        token_id = getattr(config, f"{role}_token_id")
        if token_id is not None:
            setattr(tokenizer, f"{role}_token", tokenizer.convert_ids_to_tokens(token_id))
    return tokenizer
