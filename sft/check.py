"""Judge a recipe's data and model against what is there: names, splits, knobs, columns, files. Imports no torch."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import data
from data import catalog
from data.build import corpus
from eval import packaged, suites
from eval.grading import Grader, judge_of
from recipes import ROOT, BadInput, Recipe, folder, hint, missing_packages
from recipes.schema import DataUse
from sft import bases, launcher, published, sizes
from sft.launcher import has_gpu


def demand(problems: list[str]) -> None:
    """Raise them all at once as one BadInput, if there are any."""
    if problems:
        raise BadInput(problems)


def judge(recipe: Recipe) -> list[str]:
    """Every problem of the data, the model, its memory and the suites that a recipe names, worded with its place; those
    of its bases too."""
    base = judge(recipe.base) if recipe.base else []
    return [*_data(recipe), *_model(recipe), *_memory(recipe), *_suites(recipe), *base]


def missing_here(recipe: Recipe) -> list[str]:
    """What this machine lacks for a real start: packages, a GPU that the recipe demands, data."""
    return [*_missing_means(recipe), *missing_data(recipe)]


def missing_data(recipe: Recipe) -> list[str]:
    """The data sets that are missing here, those of a base included where that must be built first."""
    base = _unbuilt_base(recipe)
    return [*missing_sets(recipe), *(missing_data(base) if base else [])]


def missing_sets(recipe: Recipe) -> Iterator[str]:
    """The recipe's own sets whose files are neither here nor open on the hub, each with what to do."""
    for i, use in enumerate(recipe.data.train):
        info = data.describe(use.use)
        is_on_hub = bool(info.hub) and info.access == "open"
        if not is_on_hub and (text := catalog.missing(info, use.split, use.knobs)):
            yield f"{use.use} ({recipe.place(f'data.train.{i}')}: {text})"


def _unbuilt_base(recipe: Recipe) -> Recipe | None:
    """The base that must be built before this recipe can start."""
    base = recipe.base
    return base if base and folder.newest(base.run.output_dir) is None else None


def _missing_means(recipe: Recipe) -> list[str]:
    missing = [*missing_packages(recipe), *_missing_weights(recipe)]
    if recipe.run.hardware.device == "cuda" and not has_gpu():
        missing.append(f"a CUDA device ({recipe.place('run.hardware.device')})")
    return missing


def _missing_weights(recipe: Recipe) -> Iterator[str]:
    """Packages that hold the weights this run starts from, its base's included where that must be built first."""
    name = recipe.model.name or ""
    if packaged.is_packaged(name) and packaged.find(name) is None:
        yield f"the weights {name} ({recipe.place('model.name')}; {packaged.how_to_install(name)})"
    if base := _unbuilt_base(recipe):
        yield from _missing_weights(base)


def refuse_missing(recipe: Recipe) -> None:
    """A real start needs everything, and a launcher that does what it was asked for; `--check` only reports it. Data
    that are missing are named as they are read."""
    if missing := _missing_means(recipe):
        raise BadInput([f"{recipe.path}: missing here: {', '.join(missing)}; install it, or run this recipe elsewhere"])
    launcher.refuse(recipe)
    demand(list(_too_large_unshared(recipe)))


def _too_large_unshared(recipe: Recipe) -> Iterator[str]:
    """A model that each process would hold whole, where it fits only if all is shared out."""
    found = parameters(recipe)
    if found is None or launcher.shares_out(recipe):
        return
    memory = sizes.memory(recipe, found)
    if not memory.fits_whole:
        text = (
            f"is {recipe.run.hardware.memory_gb:g}, but this start shares nothing out, and training {found} takes at "
            f"least {sizes.gigabytes(memory.needed())} a process then; start it by accelerate launch --config_file "
            "recipes/accelerate/zero3.yaml, or use model.lora"
        )
        yield recipe.problem("run.hardware.memory_gb", text)


def mixture_size(recipe: Recipe) -> str:
    sets = " + ".join(f"{use.use}/{use.split}" + (f" x {use.n}" if use.n else "") for use in recipe.data.train)
    left_out = [value for values in recipe.data.leave_out.values() for value in values]
    less = f" without {', '.join(left_out)}" if left_out else ""
    return f"{sets}{less}" + (f", {recipe.data.share:.0%} of it" if recipe.data.share < 1 else "")


def summary(recipe: Recipe) -> dict[str, Any]:
    """What `--check` prints of any training recipe."""
    model = recipe.model
    return {
        "recipe": str(recipe.path),
        "model": model.name or model.from_ or "new, from model.init",
        "data": mixture_size(recipe),
        "output": recipe.run.output_dir,
        "missing here": missing_here(recipe),
        **model_facts(recipe, parameters(recipe)),
    }


def parameters(recipe: Recipe) -> sizes.Parameters | None:
    """The size of the model that is trained, as far as files here or its name tell; None where they do not."""
    lora = recipe.model.lora
    origin = recipe
    while base := _unbuilt_base(origin):
        origin = base  # it is going to have the size of what it starts from
    if origin.model.init:
        return sizes.of_config(sizes.init_config(origin.model.init), "model.init", lora)
    run = folder.newest(origin.base.run.output_dir) if origin.base else None
    place = run / bases.FINAL if run else path_of(origin.model.name)
    config = _config(place / "config.json") if place else None
    source = os.path.relpath(place, ROOT) if place else ""
    name = origin.model.name or ""
    if config is None and name in published.CONFIGS:
        config, source = published.CONFIGS[name], "as published"
    return sizes.of_config(config, source, lora) or sizes.of_name(name, lora)


