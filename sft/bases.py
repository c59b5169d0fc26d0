"""The checkpoint a recipe starts from; one that another recipe builds is built first, or the run stops."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from recipes import ROOT, BadInput, Recipe, folder

FINAL = Path("checkpoints") / "final"
POLL_S = 1.0


def start_of(recipe: Recipe) -> str | None:
    """What `from_pretrained` takes: a hub id, a local folder or GGUF file, or the base's checkpoint; None: `init`.

    Raises BadInput where the base must be built by hand, or was built from another recipe than the one that lies
    there now.
    """
    if recipe.base is None:
        return recipe.model.name
    base = recipe.base
    if folder.newest(base.run.output_dir) is None:
        _build(recipe, base)
    found = built(recipe)
    if found is None:
        raise BadInput([f"{base.path}: was built, but left no finished run in {base.run.output_dir}"])
    return found


def built(recipe: Recipe) -> str | None:
    """The checkpoint of the recipe's base, None where it is not built; BadInput where it is another than it should."""
    base = recipe.base
    run = folder.newest(base.run.output_dir) if base else None
    if base is None or run is None:
        return None
    _refuse_changed(recipe, base, run)
    return str(run / FINAL)


def parents(recipe: Recipe) -> list[str]:
    """The run folders this run grew from, the nearest first, as paths from the checkout's root."""
    run = folder.newest(recipe.base.run.output_dir) if recipe.base else None
    if run is None:
        return [recipe.model.name] if recipe.model.name else []
    return [os.path.relpath(run, ROOT), *parents(recipe.base)] if recipe.base else []


def must_be_built_by_hand(recipe: Recipe) -> str | None:
    """The command that builds the base, where it is missing and its recipe does not say `run.auto: true`."""
    base = recipe.base
    if base is None or folder.newest(base.run.output_dir) is not None:
        return None
    return must_be_built_by_hand(base) if base.run.auto else f"accelerate launch {script(base)} {base.path}"


def _build(recipe: Recipe, base: Recipe) -> None:
    """Rank 0 builds in a process of its own, before torch or a process group exists here; the others wait for it."""
    if int(os.environ.get("RANK", "0")) > 0:
        while folder.newest(base.run.output_dir) is None:  # should rank 0 fail, the launcher ends this process
            time.sleep(POLL_S)
        return
    if command := must_be_built_by_hand(recipe):
        raise BadInput([recipe.problem("model.from", f"its base is not built yet; build it with: {command}")])
    print(f"building the base first: {base.path} -> {base.run.output_dir}", flush=True)
    of_a_launcher = ("RANK", "WORLD_SIZE", "MASTER_", "LOCAL_", "GROUP_", "ROLE_", "TORCHELASTIC_", "ACCELERATE_")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(of_a_launcher)}
    done = subprocess.run([sys.executable, str(ROOT / script(base)), str(base.path)], env=clean, cwd=ROOT)
    if done.returncode:
        raise BadInput([f"{base.path}: building the base failed with exit code {done.returncode}; its reason is above"])


def script(base: Recipe) -> str:
    return "rlvr/train.py" if base.kind == "grpo" else "sft/train.py"


def _refuse_changed(recipe: Recipe, base: Recipe, run: Path) -> None:
    """The base, and what its lineage says that it grew from, are of the recipes that lie there now."""
    made = json.loads((run / folder.LINEAGE).read_text(encoding="utf-8"))
    before = json.loads((run / folder.RECIPE).read_text(encoding="utf-8"))
    now: Recipe | None = base
    for old in (before, *(one["resolved"] for one in made.get("ancestors", []))):
        if now is None:
            return  # the rest is the history of a checkpoint that is named
        if changes := folder.difference(_what_shapes_it(old), _what_shapes_it(now.resolved())):
            text = (
                f"{now.path} has changed since {os.path.relpath(run, ROOT)} was built: {'; '.join(changes)}; "
                f"rebuild it with: accelerate launch {script(now)} {now.path}"
            )
            anew = "" if now is base else f", and then {base.path}"
            raise BadInput([recipe.problem("model.from", text + anew)])
        now = now.base


def _what_shapes_it(recipe: dict[str, Any]) -> dict[str, Any]:
    """A resolved recipe without what leaves the model as it is: how it is measured, logged and named."""
    sections = {name: values for name, values in recipe.items() if name not in ("run", "eval")}
    return {**sections, "run": {"seed": recipe.get("run", {}).get("seed")}}
