"""Examples -> the rows that TRL's trainer sees.

A row holds the prompt, its images and the example's position; everything a reward may name (answer, options,
kind, ...) stays with the examples, because Arrow cannot hold a letter -> text mapping or an answer that is
text here and a list there without changing it.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import datasets

from data import Example, open_images
from data.prompt import user_text


def training_rows(examples: Sequence[Example], style: str, *, with_images: bool, kept: int = 1) -> datasets.Dataset:
    """One row per example; `with_images` is False for a text model, which has no use for the column.

    Pictures are opened when a row is asked for; those of the last `kept` rows are at hand, so that a group shares them.
    """

    @lru_cache(maxsize=kept)
    def opened(index: int) -> list[Any]:
        return open_images(examples[index])

    def read(batch: dict[str, list[int]]) -> dict[str, list[Any]]:
        asked = [[{"role": "user", "content": user_text(examples[index], style)}] for index in batch["index"]]
        made = {"prompt": asked, "index": batch["index"]}
        return {**made, "images": [list(opened(index)) for index in batch["index"]]} if with_images else made

    return datasets.Dataset.from_dict({"index": list(range(len(examples)))}).with_transform(read)
