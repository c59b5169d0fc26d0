"""PathVQA: questions about pathology images of two textbooks and a digital library.

He X et al., PathVQA: 30000+ Questions for Medical Visual Question Answering (2020). Read from the Parquet files of the
hub's release, the one that the Lingshu paper asks (repeated questions are gone there), or from the hub. An item is
closed if its answer is yes or no, else open: 3,362 and 3,357 of the test split. The images have no names; `cluster` is
one made of the image's bytes.
"""

from __future__ import annotations

from functools import partial

from data.example import Example
from data.registry import SetInfo
from data.sets._items import Row, examples, hub_pictures, rows_of
from data.sets._release import sample
from data.sets._vqa import asked, form_of, kept

NAME = "path_vqa"
HUB = "flaviagiammarino/path-vqa"

ABOUT = SetInfo(
    name=NAME,
    splits=("train", "validation", "test"),
    license="MIT",
    kinds=("yesno", "numeric", "text"),
    text="questions about pathology images, half of them yes/no",
    hub=HUB,
    extra=("language", "form", "cluster"),
    citation="He X et al., PathVQA: 30000+ Questions for Medical Visual Question Answering, 2020, arXiv 2003.10286",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}`",
    rows={"train": 19654, "validation": 6259, "test": 6719},
    benchmark="test",
    classes=("instruct", "rl"),
)


def load(split: str, *, n: int | None = None, seed: int = 0, source: str = "auto", hub: str = HUB) -> list[Example]:
    """A split, or n rows of it at random.

    source: files, hub, or auto (files where their folder is, else the hub); hub: the id there.
    """
    where, rows = rows_of(ABOUT, f"data/{split}-*.parquet", source, partial(hub_pictures, hub, split))
    return sample(examples(ABOUT, where, rows, partial(_example, split, {})), n, seed, f"{NAME}/{split}")


def _example(split: str, seen: dict[str, bytes], number: int, row: Row) -> Example:
    image, name = kept(row["image"], seen)
    own = {"language": "en", "form": form_of(row["answer"]), "cluster": f"image:{name}"}
    return asked(ABOUT, split, f"{split}/{number}", row["question"], row["answer"], image, "pathology", own)
