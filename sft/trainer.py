"""Fine-tuning on TRL's `SFTTrainer`, with three things that it does not do: rows of samples without padding also where
there are images, learning rates by part of the model, and the language model's head for learnt tokens only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import datasets
import torch
from trl.trainer.sft_trainer import SFTTrainer

from recipes import BadInput
from sft import parts, segments
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
    """Takes what `as_dataset` gives, with the collator `flat.Flat`. rates: learning rate of each part of the model,
    None: it stays as it is."""

    def __init__(self, model: Any, *, rates: Mapping[str, float | None], **kwargs: Any) -> None:
        segments.use(model)
        super().__init__(model, **kwargs)
        self.rates = rates
        parts.freeze(self.model, rates)
        self._supervised: torch.Tensor | None = None
        self._kept_apart = False
        core: Any = self.model
        core = core.get_base_model() if hasattr(core, "get_base_model") else core
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
        supervised = inputs.pop("supervised")
        self._demand_kept_apart(model, inputs["position_ids"])
        self._supervised = supervised
        try:
            return super().compute_loss(model, inputs, *args, **kwargs)
        finally:
            self._supervised = None
            if self.model.training:  # TRL counts a row of position ids, which here may have one for each axis
                n = inputs["input_ids"].numel() - inputs["position_ids"].size(1)
                self._total_train_tokens += (
                    self.accelerator.gather(torch.tensor(n, device=self.args.device)).sum().item()
                )
                self._metrics["train"]["num_tokens"] = [self._total_train_tokens]

    def _keep_supervised(self, module: Any, args: Any, output: Any) -> Any:
        """Of the last hidden states, [1, row, size], those whose next token is learnt, [1, m, size]: TRL's head then
        multiplies no others with the vocabulary, and takes `shift_labels` for theirs."""
        if self._supervised is not None:
            output.last_hidden_state = output.last_hidden_state[:, self._supervised]
        return output

    def _demand_kept_apart(self, model: Any, position_ids: torch.Tensor) -> None:
        """Before the first step: the samples of a row do not see each other in this model, as it is wrapped now."""
        if self._kept_apart:
            return
        n_words = self.model.get_input_embeddings().num_embeddings
        found = segments.leak(model, n_words, mrope=position_ids.ndim == 3, device=position_ids.device)
        if found > (1e-4 if self.model.dtype == torch.float32 and not self.args.bf16 else 0.1):
            text = f"the model lets samples of one row see each other (log-probabilities move by {found:.2g})"
            raise BadInput([f"{text}; it cannot be trained without padding here"])
        self._kept_apart = True
