"""What `python -m data build` made, as a data set: `{use: built, path: outputs/data/rl}`.

`path: recipes/data/rl.yaml` is the newest finished build of that recipe. Pictures stay in the shards until they are
opened. The rows keep their ids, sources, splits and licences. The split is always train: what a corpus is for.
"""

from __future__ import annotations

from data.build import store
from data.build.corpus import corpus
from data.example import Example
from data.registry import SetInfo
from data.sets._release import sample
from recipes import BadInput

NAME = "built"

ABOUT = SetInfo(
    name=NAME,
    splits=("train",),
    license="that of its rows",
    kinds=("option", "yesno", "numeric", "text", "multi", "ranked", "box", "report"),
    text="a corpus made by `python -m data build`, named by its folder (path=outputs/data/rl) or its recipe (a .yaml)",
    remedy="make it with `python -m data build recipes/data/{name}.yaml`",
    verified=True,
)


def load(split: str, *, n: int | None = None, seed: int = 0, path: str = "") -> list[Example]:
    """All rows, or n of them at random. path: the folder that the build ended in, or its recipe (a .yaml)."""
    if not path:
        raise BadInput([f"{NAME}: name the folder of a build, or its recipe: path=outputs/data/rl"])
    rows = [row for shard in store.shards(corpus(path)) for row in store.lazily(shard)]
    return sample(rows, n, seed, f"{NAME}/{path}")
