"""What `python -m data build` made, as a data set: `{use: built, path: outputs/data/rl}`.

The rows keep their ids, sources, splits and licences. The split is always train: what a corpus is for.
"""

from __future__ import annotations

from data.build import store
from data.example import Example
from data.registry import SetInfo
from data.sets._release import sample
from recipes import BadInput
from recipes.paths import from_root

NAME = "built"

ABOUT = SetInfo(
    name=NAME,
    splits=("train",),
    license="that of its rows",
    kinds=("option", "yesno", "numeric", "text", "multi", "ranked", "box", "report"),
    text="a corpus made by `python -m data build`, named by its folder: path=outputs/data/rl",
    remedy="make it with `python -m data build recipes/data/{name}.yaml`",
    verified=True,
)


def load(split: str, *, n: int | None = None, seed: int = 0, path: str = "") -> list[Example]:
    """All rows, or n of them at random. path: the folder that the build ended in (a second build of one recipe
    ends in output_dir-2)."""
    if not path:
        raise BadInput([f"{NAME}: name the folder of a build: path=outputs/data/rl"])
    rows = [row for shard in store.shards(from_root(path)) for row in store.read(shard)]
    return sample(rows, n, seed, f"{NAME}/{path}")