def model_facts(recipe: Recipe, found: sizes.Parameters | None) -> dict[str, Any]:
    """What is trained, and whether there is room for it."""
    return {"parameters": _parameters_fact(recipe, found), "memory": memory_fact(recipe, found)}


def _parameters_fact(recipe: Recipe, found: sizes.Parameters | None) -> dict[str, Any]:
    """How many parameters of each part are trained, and how many stay as they are."""
    if found is None or not found.parts:
        return {"text": "not known by part: no config here tells"}
    parts = found.by_part(sizes.frozen(recipe))
    words = [
        f"{part} " + " and ".join(f"{sizes.millions(n)} {how}" for how, n in counts.items() if n)
        for part, counts in parts.items()
    ]
    return {"text": ", ".join(words), **parts}


def memory_fact(recipe: Recipe, found: sizes.Parameters | None) -> dict[str, Any]:
    """Whether the run fits into the memory that the recipe states, in words and in GB a process."""
    if found is None:
        return {"text": "not known: neither a config here nor the model's name tells its size"}
    memory = sizes.memory(recipe, found)
    zero2 = sizes.gigabytes(sizes.deepspeed(recipe, found, 2).needed())
    return {
        "text": f"{memory}{f', with ZeRO-2 {zero2}' if memory.processes > 1 else ''}; {found}",
        "parameters": found.total,
        "needed_gb": round(memory.needed() / sizes.GB, 3),
        "needed_sharded_gb": round(memory.needed(memory.processes) / sizes.GB, 3),
        "processes": memory.processes,
        "limit_gb": recipe.run.hardware.memory_gb,
    }


def _config(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None  # no config, or a torn one, which loading the model is going to name


def _memory(recipe: Recipe) -> Iterator[str]:
    """Only what cannot work in any way is a problem: activations are not counted, everything is shared out."""
    try:
        found = parameters(recipe)
    except BadInput:
        return  # the model's name is faulty, which is said elsewhere
    settings = recipe.grpo or recipe.sft
    if found is None or any(settings.get(name) for name in ("deepspeed", "fsdp")):
        return  # a sharding setting of its own may move state to the host
    memory = sizes.memory(recipe, found)
    if memory.fits:
        return
    ways = f", even fully sharded over {memory.processes} processes" if memory.processes > 1 else ""
    text = (
        f"is {recipe.run.hardware.memory_gb:g}, but training {found} takes at least "
        f"{sizes.gigabytes(memory.needed(memory.processes))} a process{ways}; use more or larger devices, or model.lora"
    )
    yield recipe.problem("run.hardware.memory_gb", text)


def _data(recipe: Recipe) -> Iterator[str]:
    for i, use in enumerate(recipe.data.train):
        try:
            info = data.describe(use.use)
        except BadInput as error:
            yield from (recipe.problem(f"data.train.{i}.use", text) for text in error.problems)
            continue
        if use.split not in info.splits:
            text = (
                f"{use.use} has no split {use.split!r}{hint(use.split, info.splits)}; it has {', '.join(info.splits)}"
            )
            yield recipe.problem(f"data.train.{i}.split", text)
        for knob in use.knobs.keys() - (info.knobs or {}).keys():
            known = [*(info.knobs or {}), "use", "split", "weight", "n", "seed"]
            text = f"{use.use} has no such knob{hint(knob, known)}; it has {', '.join(known)}"
            yield recipe.problem(f"data.train.{i}.{knob}", text)
        yield from (recipe.problem(f"data.train.{i}.path", text) for text in _corpus(use))
        if recipe.data.teacher and "trace" not in info.columns:
            yield recipe.problem("data.teacher", f"{use.use} has no reasoning traces for a teacher to show")


def _corpus(use: DataUse) -> list[str]:
    """What is wrong with the recipe of a corpus; whether that is built, `missing_data` says."""
    path = str(use.knobs.get("path") or "")
    if use.use == "built" and path.endswith(corpus.RECIPES):
        try:
            corpus.recipe_of(path)
        except BadInput as error:
            return error.problems
    return []


def _model(recipe: Recipe) -> Iterator[str]:
    """A path must be there and be a checkpoint; a hub id is taken on trust, as it cannot be asked offline."""
    try:
        path = path_of(recipe.model.name)
    except BadInput as error:
        yield from (recipe.problem("model.name", text) for text in error.problems)
        return
    if path is None:
        return
    if not path.exists():
        yield recipe.problem("model.name", f"no such file or folder: {path}")
    elif path.is_dir() and not (path / "config.json").is_file():
        yield recipe.problem("model.name", f"{path} is no checkpoint (it has no config.json)")
    elif path.is_file() and path.suffix != ".gguf":
        yield recipe.problem("model.name", f"{path} is no checkpoint: name its folder, or a .gguf file")


def path_of(name: str | None) -> Path | None:
    """The file or folder a model's name means; None for a hub id, and for a package that is missing here."""
    if name is None:
        return None
    if packaged.is_packaged(name):
        return packaged.find(name)
    return ROOT / name if _is_path(name) else None


def _is_path(name: str) -> bool:
    return (
        name.startswith((".", "/", "outputs/"))
        or name.endswith(".gguf")
        or name.count("/") != 1
        or (ROOT / name).exists()
    )


def _suites(recipe: Recipe) -> Iterator[str]:
    named = {f"suites.{i}": use for i, use in enumerate(recipe.eval.suites)}
    named |= {f"watch.{i}": use for i, use in enumerate(recipe.eval.watch)}
    for key, use in named.items():
        try:
            for suite in suites.used_all([use]):
                Grader(suite.grader, judge=judge_of(recipe.eval))
        except BadInput as error:
            yield from (recipe.problem(f"eval.{key}", text) for text in error.problems)
