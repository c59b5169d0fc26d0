"""What `python -m eval` does: one function a command, each from parsed arguments to an exit code."""

import json
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import recipes
from eval import checkpoints, gains, report, report_scoring, results, suites, table
from eval.engines import Engine
from eval.grading import Grader, grade_file
from eval.run import arms, check, evaluate_all, limited
from recipes import BadInput, Recipe


@dataclass(frozen=True)
class Plan:
    """An evaluation to be made: the checkpoint, what it is asked, how, and where the answers go."""

    model: str
    suites: list[suites.Suite]
    samples: list[int]
    temperature: float
    max_tokens: int
    seed: int
    style: str
    blank_images: bool


def show_list(arguments: Namespace) -> int:
    """The suites, with the data they take."""
    found = [suites.load(name) for name in suites.names()]
    if arguments.json:
        print(json.dumps([asdict(suite) for suite in found], indent=2))
        return 0
    rows = [(s.name, s.use, s.split, str(s.n or "all"), s.grader, s.about) for s in found]
    table.show(("suite", "data", "split", "n", "grader", "what it asks"), rows)
    return 0


def run(arguments: Namespace) -> int:
    """Answers and grades; everything that can be judged is judged before a model is loaded."""
    recipe = None
    if arguments.recipe:
        recipe = recipes.load(arguments.recipe, arguments.overrides)
    plan = _plan_of_recipe(recipe, arguments) if recipe else _plan_of_flags(arguments)
    _check(plan, arguments.out)
    out = _claim(recipe) if recipe and not arguments.out else arguments.out
    engine = _engine(arguments.engine, plan.model, arguments.max_model_len)
    how: dict[str, Any] = {name: getattr(plan, name) for name in ("temperature", "max_tokens", "seed", "style")}
    found = evaluate_all(engine, plan.suites, samples=plan.samples, blank_images=plan.blank_images, out=out, **how)
    if recipe and not arguments.out:
        recipes.folder.write_versions(out, plan.seed)
        recipes.folder.finish(out, {"recipe": str(recipe.path), "model": plan.model})
    _show_results(found, out, arguments.json)
    return 0


