"""The fields of other projects' config classes, read from their source: importing trl costs seconds, and torch.

`trl_fields("GRPOConfig")` parses the dataclass with `ast`, follows its bases, and turns each annotation into a type
that pydantic can judge. What cannot be understood becomes `Any`, which accepts everything.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeGuard, Union, cast

# Classes that a package exports from its root: the file they are defined in.
HOMES = {
    "GRPOConfig": "trl/trainer/grpo_config.py",
    "SFTConfig": "trl/trainer/sft_config.py",
    "TrainingArguments": "transformers/training_args.py",
    "LoraConfig": "peft/tuners/lora/config.py",
}
PLAIN: dict[str, Any] = {"int": int, "float": float, "bool": bool, "str": str, "dict": dict, "list": list}
NO_DEFAULT: Any = object()


@dataclass(frozen=True)
class Setting:
    """One field: the type of its values, and its default (NO_DEFAULT where the source does not spell it out)."""

    annotation: Any
    default: Any = NO_DEFAULT


class Found(NamedTuple):
    """A class and the file it is defined in."""

    node: ast.ClassDef
    file: Path


def trl_fields(name: Literal["GRPOConfig", "SFTConfig"]) -> dict[str, Setting]:
    """The settings of a TRL config; empty if trl or transformers is not installed."""
    return _settings(name)


def lora_fields() -> dict[str, Setting]:
    """The settings of peft's LoraConfig; empty if peft is not installed."""
    return _settings("LoraConfig")


@cache
def _settings(name: str) -> dict[str, Setting]:
    home = _home(name)
    if home is None:
        return {}
    fields: dict[str, Setting] = {}
    for found in reversed(_ancestry(name, home)):
        fields.update(_own_fields(found))
    # A base that lies in a package which is not installed leaves a list that would refuse good keys.
    return {} if _is_partial(name, home) else fields


def _ancestry(name: str, file: Path) -> list[Found]:
    """The class and its bases, nearest first, as far as their sources are found."""
    found = _find(name, file)
    if found is None:
        return []
    bases = [base.id for base in found.node.bases if isinstance(base, ast.Name)]
    return [found, *(link for base in bases for link in _ancestry(base, found.file))]


def _is_partial(name: str, file: Path) -> bool:
    ancestry = _ancestry(name, file)
    known = {found.node.name for found in ancestry}
    bases = {base.id for found in ancestry for base in found.node.bases if isinstance(base, ast.Name)}
    return name not in known or any(base in HOMES and base not in known for base in bases)


def _find(name: str, file: Path) -> Found | None:
    """The class `name` as seen from `file`: defined there, or imported at its top level."""
    for node in _module(file).body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return Found(node, file)
        if isinstance(node, ast.ImportFrom) and any((alias.asname or alias.name) == name for alias in node.names):
            target = _home(name) or _imported_file(node, file)
            return _find(name, target) if target else None
    return None


