"""Read YAML as a recipe means it, and remember where every key was written.

PyYAML follows YAML 1.1, where `1e-6` is text, `no` is false, `1:30` is ninety, `010` is eight and the last of two equal
keys silently wins. Here scalars follow the core schema of YAML 1.2, and a repeated key is a fault.
"""

import math
import re
from pathlib import Path
from typing import Any

import yaml

from .paths import from_here
from .problems import BadInput, Fault, Key, Place, dotted, hint

MAX_BYTES = 1_000_000
MAX_NODES = 20_000  # aliases can unfold a small file into a huge one
MAX_DEPTH = 30  # an alias may contain itself
TAG = "tag:yaml.org,2002:"
SCALARS = {
    "null": r"~|null|Null|NULL|",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?[0-9][0-9_]*|0o[0-7]+|0x[0-9a-fA-F]+",
    "float": r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
}


class _Loader(yaml.SafeLoader):
    """Composes nodes only; `_Builder` gives them their values."""

    yaml_implicit_resolvers = {}


for _name, _pattern in SCALARS.items():
    _Loader.add_implicit_resolver(TAG + _name, re.compile(f"(?:{_pattern})$"), None)


class Document:
    """One recipe as written: `values`, the place of each key, and the `faults` met while reading."""

    def __init__(self, source: str, text: str) -> None:
        """Parse `text`, which came from `source`; BadInput if it is not YAML."""
        self.source = source
        self.faults: list[Fault] = []
        self._places: dict[str, Place] = {}
        self.values: Any = _Builder(self).build(_compose(source, text))

    def mark(self, key: Key, place: Place) -> None:
        """Record that `key` was written at `place`; what was known of the keys below it is void."""
        below = dotted(key) + "."
        self._places = {name: old for name, old in self._places.items() if not name.startswith(below)}
        self._places[dotted(key)] = place

    def note(self, key: Key, line: int) -> None:
        """Record the line of a key while reading."""
        self._places[dotted(key)] = Place(self.source, line)

    def place(self, key: str) -> Place:
        """Where `key` (dotted) was written; for an absent key, where the section it would belong to begins."""
        while key and key not in self._places:
            key = key.rpartition(".")[0]
        return self._places.get(key, Place(self.source, 1))


class _Builder:
    """Turns YAML nodes into plain values, noting the line of each key."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._nodes = 0

    def build(self, node: yaml.Node | None, key: Key = ()) -> Any:
        if node is None:
            return None
        self._nodes += 1
        if self._nodes > MAX_NODES or len(key) > MAX_DEPTH:
            place = Place(self._document.source, _line(node))
            raise BadInput(f"{place}: too large or nested too deeply for a recipe; is an alias (*name) inside itself?")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, key)
        if isinstance(node, yaml.SequenceNode):
            return [self._item(item, (*key, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, key)

    def _item(self, node: yaml.Node, key: Key) -> Any:
        self._document.note(key, _line(node))
        return self.build(node, key)

    def _mapping(self, node: yaml.MappingNode, key: Key) -> dict[str, Any]:
        lines: dict[str, int] = {}
        values: dict[str, Any] = {}
        for name_node, value_node in node.value:
            name, line = name_node.value, _line(name_node)
            if not isinstance(name_node, yaml.ScalarNode):
                self._fault(key, "a key must be plain text, this one is a list or a mapping", line)
            elif name in lines:
                self._fault((*key, name), f"given twice, first on line {lines[name]}; keep one", line)
            else:
                lines[name] = line
                self._document.note((*key, name), line)
                values[name] = self.build(value_node, (*key, name))
        return values

    def _scalar(self, node: yaml.Node, key: Key) -> Any:
        try:
            return _value(node.tag.removeprefix(TAG), node.value)
        except ValueError as error:
            self._fault(key, str(error), _line(node))
            return node.value

    def _fault(self, key: Key, text: str, line: int) -> None:
        self._document.faults.append(Fault(key, text, Place(self._document.source, line)))


def read(path: str | Path) -> Document:
    """Read the recipe file at `path`; BadInput if there is none, or if it is not YAML in UTF-8."""
    try:
        with from_here(path).open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise BadInput(f"{path}: no such file{hint(str(path), _recipes_near(path))}") from None
    except IsADirectoryError:
        raise BadInput(f"{path}: a folder, not a recipe file") from None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        raise BadInput(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(raw) > MAX_BYTES:
        raise BadInput(f"{path}: larger than {MAX_BYTES:,} bytes; is this a recipe?")
    return Document(str(path), _decode(path, raw))


def parse_value(text: str) -> Any:
    """The value of one override, read as YAML; BadInput if it is not."""
    document = Document("value", text)
    if document.faults:
        raise BadInput(document.faults[0].text)
    return document.values


def yaml_files(folder: Path) -> list[str]:
    """The names of the recipes in a folder; none if it cannot be listed."""
    try:
        return [file.name for file in folder.glob("*.yaml")]
    except (OSError, ValueError):
        return []


def _recipes_near(path: str | Path) -> list[str]:
    folder = Path(path).parent
    return [str(folder / name) for name in sorted(yaml_files(from_here(folder)))]


def _decode(path: str | Path, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{raw[error.start]:02x}"
        raise BadInput(f"{path}:{line}: not UTF-8 text ({byte}); save the file as UTF-8") from None


def _compose(source: str, text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(source, mark.line + 1 if mark else 1)
        what = ": ".join(part for part in (error.context, error.problem) if part)
        remedy = "; indent with spaces, not tabs" if "\\t" in what else ""
        raise BadInput(f"{place}: not valid YAML: {what}{remedy}") from None
    except yaml.reader.ReaderError as error:
        place = Place(source, text.count("\n", 0, error.position) + 1)
        raise BadInput(f"{place}: not valid YAML: {error.reason}") from None
    except RecursionError:
        raise BadInput(f"{source}: nested too deeply for a recipe") from None


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def _value(tag: str, text: str) -> Any:
    """The value of one scalar; ValueError says why it has none."""
    match tag:
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int":
            return _integer(text)
        case "float":
            return _number(text)
        case "str":
            return text
        case _:
            raise ValueError(f"the tag {tag} has no meaning in a recipe; write the plain value")


def _integer(text: str) -> int:
    base = {"0x": 16, "0o": 8}.get(text[:2], 10)
    try:
        number = int(text, base)
    except ValueError:
        raise ValueError(f"{text[:40]} is not an integer") from None
    if abs(number) >= 2**63:
        raise ValueError(f"the integer {text[:40]} is too large")
    return number


def _number(text: str) -> float:
    try:
        number = float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is not a finite number")
    return number
