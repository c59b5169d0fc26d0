"""Digests of what an evaluation depends on, so that answers and scores made under other conditions are told apart."""

import functools
import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from data import Example
from data.images import content
from recipes import ROOT, folder


def of_items(items: Iterable[Example]) -> str:
    """The data: ids, questions, options, golds and kinds; an image by its file's name and size, or by its bytes."""
    digest = hashlib.sha256()
    for item in items:
        columns = item.columns()
        digest.update(_json([columns[name] for name in ("id", "question", "options", "answer", "kind")]))
        for image in map(content, item.images):
            digest.update(_image(image))
    return digest.hexdigest()[:16]


def of_prompts(messages: Iterable[Sequence[dict[str, Any]]]) -> str:
    """The chat messages of all items, in order."""
    digest = hashlib.sha256()
    for turns in messages:
        digest.update(_json(turns))
    return digest.hexdigest()[:16]


@functools.cache
def of_scorer() -> str:
    """The code and the tables of `rewards`, by which answers are judged."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "rewards").rglob("*")):
        if path.suffix in (".py", ".toml"):
            digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@functools.cache
def git_sha() -> str | None:
    """The checkout's commit, with + where files have changed since; None where there is no git."""
    state = folder.git_state()
    return state["sha"][:12] + "+" * state["changed"] if state else None


def _image(image: Any) -> bytes:
    if isinstance(image, bytes):
        return hashlib.sha256(image).digest()
    if isinstance(image, (str, Path)):
        path = Path(image)
        return f"{path.name}\0{path.stat().st_size if path.is_file() else 'missing'}\0".encode()
    shown: Any = image() if callable(image) else image
    return shown.tobytes()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=dict).encode() + b"\0"
