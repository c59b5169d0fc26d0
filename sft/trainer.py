"""Fine-tuning on TRL's `SFTTrainer`, with three things that it does not do: rows of samples without padding also where
there are images, learning rates by part of the model, and the language model's head for learnt tokens only."""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import datasets
import torch
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR, rotate_checkpoints
from trl.trainer.sft_trainer import SFTTrainer

from recipes import BadInput
from recipes.folder import publish
from sft import parts, resuming, segments
from sft.machine import Choice
from sft.samples import Encoded, Encoder, Sample

REMEDY = "lower sft.learning_rate, or look at these samples"
OUT_OF_MEMORY = (
    "out of memory on {}; lower sft.per_device_train_batch_size (and raise gradient_accumulation_steps by as much), "
    "sft.max_length or model.max_pixels, or set sft.gradient_checkpointing: true"
)
HALF = (torch.bfloat16, torch.float16)
WORKER = re.compile(r"^Caught .*\\n[\w.]+: ")  # what torch puts before an error of a data loader's worker


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
    None: it stays as it is. digest: of the samples and their rows, by which a resumed run knows its data. attention:
    the one that the model was loaded with and keeps, None: by segments.

    A checkpoint appears when it is whole. Training ends with BadInput, before the weights are spoilt, where a loss or a
    gradient is not finite, and where memory runs out.
    """

    model: Any  # whatever it is wrapped in
    accelerator: Any
    state: Any
    chosen: Sequence[Choice] = ()  # for the machine, by the stage

    def __init__(
        self,
        model: Any,
        *,
        rates: Mapping[str, float | None],
        digest: str = "",
        attention: str | None = None,
        **kwargs: Any,
    ) -> None:
        if attention is None:
            segments.use(model)
        super().__init__(model, **kwargs)
        self.rates, self.digest = rates, digest
        # Qwen-VL says no; then each process and each small batch would weigh alike, however few tokens it holds
        self.model_accepts_loss_kwargs = True
        parts.freeze(self.model, rates)
        if not any(parameter.requires_grad for parameter in self.model.parameters()):
            raise BadInput(["nothing is left to train: every part is frozen by tune:, or not in model.lora"])
        self.add_callback(resuming.TakeUp(self))
        self._names: list[str] = []  # of the samples since the last update
        self._batch = "the first batch"
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

    def train(self, resume_from_checkpoint: str | bool | None = None, **kwargs: Any) -> Any:
        if isinstance(resume_from_checkpoint, str):
            resuming.demand_whole(self, Path(resume_from_checkpoint))
        try:
            return super().train(resume_from_checkpoint, **kwargs)
        except RuntimeError as error:
            if isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error):  # the second: a CPU
                raise self._stopped(OUT_OF_MEMORY.format(self._batch)) from error
            raise

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        if not resuming.load_weights(self, resume_from_checkpoint):
            super()._load_from_checkpoint(resume_from_checkpoint, model)

    def get_batch_samples(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().get_batch_samples(*args, **kwargs)
        except BadInput as error:
            raise BadInput([WORKER.sub("", line).removesuffix("\\n") for line in error.problems]) from error

    def compute_loss(self, model: Any, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """TRL's, over the places that are learnt."""
        inputs = dict(inputs)
        supervised, names = inputs.pop("supervised"), inputs.pop("names")
        self._names += names
        images = len(inputs.get("image_grid_thw", ()))
        self._batch = f"a batch of {len(names)} samples with {inputs['input_ids'].numel()} tokens and {images} images"
        self._demand_kept_apart(model, inputs["position_ids"])
        self._supervised = supervised
        try:
            loss = super().compute_loss(model, inputs, *args, **kwargs)
            if self.model.training and not math.isfinite(found := float(loss.detach())):
                raise self._stopped(f"the loss is {found} on {_listed(names)}; {REMEDY}")
            return loss
        finally:
            self._supervised = None
            if self.model.training:  # TRL counts a row of position ids, which here may have one for each axis
                places = inputs["position_ids"]
                sizes = segments.lengths(places[0] if places.ndim == 3 else places)
                n = sum(sizes[: len(names)]) - places.size(1)  # without the blank image that a batch of texts may hold
                self._total_train_tokens += (
                    self.accelerator.gather(torch.tensor(n, device=self.args.device)).sum().item()
                )
                self._metrics["train"]["num_tokens"] = [self._total_train_tokens]

    def _get_grad_norm(self, model: Any, grad_norm: Any = None) -> Any:
        """Transformers', which is asked before each update."""
        norm = super()._get_grad_norm(model, grad_norm)
        names, self._names = self._names, []
        if norm is not None and self.accelerator.scaler is None and not math.isfinite(norm):  # fp16's skips the update
            raise self._stopped(f"the gradient's norm is {float(norm)} on {_listed(names)}; {REMEDY}")
        return norm

    def _stopped(self, text: str) -> BadInput:
        return BadInput([f"step {self.state.global_step + 1}: {text}; {resuming.last_good(str(self.args.output_dir))}"])

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        """Transformers', in a folder of its own until all processes have written all of it."""
        if not all(bool(one.isfinite().all()) for one in self.model.parameters() if one.requires_grad):
            raise self._stopped(f"the last update has made weights that are not finite; {REMEDY}")
        loss = self.accelerator.gather(self._tr_loss.reshape(1)).mean().item()
        self.state.stateful_callbacks[resuming.KEPT] = resuming.kept(self, loss)
        output, limit = Path(str(self.args.output_dir)), self.args.save_total_limit
        draft = output / resuming.DRAFTS
        name = f"{PREFIX_CHECKPOINT_DIR}-{self.state.global_step}"
        if self.accelerator.is_main_process:
            shutil.rmtree(draft, ignore_errors=True)  # of a run that was killed while it saved
        self.accelerator.wait_for_everyone()
        self._get_output_dir = lambda trial: str(draft)
        self.args.save_total_limit = None  # what is whole goes when another is
        try:
            super()._save_checkpoint(model, trial)
        finally:
            del self._get_output_dir
            self.args.save_total_limit = limit
        self.accelerator.wait_for_everyone()
        if self.accelerator.is_main_process:
            publish(draft / name, output / name)
            rotate_checkpoints(str(output), limit)
        self.accelerator.wait_for_everyone()

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
        is_half = self.args.bf16 or self.args.fp16 or any(one.dtype in HALF for one in self.model.parameters())
        if found > (0.1 if is_half else 1e-4):
            text = f"the model lets samples of one row see each other (log-probabilities move by {found:.2g})"
            raise BadInput([f"{text}; it cannot be trained without padding here"])
        self._kept_apart = True


def _listed(names: Sequence[str], limit: int = 8) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return f"the samples {', '.join(names[:limit])}{more}"
