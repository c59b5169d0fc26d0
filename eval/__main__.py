"""`python -m eval`: list suites, answer and grade them, grade saved answers, compare runs."""

import argparse
import os
import sys
from pathlib import Path

from data.prompt import STYLES
from eval.picks import PICKS
from recipes import BadInput
from recipes.command import guarded

RESUMES = ("run", "judge")  # commands that go on where they were stopped


def main(argv: list[str] | None = None) -> int:
    """0: done; 2: bad use or bad input, one line each on stderr."""
    arguments = _parser().parse_args(argv)
    arguments.argv = sys.argv[1:] if argv is None else list(argv)
    kept = (
        "what was answered is kept, and the same command goes on"
        if arguments.command in RESUMES
        else "nothing was written"
    )
    return guarded(lambda: _done(arguments), kept)


def _done(arguments: argparse.Namespace) -> int:
    from eval import commands
    from rewards import RewardError

    try:
        return commands.COMMANDS[arguments.command](arguments)
    except RewardError as error:
        raise BadInput(str(error).splitlines()) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="the suites there are")
    _add_run(commands.add_parser("run", help="answer and grade suites, from a recipe or from flags"))
    _add_score(commands.add_parser("score", help="grade saved answers again: ours, or MedEvalKit's results.json"))
    _add_judge(commands.add_parser("judge", help="a language model's verdict beside the rules', and their agreement"))
    compare = commands.add_parser("compare", help="paired differences between runs on the same items")
    compare.add_argument("base", type=Path, help="folder of the first run, which the others are compared with")
    compare.add_argument("others", type=Path, nargs="+", help="folders of the runs to compare with it")
    compare.add_argument("--out", type=Path, help="folder for gains.json, report.html, report.md and the pictures")
    _add_report(commands.add_parser("report", help="report metrics over saved answers, with intervals"))
    _add_cases(commands.add_parser("cases", help="items side by side, with image, thinking, answer and verdict"))
    for command in (listing, *(commands.choices[name] for name in ("run", "score", "judge", "compare", "cases"))):
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("recipe", nargs="?", help="a recipe with a section `suites:`")
    run.add_argument("overrides", nargs="*", help="key=value, laid over the recipe")
    run.add_argument("--model", help="checkpoint or run folder, or hub id")
    run.add_argument("--suite", action="append", help="suite by name; may be given several times")
    run.add_argument("--out", type=Path, help="folder for the answers and the results")
    run.add_argument("--limit", type=int, help="ask at most so many items a suite")
    run.add_argument("--engine", choices=("vllm", "hf", "openai"), default="vllm", help="default: %(default)s")
    run.add_argument("--samples", type=int, help="answers an item: 1 is greedy (default), more are drawn")
    run.add_argument("--temperature", type=float, help="of drawn answers (default 1.0)")
    run.add_argument("--max-tokens", type=int, help="longest answer in tokens (default 512)")
    run.add_argument("--max-model-len", type=int, help="tokens of prompt and answer that vLLM makes room for")
    run.add_argument("--dtype", choices=("float32", "bfloat16", "float16"), help="default: its own; on a CPU float32")
    run.add_argument("--min-pixels", type=int, help="of an image; smaller ones are enlarged")
    run.add_argument("--max-pixels", type=int, help="of an image; larger ones are scaled down")
    run.add_argument("--revision", help="of a model on the hub: branch, tag or commit")
    run.add_argument("--seed", type=int, help="of the draws (default 0)")
    run.add_argument("--style", choices=STYLES, help="prompt style (default think)")
    run.add_argument("--probe", action="append", default=[], help="ask once more with something missing or moved")
    run.add_argument("--blank-images", action="store_true", help="the same as --probe blank")
    run.add_argument("--tensor-parallel", type=int, default=1, help="GPUs that share one copy of the model")
    run.add_argument("--data-parallel", type=int, default=1, help="processes, each with a copy of the model")
    run.add_argument("--shard", default="0/1", help="INDEX/COUNT: ask only this part; start one process for each")
    run.add_argument("--judge-url", default="", help="endpoint of the judge, for suites that are graded by one")
    run.add_argument("--judge-model", default="", help="the judge's name there")
    run.add_argument("--judge-key-env", default="", help="environment variable that holds the judge's key")
    run.add_argument("--base-url", default="", help="of an OpenAI-compatible endpoint, for --engine openai")
    run.add_argument("--key-env", default="", help="environment variable that holds the endpoint's key")
    run.add_argument("--at-once", type=int, default=32, help="requests under way at the endpoint (default %(default)s)")


def _add_score(score: argparse.ArgumentParser) -> None:
    score.add_argument("file", type=Path, help="id, question, options, gold, completion, kind: JSON or Parquet rows")
    score.add_argument("--out", type=Path, required=True, help="where the verdicts go, a line each, in order")
    score.add_argument("--grader", default="answer_match", help="the reward that judges (default: %(default)s)")
    score.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)")
    score.add_argument("--skip-bad", action="store_true", help="leave bad rows out and name them; else the first stops")


def _add_report(report: argparse.ArgumentParser) -> None:
    report.add_argument("file", type=Path, help="responses.jsonl of a suite with rows of kind report")
    report.add_argument("--metric", nargs="+", metavar="NAME", help="default: all; docs/report_metrics.md has them")
    report.add_argument("--section", choices=("both", "findings", "impression"), default="both", help="what counts")
    report.add_argument("--keep-scaffold", action="store_true", help='leave "Findings:" and "Impression:" in the texts')
    report.add_argument("--seed", type=int, default=0, help="of the bootstrap (default %(default)s)")
    report.add_argument("--out", type=Path, help="JSON file for all of it, with each report's own values")
    report.add_argument("--json", action="store_true", help="print JSON")


def _add_cases(cases: argparse.ArgumentParser) -> None:
    cases.add_argument("runs", type=Path, nargs="+", help="folders of the runs, the base first")
    cases.add_argument("--out", type=Path, required=True, help="the page, a file ending in .html")
    cases.add_argument("--suite", action="append", help="only these; a probe's arm by its whole name (default: all)")
    cases.add_argument("--id", action="append", help="these items, instead of drawn ones")
    cases.add_argument("--pick", choices=PICKS, default="mixed", help="which items are drawn (default: %(default)s)")
    cases.add_argument("--n", type=int, default=8, help="items a suite (default %(default)s)")
    cases.add_argument("--seed", type=int, default=0, help="of the draw (default 0)")


def _add_judge(judge: argparse.ArgumentParser) -> None:
    judge.add_argument("folder", type=Path, help="an evaluation, or a folder with several")
    judge.add_argument("--base-url", required=True, help="of any OpenAI-compatible endpoint")
    judge.add_argument("--model", required=True, help="as the endpoint names it")
    judge.add_argument("--key-env", default="", help="environment variable that holds the endpoint's key")
    judge.add_argument("--kind", action="append", help="kinds of questions to judge, or all (default text)")
    judge.add_argument("--at-once", type=int, default=16, help="requests under way (default %(default)s)")
    judge.add_argument("--cache", default=".cache/llm_judge", help="folder of the verdicts that have been paid for")
    judge.add_argument("--timeout", type=float, default=120.0, help="seconds for one verdict (default %(default)g)")


if __name__ == "__main__":
    sys.exit(main())
