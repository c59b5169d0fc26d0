"""vLLM rollouts inside the trainer: TRL's `VLLMGeneration`, made right on images and able to run on a CPU.

Six things differ from TRL 1.16 as it ships, each held by a test (tests/rlvr/test_rollouts.py):

1. Images. TRL hands vLLM prompts whose image placeholder is already expanded to one pad token per patch,
   together with the raw image; vLLM expands the first pad once more and every position after it is wrong
   (TRL issues 6294, 6401). Here each run of pads is collapsed to one before it leaves the trainer.
2. Vision tokens cannot be sampled: a completion that holds an image pad kills the next forward pass.
3. After an update of the weights vLLM forgets what it has seen: TRL empties the prefix cache, but not the cache of
   image embeddings, so an image that comes again would be read with old eyes (TRL issue 7198).
4. On a CPU the engine runs in process, in the trainer's precision, and its weights can be reloaded.
5. A group is one request for n samples, where TRL's colocated engine gets n requests: vLLM reads prompt and image once.
6. A tensor that did not arrive stops the run before a completion is sampled; TRL does not look.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

import torch
import vllm
from trl.generation import vllm_generation
from trl.generation.vllm_generation import VLLMGeneration
from trl.trainer import utils

from eval.engines import vision_ids
from recipes import BadInput

NEVER = -1e4  # added to a logit: probability 0 in every precision, and 0 * log 0 stays finite in the entropy


def ban_in_model(model: Any, banned: Sequence[int]) -> None:
    """Make the policy itself unable to emit `banned`, so that its log-probabilities are those vLLM samples from.

    The output layer of the Qwen family has no bias; a constant one (a buffer: not trained, not saved, not
    synchronised) reaches every path, TRL's fused head included.
    """
    head = model.get_output_embeddings()
    if not banned or head.bias is not None:
        return
    bias = torch.zeros(head.out_features, dtype=head.weight.dtype, device=head.weight.device)
    bias[list(banned)] = NEVER
    del head._parameters["bias"]
    head.register_buffer("bias", bias, persistent=False)
    _gather_parameters_alone()


@functools.cache
def _gather_parameters_alone() -> None:
    """Under ZeRO-3 TRL's fused head gathers its weight and bias, and fails on a bias that never lay in parts."""
    gather = utils.maybe_gather_lm_head_ctx
    utils.maybe_gather_lm_head_ctx = lambda *given: gather(*(one for one in given if hasattr(one, "ds_status")))


def collapse_image_pads(prompt_ids: Sequence[int], pad_id: int | None) -> list[int]:
    """One pad per image: what vLLM expects where the trainer has one pad per merged patch."""
    return [t for i, t in enumerate(prompt_ids) if t != pad_id or i == 0 or prompt_ids[i - 1] != pad_id]


def prepare_cpu() -> None:
    """Let vLLM's CPU backend reload weights: its packed matrix kernels drop the parameters they were made from."""
    import vllm.model_executor.layers.utils as layers

    def keep_the_weight(layer: torch.nn.Module, remove_weight: bool) -> None:
        setattr(layer, "cpu_linear", torch.nn.functional.linear)  # noqa: B010 - a plain function, not a Module

    layers.dispatch_cpu_unquantized_gemm = keep_the_weight


