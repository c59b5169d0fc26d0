"""Fine-tuning on TRL's `SFTTrainer`, with three things that it does not do: rows of samples without padding also where
there are images, learning rates by part of the model, and the language model's head for learnt tokens only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import datasets
import torch
from trl.trainer.sft_trainer import SFTTrainer

from sft import parts
from sft.samples import Encoded, Encoder, Sample


def as_dataset(
    samples: Sequence[Sample], encoder: Encoder, rows: Sequence[Sequence[int]] | None = None
) -> datasets.Dataset:
    """Rows of samples, by the samples' numbers (without `rows` each has its own), read and encoded when asked for."""
    numbers = rows or [[number] for number in range(len(samples))]

    def encoded(batch: dict[str, Any]) -> dict[str, list[list[Encoded]]]:
        return {"samples": [[encoder(samples[number]) for number in row] for row in batch["row"]]}

    return datasets.Dataset.from_dict({"row": numbers}).with_transform(encoded)


class StageTrainer(SFTTrainer):
    """Takes what `as_dataset` gives with the collator `Flat`. rates: learning rate of each part, None: frozen before it comes here."""

    def __init__(self, *args: Any, rates: Mapping[str, float | None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rates = rates
        self._supervised: torch.Tensor | None = None
        core = self.model.get_base_model() if hasattr(self.model, "get_base_model") else self.model
        core.base_model.register_forward_hook(self._keep_supervised)

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """The one that the settings name, with a learning rate for each part."""
        made = super().create_optimizer(model)
        names = {id(one): name for name, one in (model or self.model).named_parameters()}
        made.param_groups[:] = parts.with_rates(made.param_groups, names, self.rates)
        return made

    def compute_loss(self, model: Any, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """TRL's, over the places that are learnt."""
        inputs = dict(inputs)
        self._supervised = inputs.pop("supervised")
        try:
            return super().compute_loss(model, inputs, *args, **kwargs)
        finally:
            self._supervised = None

    def _keep_supervised(self, module: Any, args: Any, output: Any) -> Any:
        """Of the last hidden states, [1, row, size], those whose next token is learnt, [1, m, size]: TRL's head then
        multiplies no others with the vocabulary, and takes `shift_labels` for theirs."""
        if self._supervised is not None:
            output.last_hidden_state = output.last_hidden_state[:, self._supervised]
        return output
