"""The prompts: one file each in `prompts`, with a version; its hash goes into every row that it made.

A file is `version: N`, then the turns of the conversation, each after a line `--- system` or `--- user`. `$name` is
filled in; `$$` is a dollar sign.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent / "prompts"
TURN = re.compile(r"^--- (system|user)\n", re.MULTILINE)
VERSION = re.compile(r"version: (\S+)\n")


@dataclass(frozen=True)
class Prompt:
    """A prompt file. turns: (role, text with $fields). hash: of the whole file, 16 hex digits."""

    name: str
    version: str
    turns: tuple[tuple[str, str], ...]
    hash: str

    def filled(self, fields: Mapping[str, str]) -> list[tuple[str, str]]:
        """(role, text) of each turn; KeyError for a field that is not given. What is filled in is not read again."""
        return [(role, Template(text).substitute(fields)) for role, text in self.turns]


@cache
def load(name: str) -> Prompt:
    """A prompt by the name of its file; ValueError for a file in another form."""
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    head, *rest = TURN.split(text)
    version = VERSION.fullmatch(head)
    if not version or not rest:
        raise ValueError(f"prompt {name}: a file is `version: N`, then turns after `--- system` or `--- user`")
    turns = tuple((role, said.strip()) for role, said in zip(rest[::2], rest[1::2], strict=True))
    return Prompt(name, version[1], turns, digest(name))


@cache
def digest(name: str) -> str:
    """The hash of a file of prompts, 16 hex digits."""
    return hashlib.sha256((FOLDER / f"{name}.md").read_bytes()).hexdigest()[:16]


@cache
def sections(name: str) -> dict[str, str]:
    """The parts of a file of `prompts` that holds no turns but texts under `## name` headings."""
    _, *rest = re.split(r"^## (.+)\n", (FOLDER / f"{name}.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {heading.strip(): text.strip() for heading, text in zip(rest[::2], rest[1::2], strict=True)}
