"""`key.path=value` from the command line, laid over a recipe."""

from collections.abc import Sequence
from typing import Any

from .document import Document, parse_value
from .problems import BadInput, Fault, Key, Place, shown


def apply(document: Document, overrides: Sequence[str]) -> None:
    """Set each `a.b.0.c=value` (value read as YAML) in `document.values`; what cannot be set becomes a fault."""
    for text in overrides:
        place = Place(f"override '{text if len(text) <= 80 else text[:77] + '...'}'")
        name, sign, written = text.partition("=")
        key = tuple(name.strip().split("."))
        if not sign or not all(key):
            document.faults.append(Fault((), "an override reads key.path=value", place))
            continue
        try:
            _set(document, key, parse_value(written), place)
        except BadInput as error:
            document.faults.append(Fault(key, f"the value cannot be read: {error}", place))
        except LookupError as error:
            document.faults.append(Fault(key, error.args[0], place))


def _set(document: Document, key: Sequence[str], value: Any, place: Place) -> None:
    """Walk down to the key's holder, making absent sections on the way; LookupError if the way is barred."""
    holder: Any = document.values
    way: Key = ()
    for depth, part in enumerate(key):
        step = _step(holder, part, ".".join(key[:depth]))
        way = (*way, step)
        if depth == len(key) - 1:
            holder[step] = value
            document.mark(way, place)
        else:
            if isinstance(holder, dict) and holder.get(step) is None:
                holder[step] = {}
                document.mark(way, place)
            holder = holder[step]


def _step(holder: Any, part: str, where: str) -> str | int:
    """`part` as a key or index of `holder`; LookupError says why it is neither."""
    if isinstance(holder, dict):
        return part
    if not isinstance(holder, list):
        raise LookupError(f"{where} is {shown(holder)} and has no key {part!r}")
    if not (part.isascii() and part.isdigit() and int(part) < len(holder)):
        raise LookupError(f"{where} has {len(holder)} items, counted from 0; {part!r} is none of them")
    return int(part)
