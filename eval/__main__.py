"""`python -m eval`: list suites, answer and grade them, grade saved answers, compare runs."""

import argparse
import sys
from pathlib import Path

from recipes import BadInput


def main(argv: list[str] | None = None) -> int:
    """0: done; 2: bad use or bad input, one line each on stderr."""
    arguments = _parser().parse_args(argv)
    from eval import commands
    from rewards import RewardError

    try:
        return commands.COMMANDS[arguments.command](arguments)
    except (BadInput, RewardError) as error:
        for problem in str(error).splitlines():
            print(f"error: {problem}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="the suites there are")
    _add_run(commands.add_parser("run", help="answer and grade suites, from a recipe or from flags"))
    score = commands.add_parser("score", help="grade saved answers (responses.jsonl)")
    score.add_argument("file", type=Path, help="JSON lines: id, question, options, gold, completion, kind")
    score.add_argument("--out", type=Path, required=True, help="where the verdicts go, a line each, in order")
    score.add_argument("--grader", default="answer_match", help="the reward that judges (default: %(default)s)")
    compare = commands.add_parser("compare", help="paired differences between runs on the same items")
    compare.add_argument("base", type=Path, help="folder of the first run, which the others are compared with")
    compare.add_argument("others", type=Path, nargs="+", help="folders of the runs to compare with it")
    compare.add_argument("--out", type=Path, help="folder for gains.json, report.md and the pictures")
    _add_report(commands.add_parser("report", help="report metrics over saved answers, with intervals"))
    for command in (listing, *(commands.choices[name] for name in ("run", "score", "compare"))):
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("recipe", nargs="?", help="a recipe with a section `suites:`")
    run.add_argument("overrides", nargs="*", help="key=value, laid over the recipe")
    run.add_argument("--model", help="checkpoint or run folder, or hub id")
    run.add_argument("--suite", action="append", help="suite by name; may be given several times")
    run.add_argument("--out", type=Path, help="folder for the answers and the results")
    run.add_argument("--limit", type=int, help="ask at most so many items a suite")
    run.add_argument("--engine", choices=("vllm", "hf"), default="vllm", help="default: %(default)s")
    run.add_argument("--samples", type=int, help="answers an item: 1 is greedy (default), more are drawn")
    run.add_argument("--temperature", type=float, help="of drawn answers (default 1.0)")
    run.add_argument("--max-tokens", type=int, help="longest answer in tokens (default 512)")
    run.add_argument("--max-model-len", type=int, help="tokens of prompt and answer that vLLM makes room for")
    run.add_argument("--seed", type=int, help="of the draws (default 0)")
    run.add_argument("--style", choices=("think", "plain"), help="prompt style (default think)")
    run.add_argument("--blank-images", action="store_true", help="ask once more with every image blanked")


def _add_report(report: argparse.ArgumentParser) -> None:
    report.add_argument("file", type=Path, help="responses.jsonl of a suite with rows of kind report")
    report.add_argument("--metric", nargs="+", metavar="NAME", help="default: all; docs/report_metrics.md has them")
    report.add_argument("--section", choices=("both", "findings", "impression"), default="both", help="what counts")
    report.add_argument("--keep-scaffold", action="store_true", help='leave "Findings:" and "Impression:" in the texts')
    report.add_argument("--seed", type=int, default=0, help="of the bootstrap (default %(default)s)")
    report.add_argument("--out", type=Path, help="JSON file for all of it, with each report's own values")
    report.add_argument("--json", action="store_true", help="print JSON")


if __name__ == "__main__":
    sys.exit(main())
