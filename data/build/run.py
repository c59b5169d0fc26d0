"""A build from its recipe to a finished folder: the passes in their order, here or on a cluster."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import recipes
from data.build import card, passes, plan, reading, shuffle
from data.build.measure import Measure
from data.build.plan import HOW
from recipes import BadInput, Recipe


@dataclass(frozen=True)
class Pass:
    """A pass, what it is called, and into how many tasks it may be cut."""

    name: str
    call: Any  # (None, rank, world_size) -> None
    tasks: int


@dataclass(frozen=True)
class Finish:
    """The audit log, the data card and the lineage; the folder is finished then, and what was in between goes."""

    out: Path
    recipe: dict[str, Any]
    source: str  # the recipe's file

    def __call__(self, _: Any = None, rank: int = 0, world_size: int = 1) -> None:
        if rank or recipes.folder.is_finished(self.out):
            return
        if not card.write(self.out, self.recipe)["rows"]:
            told = f"{self.out / 'removed.jsonl'} says why each went; mend the recipe and delete the folder"
            raise BadInput([f"{self.out}: no row is left; {told}"])
        recipes.folder.finish(self.out, {"recipe": self.source, "card": "card.json"})
        shutil.rmtree(self.out / "work")  # last: without a part of it, a build that goes on would count wrongly


def build(recipe: Recipe) -> Path:
    """Make what the recipe says, going on with what is there of it; returns the folder. BadInput for faults of the
    recipe before anything is read, and for sources that cannot be used."""
    todo = plan.of(recipe)
    begun = recipes.folder.unfinished(recipe.run.output_dir)
    wanted = _as_begun(recipe.resolved(), begun) if begun else recipe.resolved()
    out = recipes.folder.claim(recipe.run.output_dir, wanted, resume=begun is not None)
    try:
        recipes.folder.write_versions(out, recipe.run.seed)
        if recipe.build.executor == "local":
            for one in _passes(todo, out):
                _here(one, recipe.build.workers)
    finally:
        recipes.folder.release(out)
    if recipe.build.executor != "local":
        _elsewhere(_passes(todo, out), recipe, out)
    return out


def _as_begun(recipe: dict[str, Any], begun: Path) -> dict[str, Any]:
    """The recipe with the HOW that the build began with. BadInput for another seed, which `claim` does not look at."""
    try:
        before = json.loads((begun / recipes.folder.RECIPE).read_text(encoding="utf-8"))
        seed, how = before["run"]["seed"], {name: before["build"][name] for name in HOW}
    except (ValueError, KeyError, TypeError):
        return recipe  # to be judged by `claim`
    if seed != recipe["run"]["seed"]:
        was = f"{begun}: was begun with run.seed {seed}, not {recipe['run']['seed']}"
        raise BadInput([f"{was}; give that seed to go on, or delete the folder"])
    return {**recipe, "build": {**recipe["build"], **how}}


def _passes(todo: plan.Plan, out: Path) -> list[Pass]:
    how, work = todo.recipe.build, out / "work"
    seed = todo.recipe.run.seed if how.shuffle else None
    sources = tuple(todo.sources)
    found = [
        Pass("read", reading.Load(work, sources, how.rows_per_file, how.max_bad), len(sources)),
        Pass("open pictures", reading.Check(work), how.tasks),
        Pass("compare ids", reading.Sift(work, sources, how.max_bad), 1),
    ]
    for turn in todo.turns:
        names = ", ".join([*turn.names, *([f"look for {turn.next_name}"] if turn.next_name else [])]) or "nothing"
        found.append(Pass(names, passes.Clean(work, turn), how.tasks))
        if turn.next:
            found.append(Pass(f"decide {turn.next_name}", passes.Decide(work, turn), 1))
    last = len(todo.turns)
    return [
        *found,
        Pass("divide", shuffle.Divide(work, last, how.rows_per_shard, seed), 1),
        Pass("shuffle" if how.shuffle else "order", shuffle.Scatter(work, last, seed), how.tasks),
        Pass("write", shuffle.Gather(work, out, seed, how.images == "embedded"), how.tasks),
        Pass("measure", Measure(work, out), how.tasks),
        Pass("describe", Finish(out, todo.recipe.resolved(), str(todo.recipe.path)), 1),
    ]


def _here(one: Pass, workers: int) -> None:
    """In this process, or in several; the first that fails ends the pass."""
    from tqdm import tqdm

    with tqdm(total=one.tasks, desc=one.name, unit=" tasks", disable=None) as bar:
        if workers == 1 or one.tasks == 1:
            for rank in range(one.tasks):
                one.call(None, rank, one.tasks)
                bar.update()
            return
        # spawned, not forked: a fork of a process with threads (pyarrow has some) may hang
        with ProcessPoolExecutor(min(workers, one.tasks), mp_context=get_context("spawn")) as pool:
            running = [pool.submit(one.call, None, rank, one.tasks) for rank in range(one.tasks)]
            try:
                for done in as_completed(running):
                    done.result()
                    bar.update()
            except BrokenProcessPool as error:
                told = "often for want of memory: build again with fewer build.workers or rows_per_file"
                raise BadInput([f"a process of the pass `{one.name}` was killed, {told}"]) from error
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def _elsewhere(wanted: list[Pass], recipe: Recipe, out: Path) -> None:
    """Every pass as a job of datatrove's executor; each waits for the one before."""
    how = recipe.build
    try:
        if how.executor == "slurm":
            from datatrove.executor import SlurmPipelineExecutor as Executor  # pyright: ignore[reportMissingImports]
        else:
            from datatrove.executor import RayPipelineExecutor as Executor  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise BadInput([f"build.executor {how.executor} needs datatrove: pip install -e '.[cluster]'"]) from error
    before = None
    for number, one in enumerate(wanted):
        logs = str(out / "logs" / f"{number:02d}-of-{one.tasks}")
        made = partial(Executor, pipeline=[one.call], tasks=one.tasks, workers=how.workers, logging_dir=logs)
        # not by its logs: a pass knows by its files what is done, and some of these are made anew
        made = partial(made, skip_completed=False)
        if how.executor == "slurm":
            here = f'export PYTHONPATH="{recipes.ROOT}:$PYTHONPATH"'  # jobs start elsewhere
            made = partial(made, job_name=f"data-{number:02d}", depends=before, env_command=here)
        try:
            before = made(**how.cluster)
        except TypeError as error:
            raise BadInput([recipe.problem("build.cluster", f"does not fit datatrove's executor: {error}")]) from error
        if how.executor == "ray":
            before.run()
    if how.executor == "slurm" and before is not None:
        before.run()  # submits those that it depends on first
