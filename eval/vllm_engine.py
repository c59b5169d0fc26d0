"""Answers from vLLM, in process: the trainer's own rollout engine on loan, or one started here for a checkpoint."""

import contextlib
import importlib.metadata
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from eval.checkpoints import load_processor
from eval.engines import Completion, Prompt, prompt_seed, render, text_tokenizer, vision_ids
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
CPU_SETTINGS: dict[str, Any] = {"dtype": "float32", "enforce_eager": True, "max_num_seqs": 64}


class VllmEngine:
    """Prompts go in as token ids with one placeholder an image, which vLLM itself expands.

    llm: a vllm.LLM that is awake and holds the weights to be judged. processor: the processor, or the tokenizer of a
    text model, whose chat template the model was trained with. banned_ids: tokens that must not be sampled.
    """

    def __init__(self, llm: Any, processor: Any, *, banned_ids: Iterable[int] = (), progress: bool = True) -> None:
        self.llm = llm
        self.processor = processor
        self._banned = {int(token): -100.0 for token in banned_ids}
        self._progress = progress

    @classmethod
    def from_pretrained(cls, model: str, **settings: Any) -> "VllmEngine":
        """Starts vLLM on a checkpoint (half a minute). `settings` are vllm.LLM's own; on a CPU float32 and eager
        mode are preset, on CUDA the model's own dtype stays."""
        on_cpu = prepare_cpu_environment()
        from vllm import LLM

        processor = load_processor(model)
        llm = LLM(model=model, **{**(CPU_SETTINGS if on_cpu else {}), **settings})
        return cls(llm, processor, banned_ids=vision_ids(processor))

    def generate(
        self, prompts: Sequence[Prompt], *, n: int, temperature: float, max_tokens: int, seed: int
    ) -> list[list[Completion]]:
        """See Engine. On CUDA each prompt has its own seed, so a sampled answer does not depend on its neighbours.

        vLLM's CPU backend dies of a request's own seed as soon as a prompt is read in two parts ("CPU Generator does
        not use offset"), so there one seed fixes the whole call.
        """
        from vllm import SamplingParams
        from vllm.platforms import current_platform

        on_cpu = current_platform.is_cpu()
        inputs = [self._input(prompt) for prompt in prompts]
        params = [
            SamplingParams(
                n=n,
                temperature=temperature,
                max_tokens=max_tokens,
                seed=prompt_seed(seed, prompt) if temperature > 0 and not on_cpu else None,
                logit_bias=self._banned or None,
            )
            for prompt in prompts
        ]
        try:
            with _one_seed(seed) if on_cpu else contextlib.nullcontext():
                outputs = self.llm.generate(inputs, params, use_tqdm=self._progress)
        except Exception as error:  # of vLLM's own class, which has changed between its versions
            if "longer than the maximum model length" not in str(error):
                raise
            raise BadInput([f"{error} Or lower max_pixels."]) from error
        return [[_completion(answer) for answer in output.outputs] for output in outputs]

    def _input(self, prompt: Prompt) -> dict[str, Any]:
        text = render(self.processor, prompt)
        ids = text_tokenizer(self.processor)(text, add_special_tokens=False)["input_ids"]
        limit = self.llm.model_config.max_model_len
        if len(ids) >= limit:
            raise BadInput(
                [f"{prompt.id}: the prompt has {len(ids)} tokens, the model's limit is {limit} (max_model_len)"]
            )
        found = {"prompt_token_ids": list(ids)}
        return {**found, "multi_modal_data": {"image": list(prompt.images)}} if prompt.images else found


def _completion(answer: Any) -> Completion:
    return Completion(answer.text, len(answer.token_ids), answer.finish_reason == "length")


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