@cache
def _module(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _home(name: str) -> Path | None:
    """The file that defines one of the HOMES classes, None for any other or if its package is not installed."""
    package, _, rest = HOMES.get(name, "").partition("/")
    root = _package_root(package)
    return root / rest if root and (root / rest).is_file() else None


def _imported_file(node: ast.ImportFrom, file: Path) -> Path | None:
    """The source file that `from module import ...`, standing in `file`, reads from."""
    parts = (node.module or "").split(".")
    if node.level:
        start: Path | None = file.parents[node.level - 1]
    else:
        start, parts = _package_root(parts[0]), parts[1:]
    if start is None:
        return None
    target = start.joinpath(*parts)
    return next((path for path in (target.with_suffix(".py"), target / "__init__.py") if path.is_file()), None)


@cache
def _package_root(package: str) -> Path | None:
    spec = find_spec(package) if package else None
    return Path(spec.origin).parent if spec and spec.origin else None


def _own_fields(found: Found) -> Iterator[tuple[str, Setting]]:
    """The public dataclass fields that the class itself declares and its constructor takes."""
    for node in found.node.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id[0] != "_":
            given = _field_arguments(node.value)
            if given.get("init") is not False:
                annotation = _type(node.annotation, found.file)
                yield node.target.id, Setting(_narrowed(annotation, given), given.get("default", NO_DEFAULT))


def _field_arguments(value: ast.expr | None) -> dict[str, Any]:
    """What a field's right-hand side says: `default`, `init` and `choices`, as far as they are literals."""
    if not isinstance(value, ast.Call):
        return {"default": _literal(value)} if value else {}
    arguments = {keyword.arg: keyword.value for keyword in value.keywords}
    metadata = arguments.pop("metadata", None)
    if isinstance(metadata, ast.Dict):
        arguments |= {
            key.value: item for key, item in zip(metadata.keys, metadata.values, strict=True) if _is_word(key)
        }
    return {name: _literal(node) for name, node in arguments.items() if name in ("default", "init", "choices")}


def _is_word(node: ast.expr | None) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return NO_DEFAULT


def _narrowed(annotation: Any, given: dict[str, Any]) -> Any:
    """A text field that lists its choices takes those alone."""
    choices = given.get("choices")
    if not isinstance(choices, list | tuple):
        return annotation
    return _union([_words(choices), *([None] if given.get("default", NO_DEFAULT) is None else [])])


def _type(node: ast.expr, file: Path) -> Any:
    """The type an annotation spells; `Any` where it uses a name that means nothing to YAML."""
    match node:
        case ast.Constant(value=None):
            return None
        case ast.Constant(value=str(text)):
            return _type(ast.parse(text, mode="eval").body, file)
        case ast.Name(id=name):
            return PLAIN.get(name) or _enum(name, file) or Any
        case ast.BinOp(op=ast.BitOr()):
            return _either(_alternatives(node), file)
        case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
            return _union([_either(_alternatives(inner), file), None])
        case ast.Subscript(value=ast.Name(id="Union"), slice=ast.Tuple(elts=members)):
            return _either(members, file)
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inner):
            words = ast.literal_eval(inner)
            return _words(words if isinstance(words, tuple) else (words,))
        case ast.Subscript(value=ast.Name(id="list" | "List"), slice=inner):
            return list[_type(inner, file)]
        case ast.Subscript(value=ast.Name(id="dict" | "Dict"), slice=ast.Tuple(elts=[_, inner])):
            return dict[str, _type(inner, file)]
        case _:
            return Any


def _alternatives(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_alternatives(node.left), *_alternatives(node.right)]
    return [node]


def _either(members: list[ast.expr], file: Path) -> Any:
    """A union. `SomeEnum | str` takes the enum's words only: the constructor turns text into the enum or fails."""
    enums = [node for node in members if isinstance(node, ast.Name) and _enum(node.id, file)]
    names = [node for node in members if not (enums and isinstance(node, ast.Name) and node.id == "str")]
    return _union([_type(node, file) for node in names])


def _union(types: list[Any]) -> Any:
    return Any if Any in types else cast(Any, Union)[tuple(types)]


def _words(words: Iterable[Any]) -> Any:
    """A Literal of the words; plain text if one of them has a part to be filled in, as `pissa_niter_[number]` has."""
    chosen = tuple(words)
    return str if any("[" in str(word) for word in chosen) else cast(Any, Literal)[chosen]


def _enum(name: str, file: Path) -> Any:
    """The values of a text enum as a Literal, None if the name is something else."""
    found = _find(name, file) if name not in ("Any", "Path", "datetime") else None
    if not found or not any(isinstance(base, ast.Name) and base.id.endswith("Enum") for base in found.node.bases):
        return None
    assigned = [node.value for node in found.node.body if isinstance(node, ast.Assign)]
    words = [value for value in map(_literal, assigned) if isinstance(value, str)]
    return _words(words) if words else None