def score(arguments: Namespace) -> int:
    """Grades saved answers; the verdicts appear under their name when all are written."""
    if not arguments.file.is_file():
        raise BadInput(f"{arguments.file}: no such file")
    if arguments.out.exists():
        raise BadInput(f"{arguments.out}: exists; delete it or choose another --out")
    verdicts = grade_file(arguments.file, Grader(arguments.grader))
    part = arguments.out.with_name(arguments.out.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    counts = {"right": 0, "not right": 0, "cannot be graded": 0}
    with part.open("w", encoding="utf-8") as file:
        for verdict in verdicts:
            file.write(json.dumps(verdict, ensure_ascii=False) + "\n")
            counts[{True: "right", False: "not right", None: "cannot be graded"}[verdict["correct"]]] += 1
    part.replace(arguments.out)
    print(json.dumps(counts) if arguments.json else f"{counts} -> {arguments.out}")
    return 0


def compare(arguments: Namespace) -> int:
    """Each of the other runs against the first one, on the same items."""
    base = results.read(arguments.base)
    found: dict[str, Any] = {}
    for number, other in enumerate(arguments.others, 1):
        rl = results.read(other)
        gain = gains.gains(base, rl, parents=[str(arguments.base), str(other)])
        found[str(other)] = gain
        if arguments.out:
            place = arguments.out if len(arguments.others) == 1 else arguments.out / f"{number}-{other.resolve().name}"
            gains.write(gain, place)
            report.write(place, gain, base, rl)
        if not arguments.json:
            _show_gain(gain, base, rl, f"{arguments.base} -> {other}")
    if arguments.json:
        print(json.dumps(found if len(found) > 1 else next(iter(found.values())), indent=2))
    return 0


COMMANDS: dict[str, Callable[[Namespace], int]] = {
    "list": show_list,
    "run": run,
    "score": score,
    "compare": compare,
    "report": report_scoring.run,
}


def _plan_of_flags(arguments: Namespace) -> Plan:
    lacking = [f"--{name}" for name in ("model", "suite", "out") if not getattr(arguments, name)]
    if lacking:
        raise BadInput(f"eval run wants a recipe, or --model, --suite and --out; {', '.join(lacking)} missing")
    return Plan(
        model=checkpoints.resolve(arguments.model),
        suites=[limited(suites.load(name), arguments.limit) for name in suites.expanded(arguments.suite)],
        samples=[_given(arguments.samples, 1)],
        temperature=_given(arguments.temperature, 1.0),
        max_tokens=_given(arguments.max_tokens, 512),
        seed=_given(arguments.seed, 0),
        style=arguments.style or "think",
        blank_images=arguments.blank_images,
    )


def _plan_of_recipe(recipe: Recipe, arguments: Namespace) -> Plan:
    """The recipe's evaluation; flags that were given win over it."""
    if recipe.kind != "suites":
        raise BadInput(f"{recipe.path}: is a {recipe.kind} recipe; eval runs those with a section `suites:`")
    named = suites.used_all(recipe.suites)
    return Plan(
        model=checkpoints.resolve(arguments.model) if arguments.model else _model_of(recipe),
        suites=[limited(suite, arguments.limit) for suite in named],
        samples=recipe.eval.samples if arguments.samples is None else [arguments.samples],
        temperature=_given(arguments.temperature, recipe.eval.temperature),
        max_tokens=_given(arguments.max_tokens, recipe.eval.max_tokens or 512),
        seed=_given(arguments.seed, recipe.eval.seed),
        style=arguments.style or recipe.data.prompt,
        blank_images=arguments.blank_images or recipe.eval.blank_images,
    )


def _model_of(recipe: Recipe) -> str:
    if recipe.base is not None:
        return checkpoints.built_by(recipe.base)
    if not recipe.model.name:
        raise BadInput(recipe.problem("model", "an evaluation needs model.name, model.from or --model"))
    return checkpoints.resolve(recipe.model.name)


def _check(plan: Plan, out: Path | None) -> None:
    """BadInput for settings and suites that cannot be run, all at once."""
    problems = []
    for name, value, least in (("samples", min(plan.samples), 1), ("max tokens", plan.max_tokens, 1)):
        if value < least:
            problems.append(f"{name}: {value} is too few; at least {least}")
    if plan.temperature <= 0:
        problems.append(f"temperature: {plan.temperature} must be above 0 (one sample an item is greedy anyway)")
    for suite in plan.suites:
        try:
            check(suite)
        except BadInput as error:
            problems += error.problems
    if problems:
        raise BadInput(problems)
    for suite, k, blank in arms(plan.suites, plan.samples, plan.blank_images) if out else []:
        check(suite, blank_images=blank, out=out / results.arm_name(suite.name, k, blank) if out else None)


def _claim(recipe: Recipe) -> Path:
    return recipes.folder.claim(recipe.run.output_dir, recipe.resolved())


def _engine(name: str, model: str, max_model_len: int | None) -> Engine:
    from eval.vllm_engine import VllmEngine, prepare_cpu_environment

    if name == "vllm":
        prepare_cpu_environment()  # before anything imports torch
    checkpoints.demand(model)
    if name == "hf":
        from eval.hf_engine import HfEngine

        return HfEngine.from_pretrained(model)
    return VllmEngine.from_pretrained(model, **({"max_model_len": max_model_len} if max_model_len else {}))


def _show_results(found: Sequence[results.Result], out: Path, as_json: bool) -> None:
    summaries = [result.summary() for result in found]
    if as_json:
        print(json.dumps({"out": str(out), "results": summaries}, indent=2))
        return
    table.show(table.RESULT_HEADER, map(table.result_row, summaries))
    print(f"answers: {out}/<suite>/responses.jsonl\ncompare with another run: python -m eval compare {out} OTHER")


def _show_gain(gain: dict[str, Any], base: Sequence[results.Result], rl: Sequence[results.Result], title: str) -> None:
    table.show(table.HEADER, table.gain_rows(gain), title)
    for name, entry in gain["suites"].items():
        if "+blank" not in name and (rows := list(table.group_rows(entry))):
            table.show(("group", *table.HEADER[1:]), rows, name)
    for line in gains.different_settings(base, rl):
        print(f"note: {line}")


def _given(value: Any, default: Any) -> Any:
    return default if value is None else value
