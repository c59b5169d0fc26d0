"""What a build reads, before it reads it: which files are missing, how to get them, how many rows there should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import data
import recipes
from data import catalog
from data.build import plan, store
from data.build.corpus import corpus
from data.build.plan import Plan, Source
from data.pages import tables
from data.sets import synthesised
from recipes import Recipe, from_root

HEADER = ("source", "rows", "known from", "files")


@dataclass(frozen=True)
class Need:
    """A source with the rows that are asked of it.

    known: how n is known: published (of the whole release), counted (in files that are here), asked (the recipe's n),
    or unknown. where: here, hub, credentialed or missing. missing: what to do about it.
    """

    source: str
    use: str
    n: int | None
    known: str
    where: str
    missing: str

    def row(self) -> tuple[str, ...]:
        return self.source, "unknown" if self.n is None else f"{self.n:,}", self.known, self.where


def missing(todo: Plan, here: bool) -> list[str]:
    """A line a source, and a benchmark that a step compares with, whose files are not here, with what to do.

    here: also those that can be had from the hub while the corpus is built.
    """
    found = {one.name: (data.describe(one.use), one.split, one.knobs) for one in todo.sources}
    for info in (data.describe(name) for step in todo.steps for name in step.benchmarks()):
        found.setdefault(f"{info.name} {info.benchmark}, a benchmark", (info, info.benchmark or "", info.asked))
    lines = {name: (info, catalog.missing(info, split, knobs)) for name, (info, split, knobs) in found.items()}
    return [f"{name}: {line}" for name, (info, line) in lines.items() if line and (here or not info.hub)]


def of(recipe: Recipe) -> list[Need]:
    """Each source of a build, in its order; those of a build that it takes from, where that is still to be made."""
    found: list[Need] = []
    for one in plan.sources(recipe):
        inner = _recipe_of(one)
        if inner is None:
            found.append(_need(one))
        else:
            parts = [part for part in of(recipes.load(inner)) if _stays(part, recipe)]
            found += [replace(part, source=f"{inner.stem}: {part.source}") for part in parts]
    return found


def _recipe_of(source: Source) -> Path | None:
    """The recipe in the tree that makes a corpus which is not there yet: its folder is named after it."""
    if source.use != "built" or not catalog.missing(data.describe(source.use), source.split, source.knobs):
        return None
    place = from_root(str(source.knobs.get("path") or ""))
    inner = place if place.suffix == ".yaml" else from_root(f"recipes/data/{place.name}.yaml")
    return inner if inner.is_file() else None


def _stays(part: Need, recipe: Recipe) -> bool:
    """Whether the recipe's steps `keep`, by the column source, leave this one's rows."""
    steps = [use.knobs for use in recipe.build.steps if use.use == "keep" and use.knobs.get("column") == "source"]
    return all(part.use in step["values"] for step in steps if part.use in step.get("among", [part.use]))


def _need(source: Source) -> Need:
    info = data.describe(source.use)
    lost = catalog.missing(info, source.split, source.knobs)
    counted = None if lost else _counted(source)
    n = catalog.released(info, source.split, source.knobs) if counted is None else counted
    n = source.n if n is None or (source.n and source.n < n) else n
    known = "unknown" if n is None else "counted" if counted is not None else "asked" if n == source.n else "published"
    where = catalog.where(info) if lost else "here"
    name = " ".join([source.name, *([str(source.knobs["path"])] if source.knobs.get("path") else [])])
    return Need(name, source.use, n, known, "missing" if lost and where == "here" else where, lost)


def _counted(source: Source) -> int | None:
    """Rows of what was made here, by its files."""
    path = str(source.knobs.get("path") or "")
    if source.use == "built":
        return sum(store.count(shard) for shard in store.shards(corpus(path)))
    if source.use == "synthesised":
        return sum(_lines(file) for file in synthesised.files(from_root(path)))
    return None


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for line in file if line.strip())


def as_json(found: Sequence[Need], published: int | None) -> dict[str, Any]:
    """Rows a source, their sum, and what was published of the corpus that is followed."""
    return {
        "sources": [vars(one) for one in found],
        "rows": sum(one.n or 0 for one in found),
        "sources_of_unknown_size": sum(one.n is None for one in found),
        "published_rows": published,
    }


def table(found: Sequence[Need], published: int | None) -> str:
    """The same for people. Rows are those of the releases: cleaning takes from them."""
    unknown = sum(one.n is None for one in found)
    total = f"together: {sum(one.n or 0 for one in found):,} rows before cleaning"
    lines = [tables.plain(HEADER, [one.row() for one in found]), ""]
    lines += [total + (f", and those of the sources ({unknown}) whose size is unknown" if unknown else "")]
    return "\n".join([*lines, *([f"published, after cleaning: {published:,} rows"] if published else [])])
