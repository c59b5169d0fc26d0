"""What `python -m eval` does: one function a command, each from parsed arguments to an exit code."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

import recipes
from data.pages import tables
from eval import (
    catalog,
    gains,
    kept,
    parallel,
    plans,
    report,
    report_scoring,
    results,
    scoring,
    second_opinion,
    studies,
    suites,
    table,
)
from eval.run import evaluate_all


def show_list(arguments: Namespace) -> int:
    """The suites, with the data they take and whether those are here; and the groups."""
    found = [catalog.entry(suites.load(name)) for name in suites.names()]
    if arguments.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    tables.show(catalog.HEADER, map(catalog.row, found))
    for name, members in suites.groups().items():
        print(f"{name} runs {', '.join(members)}")
    print("\nSET_SPLIT is a suite for any split of any data set, such as pubmedqa_train; what to download: --json")
    return 0


def run(arguments: Namespace) -> int:
    """Answers and grades; everything that can be judged is judged before a model is loaded."""
    recipe = recipes.load(arguments.recipe, arguments.overrides) if arguments.recipe else None
    plan = plans.of_recipe(recipe, arguments) if recipe else plans.of_flags(arguments)
    plan.check(arguments.out)
    out = plans.claimed(recipe) if recipe and not arguments.out else arguments.out
    if arguments.data_parallel > 1:
        parallel.run(arguments.data_parallel, arguments.tensor_parallel, [*arguments.argv, "--out", str(out)])
        found = [kept.read_one(out / arm.name) for arm in plan.arms]
    else:
        found = evaluate_all(plans.engine(plan, arguments), plan.arms, out=out, shard=plan.shard)
    if recipe and not arguments.out:
        recipes.folder.write_versions(out, recipe.eval.seed)
        recipes.folder.finish(out, {"recipe": str(recipe.path), "model": plan.model})
    _show_results(found, out, arguments.json)
    if missing := [arm.name for arm in plan.arms if arm.name not in {result.name for result in found}]:
        print(f"other shards are not done yet: {', '.join(missing)}", file=sys.stderr)
    return 0


def compare(arguments: Namespace) -> int:
    """Each of the other runs against the first one, on the same items; several get a report together, too."""
    base, several = kept.read(arguments.base), len(arguments.others) > 1
    runs = []
    for number, other in enumerate(arguments.others, 1):
        rl = kept.read(other)
        gain = gains.gains(base, rl, parents=[str(arguments.base), str(other)])
        place = f"{number}-{other.resolve().name}/" if several else ""
        runs.append(report.Compared(str(other), gain, base, rl, place))
        if arguments.out:
            gains.write(gain, arguments.out / place)
            report.write(arguments.out / place, gain, base, rl)
        if not arguments.json:
            _show_gain(runs[-1], f"{arguments.base} -> {other}")
    if arguments.out and several:
        report.write_all(arguments.out, str(arguments.base), runs)
    if arguments.json:
        found = {one.name: one.found for one in runs}
        print(json.dumps(found if several else runs[0].found, indent=2))
    elif arguments.out:
        print(f"the report: {arguments.out}/report.html   (as text: report.md; numbers: gains.json)")
    return 0


COMMANDS: dict[str, Callable[[Namespace], int]] = {
    "list": show_list,
    "run": run,
    "score": scoring.run,
    "report": report_scoring.run,
    "judge": second_opinion.run,
    "compare": compare,
    "cases": studies.run,
}


def _show_results(found: Sequence[results.Result], out: Path, as_json: bool) -> None:
    summaries = [result.summary() for result in found]
    if as_json:
        print(json.dumps({"out": str(out), "results": summaries}, indent=2))
        return
    if not summaries:
        return
    tables.show(table.RESULT_HEADER, map(table.result_row, summaries))
    for summary in summaries:
        if summary["failed"]:
            print(f"{summary['name']}: {summary['failed']} items could not be asked and are not counted: failed.jsonl")
    print(f"answers: {out}/<suite>/responses.jsonl\ncompare with another run: python -m eval compare {out} OTHER")


def _show_gain(one: report.Compared, title: str) -> None:
    tables.show(table.HEADER, table.gain_rows(one.found), title)
    for name, entry in one.plain.items():
        if rows := list(table.group_rows(entry)):
            tables.show(table.GROUP_HEADER, rows, name)
    for line in report.headlines(one):
        print(line.replace("**", ""))
    for line in gains.different_settings(one.base, one.rl):
        print(f"note: {line}")
