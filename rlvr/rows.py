"""Examples -> the rows that TRL's trainer sees.

A row holds the prompt, its images and the example's position; everything a reward may name (answer, options,
kind, ...) stays with the examples, because Arrow cannot hold a letter -> text mapping or an answer that is
text here and a list there without changing it.
"""

from collections.abc import Sequence

import datasets

from data import Example, open_images
from data.prompt import user_text

FEATURES = datasets.Features(
    {
        "prompt": [{"role": datasets.Value("string"), "content": datasets.Value("string")}],
        "images": datasets.List(datasets.Image()),
        "index": datasets.Value("int64"),
    }
)


def training_rows(examples: Sequence[Example], style: str, *, with_images: bool) -> datasets.Dataset:
    """One row per example; `with_images` is False for a text model, which has no use for the column."""
    rows = {
        "prompt": [[{"role": "user", "content": user_text(example, style)}] for example in examples],
        "index": list(range(len(examples))),
    }
    features = FEATURES.copy()
    if with_images:
        rows["images"] = [open_images(example) for example in examples]
    else:
        del features["images"]
    return datasets.Dataset.from_dict(rows, features=features)