class Rollouts(VLLMGeneration):
    """TRL's generation backend with the corrections above.

    Args:
        dtype: precision of the engine; the trainer's own, or the two disagree about every probability.
        pixels: min_pixels/max_pixels of the trainer's image processor, where they are not the checkpoint's.
    The other arguments are TRL's.
    """

    def __init__(self, *args: Any, dtype: str, pixels: dict[str, int] | None = None, **kwargs: Any) -> None:
        self.engine_settings: dict[str, Any] = {"dtype": dtype}
        if pixels:
            self.engine_settings["mm_processor_kwargs"] = pixels
        processing_class = kwargs["processing_class"]
        self.image_pad_id = getattr(processing_class, "image_token_id", None)
        bias = dict.fromkeys(vision_ids(processing_class), -100.0)
        if bias:
            given = kwargs.get("generation_kwargs") or {}
            kwargs["generation_kwargs"] = {**given, "logit_bias": {**bias, **given.get("logit_bias", {})}}
        super().__init__(*args, **kwargs)

    def _init_vllm(self) -> None:
        if self.accelerator.device.type == "cpu" and self.mode == "colocate":
            prepare_cpu()
            self.engine_settings["enforce_eager"] = True
        engine = functools.partial(vllm.LLM, **self.engine_settings)
        with mock.patch.object(vllm_generation, "LLM", engine):
            super()._init_vllm()

    def sync_weights(self) -> None:
        """As TRL's, each tensor seen to arrive, and no image embedding that the old weights made survives."""
        if self.mode != "colocate":
            return super().sync_weights()
        engine = self.llm.llm_engine
        model = engine.model_executor.driver_worker.model_runner.model
        seen = functools.partial(arrived, dict(model.named_parameters()), model.load_weights)
        with mock.patch.object(model, "load_weights", seen):
            super().sync_weights()
        engine.reset_encoder_cache()

    def generate(self, prompts: Any, images: Any, num_generations: int, profiler: Any = None) -> tuple:
        """As TRL's, for prompts as the trainer has them: expanded pads, `[]` or None where a row has no image."""
        if images is not None:
            images = [row or None for row in images]
            if self.mode == "colocate":
                prompts = [collapse_image_pads(ids, self.image_pad_id) for ids in prompts]
        n = num_generations
        if self.mode != "colocate" or self.tensor_parallel_size > 1 or not in_groups(prompts, images, n):
            return super().generate(prompts, images, n, profiler)
        with mock.patch.object(self, "generation_kwargs", {**self.generation_kwargs, "n": n}):
            asked, *said = super().generate(prompts[::n], images and images[::n], n, profiler)
        return [ids for ids in asked for _ in range(n)], *said


def arrived(
    held: Mapping[str, torch.Tensor], load: Callable[[Any], set[str]], weights: Iterable[tuple[str, torch.Tensor]]
) -> set[str]:
    """`load_weights` of vLLM's model, which holds these: each tensor must find a place, and begin there as it was sent.

    What vLLM joins or cuts into shards is only seen to find a place. BadInput with the tensor's name otherwise: the run
    would sample by one policy and train another.
    """
    places: set[str] = set()
    for name, tensor in weights:
        places |= (found := load([(name, tensor)]))
        whole = (held[place] for place in found if place in held and held[place].shape == tensor.shape)
        if not found or not all(torch.equal(one.flatten()[:64], tensor.flatten()[:64].to(one)) for one in whole):
            text = f"vLLM {'holds other values for' if found else 'has no place for'} {name} than the policy"
            remedy = "train with grpo.use_vllm=false, and report it with the versions of trl and vllm"
            raise BadInput([f"weights were not synchronised: {text}; {remedy}"])
    return places


def in_groups(prompts: Sequence[Any], images: Sequence[Any] | None, n: int) -> bool:
    """Whether each `n` rows are one prompt with the same pictures."""
    rows = range(0, len(prompts), n)
    if len(prompts) % n or any(prompts[i] != prompts[row] for row in rows for i in range(row, row + n)):
        return False
    shown = [[id(one) for one in row or ()] for row in images or ()]
    return not shown or all(shown[i] == shown[row] for row in rows for i in range(row, row + n))


@contextmanager
def awake(trainer: Any) -> Iterator[Any]:
    """The vLLM engine of a `GRPOTrainer`, with the policy's weights, for as long as it is held.

    An engine that sleeps between rollouts has lost its weights (TRL's sleep level 2) and must get them again.
    """
    backend = trainer.vllm_generation
    if backend.enable_sleep_mode or trainer.state.global_step != trainer._last_loaded_step:
        backend.sync_weights()
        trainer._last_loaded_step = trainer.state.global_step
    if not backend.enable_sleep_mode:
        yield backend.llm
        return
    backend.llm.wake_up(tags=["kv_cache"])
    yield backend.llm
    backend.llm.sleep(level=2)
    backend._llm_weights_sleeping = True


@contextmanager
def rollouts_in_trl(dtype: str, pixels: dict[str, int] | None) -> Iterator[None]:
    """While open, a `GRPOTrainer` that is built takes `Rollouts` for its generation backend."""
    import trl.trainer.grpo_trainer as grpo_trainer

    backend = functools.partial(Rollouts, dtype=dtype, pixels=pixels)
    with mock.patch.object(grpo_trainer, "VLLMGeneration", backend):
        yield
