"""GRPO on TRL's trainer: the seams where medical, multimodal data need more than TRL 1.16 gives."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from trl.trainer.grpo_trainer import GRPOTrainer

from eval.engines import text_tokenizer, vision_ids
from rlvr.rollouts import ban_in_model, rollouts_in_trl


class MedGRPOTrainer(GRPOTrainer):
    """TRL's `GRPOTrainer`; text and image prompts mix in one batch, and vLLM and the policy agree on both.

    Args:
        pixels: min_pixels/max_pixels handed to vLLM's image processor (None: the checkpoint's own).
    The other arguments are TRL's.
    """

    def __init__(self, model: Any, *args: Any, pixels: dict[str, int] | None = None, **kwargs: Any) -> None:
        processing_class = kwargs["processing_class"]
        # TRL pads prompts on the left by itself, the processor's token types on the tokenizer's side: they must meet
        text_tokenizer(processing_class).padding_side = "left"
        banned = vision_ids(processing_class)
        dtype = "bfloat16" if kwargs["args"].bf16 else str(model.dtype).removeprefix("torch.")
        with rollouts_in_trl(dtype, pixels):
            super().__init__(model, *args, **kwargs)
        # TRL gathers images for its tables only on the processes whose rows hold some, and the others never come
        self.log_multimodal = self.log_multimodal and self.accelerator.num_processes == 1
        ban_in_model(self.accelerator.unwrap_model(self.model), banned)
        if self.ref_model is not None:
            ban_in_model(self.accelerator.unwrap_model(self.ref_model), banned)

    def _tokenize_prompts(self, prompts: list) -> tuple:
        """As TRL's, but a row without images has `[]`: processors refuse TRL's None in a mixed batch."""
        prompt_ids, images, fields = super()._tokenize_prompts(prompts)
        return prompt_ids, images and [row or [] for row in images], fields

    @contextmanager
    def rollout_engine(self) -> Iterator[Any]:
        """The vLLM engine with the policy's weights, awake for as long as it is held.

        An engine that sleeps between rollouts has lost its weights (TRL's sleep level 2) and must get them again.
        """
        backend = self.vllm_generation
        if backend.enable_sleep_mode or self.state.global_step != self._last_loaded_step:
            backend.sync_weights()
            self._last_loaded_step = self.state.global_step
        if not backend.enable_sleep_mode:
            yield backend.llm
            return
        backend.llm.wake_up(tags=["kv_cache"])
        yield backend.llm
        backend.llm.sleep(level=2)
        backend._llm_weights_sleeping = True
