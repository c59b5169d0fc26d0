"""The command line that the training scripts share: RECIPE [key=value ...] [--check | --plan] [--resume] [--json]."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .problems import BadInput


class Parser(argparse.ArgumentParser):
    """Bad use: one line on stderr and exit code 2."""

    def error(self, message: str) -> Any:
        self.exit(2, f"error: {message} ({self.prog} --help)\n")


@dataclass(frozen=True)
class Command:
    """What was asked for: the recipe with its overrides, to be judged (`check`), planned (`plan`) or continued."""

    recipe: str
    overrides: list[str]
    check: bool
    plan: bool
    resume: bool
    json: bool

    @property
    def processes(self) -> int | None:
        """How many processes the launcher started; None without one, when the recipe's own word counts."""
        world = os.environ.get("WORLD_SIZE")
        return int(world) if world else None

    def report(self, found: dict[str, Any]) -> None:
        """Print facts as aligned lines, or as JSON where that was asked for.

        A fact that has numbers is a mapping; what people read of it stands under "text".
        """
        if self.json:
            print(json.dumps(found, indent=2, ensure_ascii=False))
            return
        margin = max(len(key) for key in found) + 2
        for key, value in found.items():
            print(f"{key + ':':<{margin}}{text_of(value)}".replace("\n", "\n" + " " * margin))


def text_of(value: Any) -> str:
    """A fact as people read it."""
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return str(value["text"] if isinstance(value, dict) else value)


def parse(description: str | None, argv: Sequence[str] | None = None) -> Command:
    """Read the arguments; a bad one ends the process with exit code 2, as argparse does."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", metavar="RECIPE", help="a YAML file, e.g. recipes/grpo_med.yaml")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="e.g. run.seed=1 data.train.0.n=500")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--check", action="store_true", help="judge the recipe and stop; imports no torch")
    only.add_argument("--plan", action="store_true", help="judge it, read data and tokenizer: lengths, steps, memory")
    parser.add_argument("--resume", action="store_true", help="continue the unfinished run of this recipe")
    parser.add_argument("--json", action="store_true", help="print what --check or --plan found as JSON")
    given = parser.parse_intermixed_args(argv)
    return Command(given.recipe, given.overrides, given.check, given.plan, given.resume, given.json)


def guarded(main: Callable[[], int], stopped: str = "what was saved can be continued with --resume") -> int:
    """Run `main`; bad input becomes one clear line a problem on stderr and exit code 2, never a traceback."""
    try:
        return main()
    except BadInput as error:
        for problem in error.problems:
            print(f"error: {problem}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stdout = None
        return 0
    except KeyboardInterrupt:
        print(f"stopped; {stopped}", file=sys.stderr)
        return 130
