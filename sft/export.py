"""A checkpoint made ready to leave this machine: its weights, smaller if asked, with the card and the lineage freed of
this machine's paths; into a folder, to the hub, or both.

python -m sft.export RUN_OR_CHECKPOINT --out DIR [--format BF16 | FP8_DYNAMIC | W8A8 | W4A16]
python -m sft.export RUN_OR_CHECKPOINT --push OWNER/NAME [--public] [--format ...]
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from recipes import ROOT, BadInput, folder
from recipes.command import Parser, guarded

# What a checkpoint is made of; whatever else lies beside it (optimizer, logs, pickles) stays here
PARTS = (
    "*.safetensors",
    "*.safetensors.index.json",
    "config.json",
    "generation_config.json",
    "*processor_config.json",
    "chat_template.*",
    "tokenizer*.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
    "tokenizer.model",
)
CARD = "README.md"
# llm-compressor's schemes that need no calibration: name -> what becomes of the matrices of the language model
SCHEMES = {
    "FP8_DYNAMIC": "weights and activations in 8-bit floating point",
    "W8A8": "weights and activations in 8-bit integers",
    "W4A16": "weights in 4-bit integers, in groups of 128",
}
FORMATS = {"BF16": "all weights in bfloat16", **SCHEMES}
# Left as they are in every scheme, as llm-compressor's own examples for Qwen-VL have it: the head, the table of words,
# the vision tower with its projector
UNTOUCHED = ("re:.*lm_head", "re:.*embed_tokens", "re:.*visual\\..*")
# llm-compressor and vLLM want different versions of compressed-tensors: it lies in a folder of its own, of which only
# the process that quantises knows
ASIDE = Path(sys.prefix) / "quantise"
TOOLS = ("llmcompressor==0.14.0.1", "compressed-tensors==0.19.0", "loguru==0.7.3")
QUANTISE = """import sys
from llmcompressor import model_free_ptq
source, out, scheme, *untouched = sys.argv[1:]
model_free_ptq(source, out, scheme=scheme, ignore=untouched)"""


def main(argv: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(argv)
    if not (asked.out or asked.push):
        raise BadInput("export to where? Name a folder with --out, or a repository on the hub with --push OWNER/NAME")
    source, out = checkpoint(asked.source), _new_folder(asked.out) if asked.out else None
    if asked.format and "quantization_config" in json.loads((source / "config.json").read_text(encoding="utf-8")):
        raise BadInput(f"--format {asked.format}: {asked.source} is quantised already; export what it was made from")
    tool = _tool(asked.format) if asked.format else None
    hub = Hub(asked.push, private=not asked.public) if asked.push else None
    with tempfile.TemporaryDirectory(dir=out.parent if out else None, prefix=".export-") as work:
        made = staged(source, Path(work) / "linked", asked.format, tool)
        if asked.format:
            made = converted(made, Path(work) / "converted", asked.format)
        elif out:
            made = Path(shutil.copytree(made, Path(work) / "copied"))
        if out:
            made = made.rename(out)
            print(f"the checkpoint is in {asked.out}", flush=True)
        if hub:
            print(f"pushed to {hub.upload(made)}")
    return 0


def checkpoint(name: str) -> Path:
    """The folder of the checkpoint that `name` (a run's folder, or a checkpoint's) means; BadInput unless it is one of
    a finished run."""
    from eval import checkpoints

    found = Path(checkpoints.resolve(name))
    if not found.is_dir() or not any(found.glob("*.safetensors")):
        raise BadInput(f"{name}: holds no *.safetensors; name the folder of a finished run, or its checkpoints/final")
    if lacking := [name for name in (CARD, folder.LINEAGE) if not (found / name).is_file()]:
        raise BadInput(f"{found}: has no {lacking[0]}, which tells what it is; export the checkpoint of a finished run")
    return found


def staged(source: Path, place: Path, format: str | None, tool: str | None) -> Path:
    """`place`, filled with links to the parts of the checkpoint `source`, and with its card and lineage: without paths
    of this machine, and telling what is going to be done to the weights."""
    place.mkdir()
    for file in sorted({file for pattern in PARTS for file in source.glob(pattern)}):
        (place / file.name).symlink_to(file.resolve())
    made = json.loads((source / folder.LINEAGE).read_text(encoding="utf-8"))
    card = (source / CARD).read_text(encoding="utf-8")
    if format:
        kept = list(UNTOUCHED) if format in SCHEMES else []
        made["exports"] = [*made.get("exports", []), {"format": format, "by": tool, "untouched": kept}]
        but = "; head, embeddings, vision tower and projector as they were" if kept else ""
        card += f"\n## Export\n{format}, by {tool}: {FORMATS[format]}{but}. Not measured again.\n"
    private: dict[str, str] = {}
    lineage = json.dumps(_public(made, private), indent=2, ensure_ascii=False)
    for text in sorted(private, key=len, reverse=True):
        card = card.replace(text, private[text])
    for name, text in ((folder.LINEAGE, f"{lineage}\n"), (CARD, card)):
        (place / name).write_text(_bare(text), encoding="utf-8")
    return place


def _public(value: Any, private: dict[str, str]) -> Any:
    """`value` with each path of this machine as seen from the checkout, or as its last name where it lies elsewhere;
    `private` gets what was replaced, and by what."""
    if isinstance(value, dict):
        return {key: _public(one, private) for key, one in value.items()}
    if isinstance(value, list):
        return [_public(one, private) for one in value]
    if not (isinstance(value, str) and value.startswith(("/", "~", "../"))):
        return value
    whole = Path(os.path.normpath(ROOT / os.path.expanduser(value)))
    private[value] = str(whole.relative_to(ROOT)) if whole.is_relative_to(ROOT) else whole.name
    return private[value]


def _bare(text: str) -> str:
    """The text without the checkout's and the user's folders, where they stand inside a longer text."""
    return text.replace(f"{ROOT}/", "").replace(f"{Path.home()}/", "~/")


def converted(source: Path, out: Path, format: str) -> Path:
    """`out`, holding the staged checkpoint `source` in that format."""
    print(f"{format}: {FORMATS[format]}", flush=True)
    if format == "BF16":
        import torch

        from sft.models import load_model

        shutil.copytree(source, out, ignore=shutil.ignore_patterns("*.safetensors*"))
        load_model(str(source), dtype=torch.bfloat16).save_pretrained(out)
        return out
    path = os.pathsep.join(filter(None, [str(ASIDE), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-c", QUANTISE, str(source), str(out), format, *UNTOUCHED]
    how: dict[str, Any] = {"env": {**os.environ, "PYTHONPATH": path}, "cwd": out.parent}
    done = subprocess.run(command, **how, capture_output=True, text=True)
    if done.returncode:
        why = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "no reason given")
        raise BadInput(f"--format {format}: llm-compressor failed: {why.strip()}")
    return out


def _tool(format: str) -> str:
    """Name and version of what makes the format; BadInput with the command that installs it where it is missing."""
    if format == "BF16":
        return f"transformers {metadata.version('transformers')}"
    for found in metadata.distributions(name="llmcompressor", path=[str(ASIDE), *sys.path]):
        return f"llmcompressor {found.version}"
    command = f"{sys.executable} -m pip install --no-deps --target {ASIDE} {' '.join(TOOLS)}"
    raise BadInput(f"--format {format}: llm-compressor is not installed; install it with: {command}")


def _new_folder(name: str) -> Path:
    out = Path(name).expanduser().absolute()
    if out.exists():
        raise BadInput(f"--out {name}: is there already; name a new folder")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"--out {name}: cannot be made: {error.strerror}") from error
    return out


class Hub:
    """A repository on the hub, made if it is not there. Raises BadInput without a token, without a way to the hub, and
    where what is to be private would lie in public."""

    def __init__(self, name: str, *, private: bool) -> None:
        from huggingface_hub import HfApi, get_token

        if not get_token():
            raise BadInput(f"--push {name}: no token for the hub; log in with `hf auth login`, or set HF_TOKEN")
        self._name, self._api = name, HfApi()
        with self._refusals():
            self._api.create_repo(name, private=private, exist_ok=True)
            is_private = self._api.model_info(name).private
        if private and not is_private:
            raise BadInput(f"--push {name}: is a public repository; make it private there, or say --public")

    def upload(self, made: Path) -> str:
        """The address of the commit that holds what is in `made`, and no weights of an earlier push."""
        with self._refusals():
            done = self._api.upload_folder(
                repo_id=self._name,
                folder_path=made,
                commit_message="Checkpoint of lingshu-rlvr",
                delete_patterns="*.safetensors*",
            )
        return done.commit_url

    @contextlib.contextmanager
    def _refusals(self) -> Iterator[None]:
        """What the hub and the way to it raise, as one line; never one that quotes the request's headers."""
        from httpx import HTTPError

        try:
            yield
        except (HTTPError, OSError, ValueError) as error:
            said = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
            why = type(error).__name__ if re.search("Bearer|hf_", said) else said or type(error).__name__
            raise BadInput(f"--push {self._name}: the hub cannot be used: {why}") from None


def _parser() -> Parser:
    parser = Parser(
        prog="python -m sft.export", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", metavar="RUN_OR_CHECKPOINT", help="e.g. outputs/sft_med, or its checkpoints/final")
    parser.add_argument("--out", metavar="DIR", help="a new folder to write the checkpoint to")
    parser.add_argument("--push", metavar="OWNER/NAME", help="a repository on the hub, private unless --public")
    parser.add_argument("--public", action="store_true", help="let everybody see the repository that --push makes")
    formats = "; ".join(f"{name}: {what}" for name, what in FORMATS.items())
    parser.add_argument("--format", choices=FORMATS, help=f"{formats} (default: as they are)")
    return parser


if __name__ == "__main__":
    sys.exit(guarded(main, "nothing was written"))
