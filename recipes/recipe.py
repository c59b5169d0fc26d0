"""A recipe, judged: all its problems at once, or a typed object."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, PrivateAttr, ValidationError

from . import rules, settings
from .document import Document, read
from .fields import lora_fields, trl_fields
from .overrides import apply
from .paths import ROOT, from_here, from_root
from .problems import BadInput, Fault, Key, Place, dotted, hint, nearest, shown
from .schema import KINDS, DataUse, Hardware, Section, Sections


class Recipe(Sections):
    """The sections of one recipe. Later judges (columns, rewards) word their findings with `problem`."""

    _document: Document = PrivateAttr()
    _base: "Recipe | None" = PrivateAttr(default=None)

    @property
    def path(self) -> Path:
        """The recipe's file, as it was named."""
        return Path(self._document.source)

    @property
    def folder(self) -> Path:
        """Where the recipe lies: `./file.py:fn` starts here."""
        return from_here(self.path).resolve().parent

    @property
    def kind(self) -> str:
        """`grpo`, `sft`, `build`, `suites` or `sweep`."""
        return rules.kind_of(self._document.values) or ""

    @property
    def base(self) -> "Recipe | None":
        """The recipe that `model.from` or `sweep.base` names."""
        return self._base

    def resolved(self) -> dict[str, Any]:
        """The recipe in full, defaults filled in, as plain JSON values; paths stay as given."""
        return self.model_dump(mode="json", by_alias=True, include={self.kind, *KINDS[self.kind]})

    def seed_of(self, use: DataUse) -> int:
        """By which the rows of a data set are drawn: its own, else the run's."""
        return self.run.seed if use.seed is None else use.seed

    def place(self, key: str) -> str:
        """Where a key such as `data.train.0.weight` was written: `FILE:LINE` or `override 'x=y'`."""
        return str(self._document.place(key))

    def problem(self, key: str, text: str) -> str:
        """One line for a BadInput of a later judge."""
        return _line(self._document, Fault(tuple(key.split(".")), text))


def load(path: str | Path, overrides: Sequence[str] = (), *, processes: int | None = None) -> Recipe:
    """Read and judge the recipe at `path` with `key.path=value` overrides laid over it, and the recipes it builds on.

    `processes` is the number of trainer processes, by default one for each GPU the recipe states. Raises BadInput with
    every problem found, `FILE:LINE: key.path: what is wrong (did you mean X?)`.
    """
    return _load(path, overrides, processes, ())


def _load(path: str | Path, overrides: Sequence[str], processes: int | None, above: tuple[Path, ...]) -> Recipe:
    document = read(path)
    _demand_mapping(document)
    apply(document, overrides)
    faults = [*document.faults, *_judge(document.values, processes)]
    lines = _lines(document, faults)
    base = None
    try:
        base = _base_of(document, (*above, from_here(path).resolve()))
    except BadInput as error:
        lines += error.problems
    if lines:
        raise BadInput(lines)
    recipe = Recipe.model_validate(_with_defaults(document))
    recipe._document, recipe._base = document, base
    _judge_sweep(recipe)
    return recipe


def _demand_mapping(document: Document) -> None:
    if document.values in (None, {}):
        raise BadInput(f"{document.source}: empty; a recipe has one of the sections {', '.join(KINDS)}")
    if not isinstance(document.values, dict):
        raise BadInput(f"{document.source}:1: a recipe is a mapping of sections, this is {shown(document.values)}")


def _with_defaults(document: Document) -> dict[str, Any]:
    """The values with `run.output_dir` named after the recipe, where the recipe does not name it."""
    file = from_here(document.source).resolve()
    home = ROOT / "recipes"
    name = file.relative_to(home) if file.is_relative_to(home) else Path(file.name)
    run = {"output_dir": f"outputs/{name.with_suffix('').as_posix()}"} | document.values.get("run", {})
    return document.values | {"run": run}


def _judge(values: dict[str, Any], processes: int | None) -> Iterator[Fault]:
    """Every fault of a recipe's own values: key by key, setting by setting, then between keys."""
    try:
        Sections.model_validate(values)
    except ValidationError as error:
        details = error.errors()
        yield from _missing([detail for detail in details if detail["type"] == "missing"])
        yield from (_fault(detail, values) for detail in details if detail["type"] != "missing")
    yield from settings.judge(("grpo",), values.get("grpo"), trl_fields("GRPOConfig"))
    yield from settings.judge(("sft",), values.get("sft"), trl_fields("SFTConfig"))
    model = values.get("model")
    if isinstance(model, dict):
        yield from settings.judge(("model", "lora"), model.get("lora"), lora_fields(), moved={})
    yield from rules.judge(values, processes or _stated_processes(values))


def _stated_processes(values: dict[str, Any]) -> int:
    run = values.get("run")
    try:
        return Hardware.model_validate(run.get("hardware", {}) if isinstance(run, dict) else {}).processes
    except ValidationError:
        return 1


