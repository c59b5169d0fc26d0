"""`python -m rewards`: list, check, score and time rewards."""

import argparse
import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from rewards.contract import RewardError
from rewards.registry import load, names


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"error: {message} (see {self.prog} --help)\n")


def parser() -> Parser:
    """The command line."""
    top = Parser(prog="python -m rewards", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True, parser_class=Parser)
    listing = commands.add_parser("list", help="the rewards of the library, their columns and knobs")
    check = commands.add_parser("check", help="audit one reward: golds, wrong answers, hacks, odd texts")
    check.add_argument("reward", help="a name from `list`, or FILE.py:FUNCTION")
    check.add_argument("--data", metavar="NAME", help="also a data set's rows (or a .jsonl or .parquet file's)")
    check.add_argument("--kind", action="append", help="only the built-in cases of this kind (may be repeated)")
    check.add_argument("--strict", action="store_true", help="warnings fail: refused gold in bold, a sentence, no tags")
    check.add_argument("--limit", type=int, help="at most so many rows of the data set")
    check.add_argument("--knob", action="append", default=[], metavar="NAME=VALUE", help="set a knob (may be repeated)")
    score = commands.add_parser("score", help="grade saved responses")
    score.add_argument("file", type=Path, help="JSON lines or Parquet: id, question, options, gold, completion, kind")
    score.add_argument("--out", type=Path, required=True, help="JSON lines: id, correct, score, parsed, rule, why")
    score.add_argument("--reward", nargs="+", default=["answer_match"], metavar="NAME", help="default: answer_match")
    bench = commands.add_parser("bench", help="microseconds per verdict")
    bench.add_argument("--seconds", type=float, default=0.2, help="time spent on each reward")
    for command in (listing, check, score, bench):
        command.add_argument("--json", action="store_true", help="print JSON")
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one command; 0 good, 1 a check failed, 2 bad use."""
    args = parser().parse_args(argv)
    run = {"list": run_list, "check": run_check, "score": run_score, "bench": run_bench}[args.command]
    try:
        return run(args)
    except RewardError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
    return 2


def run_list(args: argparse.Namespace) -> int:
    """Print the library."""
    rows: list[dict[str, Any]] = []
    for name in names():
        found = load(name)
        knobs = {key: value for key, value in found.knobs.items() if value is not None}
        row = {"name": name, "low": found.low, "high": found.high, "needs": list(found.needs), "knobs": knobs}
        optional = [column for column in found.wants if column not in found.needs]
        about = found.doc.partition("\n")[0]
        rows.append({**row, "optional": optional, "grader": found.grades, "about": about})
    if args.json:
        print(json.dumps(rows, indent=1))
        return 0
    for row in rows:
        needs = ", ".join(row["needs"]) or "no column"
        knobs = "".join(f" {key}={value!r}" for key, value in row["knobs"].items())
        kind = "grader" if row["grader"] else "shaper"
        print(f"{row['name']:<14} {kind}  {row['low']:g}..{row['high']:g}  needs {needs}{knobs and '; knobs'}{knobs}")
        print(f"{'':<14} {row['about']}")
    return 0


def run_check(args: argparse.Namespace) -> int:
    """Audit one reward and print what failed."""
    from rewards.cases import ROWS
    from rewards.check import check

    kinds = sorted({row.kind for row in ROWS})
    if unknown := [kind for kind in args.kind or () if kind not in kinds]:
        raise RewardError(f"no built-in cases of kind {unknown[0]!r}; there are {', '.join(kinds)}")
    reward = load(args.reward).bind(**dict(map(knob, args.knob)))
    audit = check(reward, args.kind, data_rows(args.data, args.limit) if args.data else (), args.strict)
    print(json.dumps(audit.as_json(), indent=1) if args.json else "\n".join(audit.table()))
    return int(not audit.passed)


def knob(text: str) -> tuple[str, Any]:
    """`max_tokens=50` and the like; a value that is JSON is read as such, else it is text."""
    name, found, value = text.partition("=")
    if not found or not name:
        raise RewardError(f"--knob {text}: a knob is written NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def data_rows(use: str, limit: int | None) -> list[Mapping[str, Any]]:
    """The rows of a file, or of all splits of a data set of the package `data` that lies beside this one."""
    from rewards.rows import columns_of, read_rows

    if use.endswith((".jsonl", ".parquet")):
        return [columns_of(row) for row, _ in zip(read_rows(Path(use)), limited(limit), strict=False)]
    try:
        # By name, not by an import statement: `rewards` works without `data`, and nothing here depends on it.
        data = importlib.import_module("data")
        rows = [row for split in data.describe(use).splits for row in split_rows(data, use, split)]
    except ImportError as error:
        raise RewardError(f"--data {use}: {error}; give a .jsonl or .parquet file instead") from None
    except Exception as error:
        if not hasattr(error, "problems"):
            raise
        raise RewardError(f"--data {use}: {error}") from None
    if not rows:
        raise RewardError(f"--data {use}: no rows")
    return rows[:limit]


def split_rows(data: Any, use: str, split: str) -> list[Mapping[str, Any]]:
    """The rows of one split; one that the set has only on demand is left out, and said."""
    try:
        return [example.columns() for example in data.load(use, split)]
    except Exception as error:
        if not hasattr(error, "problems"):
            raise
        print(f"note: {use} {split} is left out: {error}", file=sys.stderr)
        return []


def limited(limit: int | None) -> Iterator[int]:
    """0, 1, 2 ... up to a limit, or without end."""
    number = 0
    while limit is None or number < limit:
        yield number
        number += 1


def run_score(args: argparse.Namespace) -> int:
    """Grade a file of saved responses."""
    from rewards.differences import Differences
    from rewards.rows import read_rows, score_rows, write_rows

    rewards = [load(use) for use in args.reward]
    if len({reward.name for reward in rewards}) < len(rewards):
        raise RewardError(f"--reward: two rewards of one name: {', '.join(reward.name for reward in rewards)}")
    seen = Differences(rewards)
    rows = write_rows(score_rows(read_rows(args.file), rewards, seen.see), args.out)
    graded = [row for row in rows if row["score"] is not None]
    correct = sum(row["correct"] is True for row in rows)
    for note in seen.notes():
        print(note, file=sys.stderr)
    if args.json:
        differ = {"differ": seen.differ} if len(rewards) > 1 else {}
        print(
            json.dumps({"rows": len(rows), "graded": len(graded), "correct": correct, "out": str(args.out), **differ})
        )
        return 0
    print(f"{len(rows)} rows, {len(graded)} graded, {correct} correct by {rewards[0].name} -> {args.out}")
    if len(rewards) > 1:
        print(f"{len(seen.differ)} rows on which {' and '.join(reward.name for reward in rewards)} differ")
        print("\n".join(seen.lines()))
    return 0


def run_bench(args: argparse.Namespace) -> int:
    """Print microseconds per call."""
    from rewards.bench import bench

    rows = bench(args.seconds)
    if args.json:
        print(json.dumps(rows, indent=1))
        return 0
    for row in rows:
        print(f"{row['reward']:<14} {row['us_per_call']:>8} us per call {row['calls_per_s']:>8} per second")
    return 0


if __name__ == "__main__":
    sys.exit(main())
