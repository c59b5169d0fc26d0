"""Run a recipe once for each entry of a sweep, one after the other, and tell what every change does to every suite.

python -m sft.sweep recipes/nano/sweep_share.yaml [key=value ...] [--check | --plan] [--launcher "accelerate launch"]

The runs lie in OUTPUT_DIR/NN-CHANGE. Those that are finished are reused, one that was begun is gone on with, and one
that fails is told while the others go on. At the end OUTPUT_DIR holds sweep.md, sweep.html and sweep.json.
"""

import argparse
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import recipes
from recipes import ROOT, BadInput, Recipe, folder
from recipes.command import Parser, guarded, text_of
from sft import bases, check

LONGEST = 48  # characters of a folder's name


@dataclass(frozen=True)
class Entry:
    """One run of a sweep: what is changed in the base, and the recipe that makes of it."""

    number: int
    changes: list[str]
    recipe: Recipe

    @property
    def label(self) -> str:
        return ", ".join(self.changes) or "nothing changed"

    @property
    def out(self) -> str:
        return self.recipe.run.output_dir

    def finished(self) -> Path | None:
        """The newest run of this very recipe, over the parents that are there now."""
        run = folder.newest(self.out)
        if run is None:
            return None
        old, made = (json.loads((run / name).read_text(encoding="utf-8")) for name in (folder.RECIPE, folder.LINEAGE))
        same = not folder.difference(_what_decides(old), _what_decides(self.recipe.resolved()))
        return run if same and made.get("parents") == bases.parents(self.recipe) else None

    def command(self, launcher: Sequence[str], *more: str) -> list[str]:
        """The ordinary training script on this run."""
        words = [*launcher, str(ROOT / bases.script(self.recipe)), str(self.recipe.path)]
        return [*words, *self.changes, f"run.output_dir={self.out}", *more]

    def state(self) -> str:
        return "finished" if self.finished() else "begun" if folder.unfinished(self.out) else "to be run"


def main(argv: list[str] | None = None) -> int:
    """0: every run is finished; 1: some failed; 2: bad input."""
    arguments = _parser().parse_intermixed_args(argv)
    sweep = recipes.load(arguments.recipe, arguments.overrides)
    found = entries(sweep)
    _judge(sweep, found)
    if arguments.check or arguments.plan:
        _show(found, arguments)
        return 0
    if command := bases.must_be_built_by_hand(found[0].recipe):
        raise BadInput([f"{found[0].recipe.path}: its base is not built yet; build it with: {command}"])
    from sft import sweep_report

    launcher = shlex.split(arguments.launcher)
    failed = {entry.number: why for entry in found if (why := run(entry, len(found), launcher))}
    told = sweep_report.write(sweep, found, failed)
    print(json.dumps(told, indent=2) if arguments.json else sweep_report.in_short(sweep, told), flush=True)
    return 1 if failed else 0


def entries(sweep: Recipe) -> list[Entry]:
    """The runs in the order of the recipe, the first of which the others are compared with."""
    if sweep.sweep is None or sweep.base is None:
        raise BadInput([f"{sweep.path}: is a {sweep.kind} recipe; python -m sft.sweep runs those with `sweep:`"])
    found = []
    for number, changes in enumerate(sweep.sweep.overrides, 1):
        out = f"{sweep.run.output_dir}/{number:02d}-{_slug(changes)}"
        recipe = recipes.load(str(sweep.base.path), [*changes, f"run.output_dir={out}"])
        found.append(Entry(number, changes, recipe))
    return found


def run(entry: Entry, total: int, launcher: Sequence[str]) -> str | None:
    """Train it unless that is done; what went wrong in words, None where nothing did."""
    title = f"[{entry.number}/{total}] {entry.label}"
    if done := entry.finished():
        print(f"{title}: finished already, {done}", flush=True)
        return None
    more = ["--resume"] if folder.unfinished(entry.out) else []
    print(f"{title}: {entry.out}", flush=True)
    code = subprocess.run(entry.command(launcher, *more), cwd=ROOT).returncode
    if not code and entry.finished():
        return None
    why = f"exit code {code}" if code else "it left no finished run"
    print(f"{title}: failed ({why}; its reason is above); the others go on", file=sys.stderr, flush=True)
    return why


def _judge(sweep: Recipe, found: Sequence[Entry]) -> None:
    """Everything that can be judged before the first run; a problem that all share is told once."""
    problems = [line for entry in found for line in check.judge(entry.recipe)]
    for index, entry in enumerate(found):
        if not entry.recipe.eval.suites:
            problems.append(sweep.problem(f"sweep.overrides.{index}", "nothing to compare: eval.suites names no suite"))
    check.demand(list(dict.fromkeys(problems)))


def _show(found: Sequence[Entry], arguments: argparse.Namespace) -> None:
    """The runs, and of each what its own --check or --plan says."""
    told = [_told(entry, arguments.plan) for entry in found]
    if arguments.json:
        print(json.dumps({"runs": told}, indent=2, ensure_ascii=False))
        return
    for one in told:
        print(f"{one['run']}: {one['changes']}  ({one['state']})")
        for key in ("data", "missing here", "memory", "examples", "steps", "hours"):
            if key in one["facts"]:
                print(f"    {key}: {text_of(one['facts'][key])}")


def _told(entry: Entry, planned: bool) -> dict[str, Any]:
    facts = _plan(entry) if planned else check.summary(entry.recipe)
    return {"run": entry.out, "changes": entry.label, "state": entry.state(), "facts": facts}


def _plan(entry: Entry) -> dict[str, Any]:
    """By the run's own script, as it knows its kind of training."""
    words = entry.command([sys.executable], "--plan", "--json")
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise BadInput(
            [f"{entry.out}: {line.removeprefix('error: ')}" for line in done.stderr.strip().splitlines()[-4:]]
        )
    return json.loads(done.stdout[done.stdout.index("{") :])


def _what_decides(resolved: dict[str, Any]) -> dict[str, Any]:
    """A resolved recipe without how its run is named and logged."""
    return {**resolved, "run": {"seed": resolved["run"]["seed"]}}


def _slug(changes: Sequence[str]) -> str:
    """`data.leave_out.family=[gcs, bmi]` -> `leave_out.family-gcs-bmi`."""
    said = "-".join(change.partition(".")[2] or change for change in changes)
    return re.sub(r"[^\w.]+", "-", said).strip("-.")[:LONGEST] or "base"


def _parser() -> Parser:
    parser = Parser(
        prog="python -m sft.sweep", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", metavar="RECIPE", help="a recipe with a section `sweep:`")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="laid over the sweep's own recipe")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--check", action="store_true", help="list the runs, judge them and stop; imports no torch")
    only.add_argument("--plan", action="store_true", help="list the runs with their data, steps and hours, and stop")
    parser.add_argument("--launcher", default=sys.executable, help="what starts the training script (default: python)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


if __name__ == "__main__":
    sys.exit(guarded(main, "what is finished is kept, and the same command goes on"))