def _base_of(document: Document, above: tuple[Path, ...]) -> Recipe | None:
    """The recipe this one builds on, judged like any other; a ring of recipes is refused."""
    for key in (("model", "from"), ("sweep", "base")):
        section = document.values.get(key[0])
        name = section.get(key[1]) if isinstance(section, dict) else None
        if not isinstance(name, str) or not name:
            continue
        if fault := rules.base_fault(document.values, key):
            raise BadInput(_line(document, fault))
        if from_root(name).resolve() in above:
            raise BadInput(_line(document, Fault(key, "the recipe would build on itself; name another base")))
        base = _load(_as_named(name), (), None, above)
        if base.kind not in ("sft", "grpo"):
            raise BadInput(_line(document, Fault(key, f"{name} is a {base.kind} recipe and trains no model")))
        return base
    return None


def _judge_sweep(recipe: Recipe) -> None:
    """Every run of a sweep must be a good recipe; BadInput names the entry that makes it a bad one."""
    lines: list[str] = []
    for index, entry in enumerate(recipe.sweep.overrides if recipe.sweep else []):
        try:
            _load(str(recipe.base.path) if recipe.base else "", entry, None, ())
        except BadInput as error:
            key = f"sweep.overrides.{index}"
            lines += [recipe.problem(key, line) for line in error.problems]
    if lines:
        raise BadInput(lines)


def _as_named(name: str) -> str:
    """A path of a recipe, seen from the root, so that the working directory cannot put another file in its place."""
    return name if from_here(name).resolve() == from_root(name).resolve() else str(from_root(name))


def _lines(document: Document, faults: list[Fault]) -> list[str]:
    """The faults as messages, in the order of the file, overrides last; of one place and key, the first fault only."""
    first: dict[tuple[Place, Key], Fault] = {}
    for fault in faults:
        first.setdefault((_place(document, fault), fault.key), fault)
    ordered = sorted(first.items(), key=lambda item: (item[0][0].line == 0, item[0][0].line))
    return [_line(document, fault) for _, fault in ordered]


def _line(document: Document, fault: Fault) -> str:
    return ": ".join(filter(None, (str(_place(document, fault)), dotted(fault.key), fault.text)))


def _place(document: Document, fault: Fault) -> Place:
    return fault.place or document.place(dotted(fault.key))


def _missing(details: list[Any]) -> Iterator[Fault]:
    """Keys that a section lacks, in one line a section; a key written almost right is offered as the explanation."""
    lacking: dict[Key, dict[str, str | None]] = {}
    for detail in details:
        *section, name = detail["loc"]
        lacking.setdefault(tuple(section), {})[name] = nearest(name, detail["input"])
    for section, names in lacking.items():
        pairs = [(name, slip) for name, slip in names.items() if slip and slip not in names]
        slips = [f"; is {slip} meant to be {name}?" for name, slip in pairs if nearest(slip, names) == name]
        yield Fault(section, f"missing: {', '.join(names)}{''.join(slips)}")


def _fault(detail: Any, values: dict[str, Any]) -> Fault:
    """A finding of pydantic in the recipe's words."""
    key, got, context = tuple(detail["loc"]), shown(detail["input"]), detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return Fault(key, f"unknown key{_key_hint(key, values)}")
        case "literal_error":
            words = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
            return Fault(key, f"wants {' or '.join(words)}, got {got}{hint(str(detail['input']), words)}")
        case "too_short" | "string_too_short":
            return Fault(key, "must not be empty")
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal" as comparison:
            words = COMPARISONS[comparison]
            return Fault(key, f"must be {words} {next(iter(context.values())):g}, got {got}")
        case "model_type" if str(context.get("class_name")).endswith("Use"):
            return Fault(key, f"wants {{use: NAME, ...}}, got {got}")
        case kind if wanted := WANTED.get(kind.partition("_")[0]):
            return Fault(key, f"wants {wanted}, got {got}")
        case _:
            return Fault(key, f"{detail['msg']}, got {got}")


COMPARISONS = {
    "greater_than": "above",
    "greater_than_equal": "at least",
    "less_than": "below",
    "less_than_equal": "at most",
}
WANTED = {
    "int": "an integer",
    "float": "a number",
    "string": "text",
    "bool": "true or false",
    "list": "a list",
    "dict": "a mapping",
    "model": "a mapping",
}


def _key_hint(key: Key, values: dict[str, Any]) -> str:
    """The nearest key of the same section, else the section that knows a key of this very name."""
    name, known = str(key[-1]), _known_keys(key[:-1])
    if text := hint(name, known):
        return text
    homes = [f"{section}.{name}" for section in ("model", "data", "eval", "run") if name in _known_keys((section,))]
    homes += [f"grpo.{name}"] if "grpo" in values and name in trl_fields("GRPOConfig") else []
    homes += [f"sft.{name}"] if "sft" in values and name in trl_fields("SFTConfig") else []
    return f" (did you mean {homes[0]}?)" if homes else f"; known here: {', '.join(known)}"


def _known_keys(key: Key) -> list[str]:
    """The keys of the section at `key`, as a recipe writes them."""
    section: type[BaseModel] = Sections
    for part in key:
        if isinstance(part, str):
            fields = {field.alias or name: field for name, field in section.model_fields.items()}
            section = next(_sections_in(fields[part].annotation))
    return [field.alias or name for name, field in section.model_fields.items()]


def _sections_in(annotation: Any) -> Iterator[type[Section]]:
    """The section classes within an annotation such as `list[DataUse] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    for part in get_args(annotation):
        yield from _sections_in(part)
