"""The rows that a folder holds or a recipe names, a source at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import recipes
from data import lengths
from data.build import store
from data.build.corpus import corpus
from data.build.plan import Source, labels
from data.example import Example
from recipes import BadInput, Recipe
from recipes.paths import from_here

LONGEST = 8192  # tokens of a row in the paper's stages (Lingshu, Table 5)


@dataclass(frozen=True)
class Given:
    """Rows by their source ("": each row tells its own), and how a training recipe shows them."""

    sources: Iterable[tuple[str, Iterable[Example]]]
    style: str = "plain"
    max_length: int = LONGEST
    max_pixels: int = lengths.MAX_PIXELS


def given(what: str, overrides: Sequence[str] = ()) -> Given:
    """Of a corpus that was built, whose shards are read a few rows at a time, or of what a recipe's `data.train` names.

    BadInput for a recipe that names nothing.
    """
    place = from_here(what)
    return Given([("", _built(place))]) if place.is_dir() else _of(recipes.load(what, overrides))


def _of(recipe: Recipe) -> Given:
    uses = recipe.data.train
    if not uses:
        raise BadInput([recipe.problem("data.train", "names no data to measure")])
    names = labels([(use.use, use.split) for use in uses])
    sources = [
        Source(name, use.use, use.split, use.n, recipe.seed_of(use), use.knobs)
        for name, use in zip(names, uses, strict=True)
    ]
    limit = recipe.sft.get("max_length") or recipe.grpo.get("vllm_max_model_length") or LONGEST
    style = "plain" if recipe.kind == "build" else recipe.data.prompt
    read = ((one.name, _rows(one)) for one in sources)
    return Given(read, style, limit, recipe.model.max_pixels or lengths.MAX_PIXELS)


def _rows(source: Source) -> Iterable[Example]:
    whole = source.use == "built" and source.n is None
    return _built(corpus(str(source.knobs.get("path") or ""))) if whole else source.load()


def _built(place: Path) -> Iterator[Example]:
    for shard in store.shards(place):
        yield from store.read(shard)
