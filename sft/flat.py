"""Samples side by side in one row, without padding: what a step computes is what its samples hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForImageTextToText

from sft.samples import Encoded


class Flat:
    """Collates rows of samples into one row of n tokens, for a forward pass without a mask.

    input_ids [1, n]. position_ids [1, n], or for a model with M-RoPE [4, 1, n], whose first are the text positions;
    they begin anew with each sample. names: the samples' ids. supervised [m]: the places whose next token is learnt.
    labels, shift_labels [1, m]: those tokens. pixel_values [patches, values], image_grid_thw [images, 3] where there
    are images.

    blank: an image from which nothing is learnt, for batches without one. Where the model lies in parts on several
    processes, all of them must pass through the same modules, or they wait for each other for ever.
    """

    def __init__(self, positions: Any = None) -> None:
        self.positions = positions  # get_rope_index of the model; None for a text model
        self.blank: Encoded | None = None

    def __call__(self, rows: Sequence[dict[str, list[Encoded]]]) -> dict[str, Any]:
        samples = [sample for row in rows for sample in row["samples"]]
        names = [sample.id for sample in samples]
        if self.blank is not None and all(sample.pixels is None for sample in samples):
            samples.append(self.blank)
        ids = torch.cat([sample.ids for sample in samples])
        learnt = torch.cat([_next(sample.learnt) for sample in samples])
        supervised = torch.nonzero(learnt)[:, 0]
        labels = ids[supervised + 1][None]
        made = {
            "names": names,
            "input_ids": ids[None],
            "position_ids": torch.cat([self._positions(sample) for sample in samples], dim=-1),
            "supervised": supervised,
            "labels": labels,
            "shift_labels": labels,
        }
        if pixels := [sample.pixels for sample in samples if sample.pixels is not None]:
            made["pixel_values"] = torch.cat(pixels)
            made["image_grid_thw"] = torch.cat([sample.grids for sample in samples if sample.grids is not None])
        return made

    def _positions(self, sample: Encoded) -> torch.Tensor:
        text = torch.arange(len(sample.ids))[None]
        if self.positions is None:
            return text
        if sample.grids is None:
            return text.expand(4, 1, -1)
        found, _ = self.positions(
            input_ids=sample.ids[None], mm_token_type_ids=sample.kinds[None], image_grid_thw=sample.grids
        )
        return torch.cat([text[None], found])


def _next(learnt: torch.Tensor) -> torch.Tensor:
    """Whether the token after each is learnt; after the last of a sample comes none."""
    return torch.cat([learnt[1:], learnt.new_zeros(1)])


def positions_of(checkpoint: str) -> Any:
    """The model's own rule for the positions of images, without its weights; None for a text model."""
    config = AutoConfig.from_pretrained(checkpoint)
    if not hasattr(config, "vision_config"):
        return None
    with torch.device("meta"):
        model: Any = AutoModelForImageTextToText.from_config(config)
    return model.model.get_rope_index
