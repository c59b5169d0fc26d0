"""What the user must fix: one exception, one line per problem."""

import json
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, NamedTuple

Key = tuple[str | int, ...]


class BadInput(Exception):
    """Something only the user can fix. `problems` holds one line each: place, key, what is wrong, remedy."""

    def __init__(self, problems: str | Iterable[str]) -> None:
        lines = [problems] if isinstance(problems, str) else problems
        self.problems = [printable(line) for line in lines]
        super().__init__(self.problems)  # the lines are the argument, so that the exception survives pickling

    def __str__(self) -> str:
        return "\n".join(self.problems)


class Place(NamedTuple):
    """Where a key was written: a line of a file, or (line 0) a command-line override."""

    source: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.line}" if self.line else self.source


class Fault(NamedTuple):
    """One problem with the value at `key`; without `place` it stands where the key was written."""

    key: Key
    text: str
    place: Place | None = None


def dotted(key: Key) -> str:
    """`("data", "train", 0)` -> `data.train.0`."""
    return ".".join(str(part) for part in key)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` most resembles, or None if none comes close."""
    spelling = {candidate.lower(): candidate for candidate in known}
    found = get_close_matches(name.lower()[:80], spelling, n=1)  # the search is quadratic in the length of the name
    return spelling[found[0]] if found else None


def hint(name: str, known: Iterable[str]) -> str:
    """` (did you mean X?)`, ready to end a sentence, or nothing if no known name comes close."""
    found = nearest(name, known)
    return f" (did you mean {found}?)" if found else ""


def shown(value: Any, width: int = 60) -> str:
    """A value as one would write it in a recipe, cut to `width` characters."""
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= width else text[: width - 3] + "..."


def printable(text: str) -> str:
    """Escape line breaks and control characters, so that one problem stays one line and any terminal can print it."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
