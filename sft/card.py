"""The model card that lies beside every checkpoint, and the lineage it is written from."""

import json
from pathlib import Path
from typing import Any

from recipes import Recipe, folder
from sft.bases import parents


def lineage(recipe: Recipe, run: Path, **facts: Any) -> dict[str, Any]:
    """Which recipe and parents made the checkpoint in `run`, with what else is worth knowing of it."""
    versions = json.loads((run / folder.VERSIONS).read_text(encoding="utf-8"))
    return {
        "recipe": str(recipe.path),
        "resolved": recipe.resolved(),
        "parents": parents(recipe),
        "seed": recipe.run.seed,
        "git": versions["git"],
        "hardware": versions["hardware"],
        **facts,
    }


def write(checkpoint: Path, made: dict[str, Any], results: str = "") -> Path:
    """README.md in `checkpoint`: where the model comes from, how it was measured, and what it is not for."""
    data = made["resolved"]["data"]["train"]
    sets = "\n".join(f"- `{use['use']}`, split {use['split']}" for use in data)
    settings = made["resolved"].get("grpo") or made["resolved"].get("sft") or {}
    lines = "\n".join(f"- {key}: {value}" for key, value in settings.items())
    text = f"""---
library_name: transformers
tags: [lingshu-rlvr, {"grpo" if "grpo" in made["resolved"] else "sft"}]
---
# {checkpoint.parent.parent.name}

Made by [lingshu-rlvr](https://arxiv.org/abs/2506.07044) from the recipe `{made["recipe"]}`, seed {made["seed"]}.

**Not for clinical use.** This is a research model; nothing it says may guide the care of a patient.

## Parents
{", ".join(f"`{parent}`" for parent in made["parents"]) or "none: trained from random weights"}

## Trained on
{sets}

## Settings
{lines}

## Measured
{results or "Not measured on its own; see the run that refines it."}

Code at git {(made["git"] or {}).get("sha") or "unknown"}; {made["hardware"]}.
"""
    path = checkpoint / "README.md"
    path.write_text(text, encoding="utf-8")
    return path
