"""From what a user calls a model to what an engine can load: a hub id, a checkpoint's folder, or a run's folder."""

import hashlib
import re
from pathlib import Path
from typing import Any

from eval import gguf
from recipes import ROOT, BadInput, Recipe, folder

MIB = 2**20  # bytes


def resolve(model: str) -> str:
    """The checkpoint that `model` names: a hub id and a GGUF file (also package:NAME/FILE.gguf) as they are, a folder
    as its absolute path, a run's folder as its last checkpoint. BadInput for a path that does not exist or holds none.
    """
    if model.endswith(".gguf"):
        if not gguf.located(model).is_file():
            raise BadInput([f"model {model}: no such file"])
        return model
    places = [place for place in (Path(model).expanduser(), ROOT / model) if place.is_dir()]
    if places:
        return str(_last(places[0].resolve()))
    if re.fullmatch(r"[\w.-]+/[\w.-]+", model) and not model.startswith((".", "outputs/")):
        return model
    raise BadInput(
        [f"model {model!r}: is neither a checkpoint's folder, nor a run's folder, nor a hub id (owner/name)"]
    )


def built_by(base: Recipe) -> str:
    """The checkpoint that a base's recipe built; BadInput naming the command that builds it when there is none."""
    found = folder.newest(base.run.output_dir)
    if found is None:
        command = f"accelerate launch {'rlvr' if base.kind == 'grpo' else 'sft'}/train.py {base.path}"
        raise BadInput(f"model.from: {base.path} has not been built yet; build it with `{command}`")
    return str(_last(found))


def demand(model: str) -> None:
    """BadInput unless `model` (a hub id or a folder) has a config that transformers reads: seconds, before weights."""
    from transformers import AutoConfig

    try:
        AutoConfig.from_pretrained(model)
    except (OSError, ValueError) as error:
        line = next(iter(str(error).splitlines()), type(error).__name__)
        raise BadInput(f"model {model}: cannot be loaded: {line}") from error


def load_processor(model: str, **settings: Any) -> Any:
    """The processor of a vision-language checkpoint, the tokenizer of a text one, able to pad.

    `settings` go to the processor (revision, min_pixels, max_pixels); a tokenizer takes its revision from them.
    """
    from transformers import AutoProcessor, AutoTokenizer

    try:
        processor: Any = AutoProcessor.from_pretrained(model, **settings)
    except (OSError, ValueError):
        processor = AutoTokenizer.from_pretrained(model, revision=settings.get("revision"))
    tokenizer = getattr(processor, "tokenizer", processor)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return processor


def weights(model: str) -> dict[str, str]:
    """What tells two checkpoints apart: of a folder a digest of its files, of a hub id its name.

    Of a large file only its size and both ends are read: a step of training changes every tensor.
    """
    place = Path(model)
    if not place.is_dir():
        return {"model": model}
    digest = hashlib.sha256()
    for path in sorted(path for path in place.iterdir() if path.is_file()):
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            digest.update(file.read(MIB))
            if path.stat().st_size > MIB:
                file.seek(max(MIB, path.stat().st_size - MIB))
                digest.update(file.read())
    return {"weights": digest.hexdigest()[:16]}


def _last(place: Path) -> Path:
    """The folder itself if it is a checkpoint, else the last one under its checkpoints/ (`final`, or most steps)."""
    if (place / "config.json").is_file():
        return place
    found = [path.parent for path in (place / "checkpoints").glob("*/config.json")]
    if not found:
        raise BadInput([f"model {place}: is not a checkpoint (no config.json, none in checkpoints/)"])
    return max(found, key=lambda path: (path.name == "final", _step(path.name), path.name))


def _step(name: str) -> int:
    digits = re.findall(r"\d+", name)
    return int(digits[-1]) if digits else -1
