"""Answers from vLLM, in process: the trainer's own rollout engine on loan, or one started here for a checkpoint."""

import contextlib
import importlib.metadata
import itertools
import os
from collections.abc import Iterable, Iterator
from typing import Any

from eval.checkpoints import load_processor, weights
from eval.engines import (
    Completion,
    Decoding,
    Prompt,
    Unanswered,
    prompt_seed,
    render,
    sees,
    text_tokenizer,
    vision_ids,
)
from recipes import BadInput

# Worth setting before vLLM is first imported, on a CPU: the engine in this process, a cache of 1 GiB, and threads
# that neither bind to cores nor spin at barriers, where they stall for seconds whenever another job takes a core.
CPU_ENVIRONMENT = {
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "KMP_BLOCKTIME": "0",
    "VLLM_LOGGING_LEVEL": "ERROR",
}
# Prompts are read in one piece: only so can each have a seed of its own (see VllmEngine).
CPU_SETTINGS: dict[str, Any] = {
    "dtype": "float32",
    "enforce_eager": True,
    "max_num_seqs": 64,
    "enable_chunked_prefill": False,
}
MAX_IMAGES = 6  # of a prompt, as in the paper's evaluation


class VllmEngine:
    """Prompts go in as token ids with one placeholder an image, which vLLM itself expands.

    llm: a vllm.LLM that is awake and holds the weights to be judged. processor: the processor, or the tokenizer of a
    text model, whose chat template the model was trained with. banned_ids: tokens that must not be sampled.
    own_seeds: whether each prompt may have its own seed, so that a sampled answer does not depend on its neighbours.
    vLLM's CPU backend dies of one as soon as it reads a prompt in two parts ("CPU Generator does not use offset"):
    False lets one seed fix a whole call.
    """

    def __init__(
        self,
        llm: Any,
        processor: Any,
        *,
        banned_ids: Iterable[int] = (),
        own_seeds: bool = True,
        stamp: dict[str, Any] | None = None,
    ) -> None:
        self.llm = llm
        self.processor = processor
        self.stamp = stamp or {}
        self._banned = {int(token): -100.0 for token in banned_ids}
        self._own_seeds = own_seeds

    @classmethod
    def from_pretrained(
        cls, model: str, *, revision: str | None = None, pixels: dict[str, int] | None = None, **settings: Any
    ) -> "VllmEngine":
        """Starts vLLM on a checkpoint (half a minute). `settings` are vllm.LLM's own; on a CPU float32 and eager
        mode are preset, on CUDA the model's own dtype stays.

        pixels: min_pixels and max_pixels of an image, where they are not to be the checkpoint's own.
        """
        on_cpu = prepare_cpu_environment()
        from vllm import LLM

        processor = load_processor(model, revision=revision, **(pixels or {}))
        seeing: dict[str, Any] = {"limit_mm_per_prompt": {"image": MAX_IMAGES}} if sees(processor) else {}
        if pixels:
            seeing["mm_processor_kwargs"] = pixels
        llm = LLM(model=model, revision=revision, **{**(CPU_SETTINGS if on_cpu else {}), **seeing, **settings})
        stamp = {"engine": "vllm", "version": _version(), "dtype": str(llm.model_config.dtype), "pixels": pixels or {}}
        return cls(llm, processor, banned_ids=vision_ids(processor), stamp=stamp | weights(model))

    def stream(self, prompts: Iterable[Prompt], how: Decoding) -> Iterator[tuple[str, list[Completion] | Unanswered]]:
        """See Engine. vLLM's queue is kept filled, so that no short answer waits for a long one."""
        engine, waiting, room = self.llm.llm_engine, iter(prompts), self._room(how)
        asked: dict[str, str] = {}  # request id -> prompt id
        with contextlib.nullcontext() if self._own_seeds else _one_seed(how.seed):
            try:
                while True:
                    for prompt in itertools.islice(waiting, room - len(asked)):
                        try:
                            asked[self._enqueue(prompt, how)] = prompt.id
                        except BadInput as error:
                            yield prompt.id, Unanswered(str(error))
                    if not asked:
                        return
                    for output in engine.step():
                        if output.finished:
                            yield asked.pop(output.request_id), [_completion(answer) for answer in output.outputs]
            finally:
                if asked:
                    engine.abort_request(list(asked))

    def _room(self, how: Decoding) -> int:
        """So many prompts at once that another is ready whenever a sequence ends."""
        return max(8, 2 * self.llm.llm_engine.vllm_config.scheduler_config.max_num_seqs // how.n)

    def _enqueue(self, prompt: Prompt, how: Decoding) -> str:
        """The id under which vLLM reports the request; BadInput for a prompt that it cannot answer."""
        from vllm import SamplingParams

        params = SamplingParams(
            n=how.n,
            temperature=how.temperature,
            max_tokens=how.max_tokens,
            seed=prompt_seed(how.seed, prompt) if how.temperature > 0 and self._own_seeds else None,
            logit_bias=self._banned or None,
        )
        try:
            [internal] = self.llm.enqueue([self._input(prompt)], [params], use_tqdm=False)
        except Exception as error:  # of vLLM's own classes, which have changed between its versions
            if isinstance(error, BadInput):
                raise
            if "longer than the maximum model length" in str(error):
                raise BadInput([f"{error} Or lower max_pixels."]) from error
            if not isinstance(error, ValueError):
                raise
            raise BadInput([" ".join(str(error).split())]) from error
        return internal.split("-")[0]  # vLLM adds random characters to what it reports under

    def _input(self, prompt: Prompt) -> dict[str, Any]:
        text = render(self.processor, prompt)
        ids = text_tokenizer(self.processor)(text, add_special_tokens=False)["input_ids"]
        limit = self.llm.model_config.max_model_len
        if len(ids) >= limit:
            raise BadInput([f"the prompt has {len(ids)} tokens, the model's limit is {limit} (max_model_len)"])
        found = {"prompt_token_ids": list(ids)}
        return {**found, "multi_modal_data": {"image": list(prompt.images)}} if prompt.images else found


def _completion(answer: Any) -> Completion:
    return Completion(answer.text, len(answer.token_ids), answer.finish_reason == "length")


def _version() -> str:
    import vllm

    return vllm.__version__


@contextlib.contextmanager
def _one_seed(seed: int) -> Iterator[None]:
    """Seeds this process's draws for the time being; the caller's own go on afterwards as if nothing had been."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def prepare_cpu_environment() -> bool:
    """Set what vLLM's CPU build reads from the environment; True if it is the one installed.

    To be called before torch or vLLM is imported. What the user has set stays.
    """
    try:
        importlib.metadata.version("vllm-cpu")
    except importlib.metadata.PackageNotFoundError:
        return False
    for name, value in CPU_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    return True
