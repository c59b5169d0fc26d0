"""The end of a run, for people: gains.json, report.md, the model card, and a summary in the terminal."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import recipes
from data.pages import tables
from eval import gains, report, table
from eval.results import Result
from sft import bases, card
from sft.tracking import METRICS


def write(
    recipe: recipes.Recipe,
    run: Path,
    final: Path,
    before: Sequence[Result],
    after: Sequence[Result],
    *,
    start: str | None = None,
    **facts: Any,
) -> None:
    """Write everything, the lineage (with its facts) last, which marks the run as finished; print where to look."""
    changes = gains.change(before, after) if before and after else {}
    made = card.lineage(recipe, run, start=start, **facts, measured=changes)
    found = {"suites": {}}
    if before and after:
        names = bases.parents(recipe)
        found = gains.gains(before, after, seed=recipe.run.seed, recipe=str(recipe.path), parents=names)
        gains.write(found, run)
        report.write(run, found, before, after, checkpoint=str(final), metrics=run / METRICS)
    rows = table.gain_rows(found)
    card.write(final, made, results=tables.markdown(table.HEADER, rows) if rows else "")
    recipes.folder.finish(run, made)
    card.show(made)
    _say(run, final, rows)


def _say(run: Path, final: Path, rows: Sequence[tables.Row]) -> None:
    here = os.path.relpath(run)
    if rows:
        tables.show(table.HEADER, rows, title="What training changed, on held-out items (intervals: 95 %)")
        print(f"the report:     {here}/report.md   (pictures: curve.png, gain.png; numbers: gains.json)")
    print(f"the checkpoint: {os.path.relpath(final)}")
    print(f"the metrics:    {here}/metrics.jsonl, and {here}/wandb if W&B was on (wandb sync uploads an offline run)")
