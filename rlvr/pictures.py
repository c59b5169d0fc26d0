"""Each picture once a step: TRL has its processor read it twice for every completion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

import torch
from transformers import BatchFeature

from recipes import BadInput

READ = {"pixel_values", "image_grid_thw"}  # what Qwen-VL's image processors make: all patches, and how many of each


@contextmanager
def preprocessed_once(processor: Any) -> Iterator[None]:
    """While open, `processor` reads a picture object that comes again no second time. A text tokenizer has no part for
    pictures, and what another family's part makes is left as it is."""
    reader = getattr(processor, "image_processor", None)
    if reader is None:
        yield
        return
    own, known = type(reader).preprocess, {}

    def preprocess(self: Any, images: Any, *args: Any, return_tensors: Any = None, **settings: Any) -> Any:
        if self is not reader:
            return own(self, images, *args, return_tensors=return_tensors, **settings)
        shown = _flat(images)
        how = repr((args, sorted(settings.items())))
        fresh = {(id(one), how): one for one in shown if (id(one), how) not in known}
        if fresh:
            found = own(self, list(fresh.values()), *args, return_tensors="pt", **settings)
            if set(found) != READ:
                return own(self, images, *args, return_tensors=return_tensors, **settings)
            grids = found["image_grid_thw"]
            patches = found["pixel_values"].split(grids.prod(dim=-1).tolist())
            for key, values, grid in zip(fresh, patches, grids, strict=True):
                known[key] = fresh[key], values, grid  # the picture too: another might get its number
        taken = [known[id(one), how] for one in shown]
        made = {
            "pixel_values": torch.cat([one[1] for one in taken]),
            "image_grid_thw": torch.stack([one[2] for one in taken]),
        }
        return BatchFeature(made, tensor_type=return_tensors)

    with mock.patch.object(type(reader), "preprocess", preprocess):  # a processor that is saved tells all it holds
        yield


def demand_matching(rollouts: Mapping[str, Any], processor: Any, names: Sequence[str]) -> None:
    """BadInput that names the sample whose prompt has more or fewer places for images than its images fill."""
    kinds, grids = rollouts.get("mm_token_type_ids"), rollouts.get("image_grid_thw")
    if kinds is None or grids is None:
        return
    merged = processor.image_processor.merge_size**2
    filled = [int(one.prod(dim=-1).sum()) // merged for one in grids.split(list(rollouts["num_images"]))]
    for name, places, n in zip(names, (kinds == 1).sum(dim=1).tolist(), filled, strict=True):
        if places != n:
            text = f"{name}: its prompt has {places} places for images, and its images fill {n}"
            raise BadInput(
                [f"{text}; is the processor that of the checkpoint, and model.max_pixels the same for both?"]
            )


def _flat(images: Any) -> list[Any]:
    """Of one picture, a list, or a list for each row."""
    rows = images if isinstance(images, (list, tuple)) else [images]
    return [one for row in rows for one in (row if isinstance(row, (list, tuple)) else [row])]
