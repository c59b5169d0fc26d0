"""Would this recipe run here? A table of green, amber and red with remedies, in half a minute and without an engine.

    python -m rlvr.doctor recipes/grpo_med.yaml [key=value ...] [--deep] [--json]

red: the run would stop; amber: it would go on, and something is to be known; --deep also starts vLLM on the base, where
that is built. Exit code 0 where nothing is red, else 2.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import recipes
from recipes import BadInput, Recipe
from recipes.command import Parser, guarded
from rlvr import checkup
from rlvr.checkup import AMBER, GREEN, RED

COLOURS = {GREEN: 32, AMBER: 33, RED: 31}  # of ANSI


@dataclass(frozen=True)
class Finding:
    """What was looked at and found, and where it is not green, what to do."""

    light: str
    what: str
    found: str
    remedy: str = ""


def examine(recipe: Recipe, deep: bool = False) -> Iterator[Finding]:
    """A finding for each check, in order; what a check cannot go on after is red."""
    case = checkup.Case(recipe)
    for check in (*checkup.EVERY, *([checkup.engine] if deep else [])):
        try:
            light, found, remedy = check(case)
        except BadInput as error:
            light, found, remedy = RED, "; ".join(error.problems), "mend the recipe, or what it names"
        yield Finding(light, check.__name__.replace("_", " ").strip(), found, "" if light == GREEN else remedy)


def table(findings: Sequence[Finding], width: int, coloured: bool) -> str:
    """Lights, what was looked at, what was found, and below it the remedy."""
    margin = max(len(one.what) for one in findings) + 2
    lines = []
    for one in findings:
        light = f"{one.light:<6}"
        light = f"\033[{COLOURS[one.light]}m{light}\033[0m" if coloured else light
        texts = [*one.found.split("\n"), *([f"-> {one.remedy}"] if one.remedy else [])]
        room = max(30, width - margin - 8)
        rows = [line for text in texts for line in textwrap.wrap(text, room, subsequent_indent="   ") or [""]]
        lines.append(f"{light}  {one.what:<{margin}}{rows[0]}")
        lines += [" " * (margin + 8) + row for row in rows[1:]]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    shape = argparse.RawDescriptionHelpFormatter
    parser = Parser(prog="python -m rlvr.doctor", description=__doc__, formatter_class=shape)
    parser.add_argument("recipe", metavar="RECIPE")
    parser.add_argument("overrides", nargs="*", metavar="key=value")
    parser.add_argument("--deep", action="store_true", help="start vLLM on the base, too")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    given = parser.parse_intermixed_args(argv)
    recipe = recipes.load(given.recipe, given.overrides)
    if recipe.kind not in ("grpo", "sft"):
        raise BadInput([f"{given.recipe}: is a {recipe.kind} recipe; the doctor looks at grpo and sft recipes"])
    findings = list(examine(recipe, given.deep))
    if given.json:
        print(json.dumps([asdict(one) for one in findings], indent=2, ensure_ascii=False))
    else:
        print(table(findings, shutil.get_terminal_size((120, 24)).columns, sys.stdout.isatty()))
    reds = [one.what for one in findings if one.light == RED]
    if not given.json:
        print(f"\n{'would not run: ' + ', '.join(reds) if reds else 'nothing stands in the way'}")
    return 2 if reds else 0


if __name__ == "__main__":
    sys.exit(guarded(main, stopped="nothing was changed"))
