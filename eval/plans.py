"""From a recipe or from flags to an evaluation: which arms, which checkpoint, which engine."""

from argparse import Namespace
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import recipes
from eval import checkpoints, gguf, probes, suites
from eval.answers import Shard
from eval.engines import Engine
from eval.grading import Judge, judge_of
from eval.run import Arm, arms, arms_of, check, limited
from recipes import BadInput, Recipe


@dataclass(frozen=True)
class Plan:
    """An evaluation to be made. `model` is a checkpoint's folder, a hub id, or an endpoint's name for its model."""

    model: str
    arms: list[Arm]
    shard: Shard = Shard()
    revision: str | None = None
    pixels: dict[str, int] = field(default_factory=dict)  # of an image, where not the model's own

    def check(self, out: Path | None) -> None:
        """BadInput for settings and suites that cannot be run, all at once."""
        problems = []
        for arm in self.arms:
            try:
                check(arm, out=out / arm.name if out else None)
            except BadInput as error:
                problems += [line for line in error.problems if line not in problems]
        if problems:
            raise BadInput(problems)


def of_flags(arguments: Namespace) -> Plan:
    """BadInput naming the flags that are missing or make no sense."""
    lacking = [f"--{name}" for name in ("model", "suite", "out") if not getattr(arguments, name)]
    if lacking:
        raise BadInput(f"eval run wants a recipe, or --model, --suite and --out; {', '.join(lacking)} missing")
    how = {"samples": [1], "temperature": 1.0, "max_tokens": 512, "seed": 0, "style": "think", "probes": []}
    asked = [limited(suites.load(name), arguments.limit) for name in suites.expanded(arguments.suite)]
    return _plan(arguments, None, asked, how)


def of_recipe(recipe: Recipe, arguments: Namespace) -> Plan:
    """The recipe's evaluation; flags that were given win over it."""
    if recipe.kind != "suites":
        raise BadInput(f"{recipe.path}: is a {recipe.kind} recipe; eval runs those with a section `suites:`")
    how = {"max_tokens": recipe.eval.max_tokens or 512, "seed": recipe.eval.seed, "style": recipe.data.prompt}
    how["judge"] = judge_of(recipe.eval)
    asked = [limited(suite, arguments.limit) for suite in suites.used_all(recipe.suites)]
    return _plan(arguments, recipe, asked, {**how, **arms_of(recipe.eval)})


def claimed(recipe: Recipe) -> Path:
    """The recipe's run folder, taken: an unfinished evaluation is always gone on with."""
    begun = recipes.folder.unfinished(recipe.run.output_dir) is not None
    return recipes.folder.claim(recipe.run.output_dir, recipe.resolved(), resume=begun)


def engine(plan: Plan, arguments: Namespace) -> Engine:
    """Starts the engine that --engine names."""
    from eval.vllm_engine import VllmEngine, prepare_cpu_environment

    if arguments.engine == "openai":
        from eval.openai_engine import OpenAIEngine

        return OpenAIEngine(arguments.base_url, plan.model, key_env=arguments.key_env, at_once=arguments.at_once)
    if arguments.engine == "vllm":
        prepare_cpu_environment()  # before anything imports torch
    model = gguf.local_checkpoint(plan.model)
    checkpoints.demand(model)
    if arguments.engine == "hf":
        from eval.hf_engine import HfEngine

        return HfEngine.from_pretrained(model, pixels=plan.pixels, revision=plan.revision, dtype=arguments.dtype)
    settings: dict[str, Any] = {"tensor_parallel_size": arguments.tensor_parallel}
    for name in ("max_model_len", "dtype"):
        if value := getattr(arguments, name):
            settings[name] = value
    return VllmEngine.from_pretrained(model, pixels=plan.pixels, revision=plan.revision, **settings)


def _plan(arguments: Namespace, recipe: Recipe | None, asked: list[suites.Suite], how: dict[str, Any]) -> Plan:
    """The flags laid over `how`, judged."""
    names = ("temperature", "max_tokens", "seed", "style")
    given = {name: value for name in names if (value := getattr(arguments, name)) is not None}
    if arguments.samples is not None:
        given["samples"] = [arguments.samples]
    wanted = [*how["probes"], *(["blank"] if arguments.blank_images else []), *arguments.probe]
    how = {**how, **given, "probes": list(dict.fromkeys(wanted))}
    if arguments.judge_url:
        how["judge"] = Judge(arguments.judge_url, arguments.judge_model, arguments.judge_key_env)
    problems = []
    for name, value in (("samples", min(how["samples"])), ("max tokens", how["max_tokens"])):
        if value < 1:
            problems.append(f"{name}: {value} is too few; at least 1")
    if how["temperature"] <= 0:
        problems.append(f"temperature: {how['temperature']} must be above 0 (one sample an item is greedy anyway)")
    if arguments.engine == "openai" and not arguments.base_url:
        problems.append("engine openai: name the endpoint with --base-url, such as http://localhost:8000/v1")
    if bool(arguments.judge_url) != bool(arguments.judge_model):
        problems.append("a judge needs both --judge-url and --judge-model")
    if arguments.shard != "0/1" and not arguments.out:
        problems.append("--shard: name the folder that all shards share with --out")
    for name in how["probes"]:
        try:
            probes.load(name)
        except BadInput as error:
            problems += error.problems
    if problems:
        raise BadInput(problems)
    said: dict[str, Any] = {}
    for name in ("revision", "min_pixels", "max_pixels"):
        said[name] = getattr(arguments, name) or (getattr(recipe.model, name) if recipe else None)
    pixels = {name: said[name] for name in ("min_pixels", "max_pixels") if said[name]}
    return Plan(_model(arguments, recipe), arms(asked, **how), Shard.read(arguments.shard), said["revision"], pixels)


def _model(arguments: Namespace, recipe: Recipe | None) -> str:
    if arguments.model:
        return arguments.model if arguments.engine == "openai" else checkpoints.resolve(arguments.model)
    assert recipe is not None
    if recipe.base is not None:
        return checkpoints.built_by(recipe.base)
    if not recipe.model.name:
        raise BadInput(recipe.problem("model", "an evaluation needs model.name, model.from or --model"))
    return checkpoints.resolve(recipe.model.name)
