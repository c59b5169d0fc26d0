"""Answers from a transformers model's own `generate`, in batches padded on the left."""

import contextlib
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from eval.checkpoints import load_processor
from eval.engines import Completion, Prompt, prompt_seed, render, sees, text_tokenizer, vision_ids
from recipes import BadInput


class HfEngine:
    """model: a generating transformers model, on its device. processor: its processor, or a text model's tokenizer.

    Draws are seeded by batch: a sampled answer depends on the seed and on the items it shares a batch with, so keep
    `batch_size` fixed where draws must repeat. Greedy answers do not depend on it.
    """

    def __init__(
        self, model: Any, processor: Any, *, banned_ids: Iterable[int] = (), batch_size: int = 16, progress: bool = True
    ) -> None:
        self.model = model
        self.processor = processor
        self._banned = [int(token) for token in banned_ids]
        self._batch_size = batch_size
        self._progress = progress
        self._limit = getattr(model.config.get_text_config(), "max_position_embeddings", None)

    @classmethod
    def from_pretrained(cls, model: str, **settings: Any) -> "HfEngine":
        """Loads a checkpoint: onto the GPU in its own dtype where there is one, else in float32."""
        import torch
        from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText

        device, dtype = ("cuda", "auto") if torch.cuda.is_available() else ("cpu", torch.float32)
        with_eyes = hasattr(AutoConfig.from_pretrained(model), "vision_config")
        family: Any = AutoModelForImageTextToText if with_eyes else AutoModelForCausalLM
        processor = load_processor(model)
        loaded = family.from_pretrained(model, dtype=dtype).to(device)
        return cls(loaded, processor, banned_ids=vision_ids(processor), **settings)

    def generate(
        self, prompts: Sequence[Prompt], *, n: int, temperature: float, max_tokens: int, seed: int
    ) -> list[list[Completion]]:
        """See Engine."""
        from tqdm import tqdm

        starts = range(0, len(prompts), self._batch_size)
        batches = [prompts[start : start + self._batch_size] for start in starts]
        answers: list[list[Completion]] = []
        with _answering(self.model), tqdm(total=len(prompts), desc="answering", disable=not self._progress) as bar:
            for batch in batches:
                answers += self._batch(batch, n, temperature, max_tokens, seed)
                bar.update(len(batch))
        return answers

    def _batch(
        self, prompts: Sequence[Prompt], n: int, temperature: float, max_tokens: int, seed: int
    ) -> list[list[Completion]]:
        import torch

        inputs = self._encode(prompts).to(self.model.device)
        width = inputs["input_ids"].shape[1]  # input_ids: (batch, width)
        how = {"do_sample": True, "temperature": temperature} if temperature > 0 else {"do_sample": False}
        # Named one by one, since a checkpoint's generation_config may hold others, which vLLM would not follow.
        how |= {"top_k": 0, "top_p": 1.0, "repetition_penalty": 1.0} if temperature > 0 else {"repetition_penalty": 1.0}
        with torch.no_grad(), torch.random.fork_rng():
            torch.manual_seed(_batch_seed(seed, prompts))
            ids = self.model.generate(
                **inputs,
                **how,
                num_return_sequences=n,
                max_new_tokens=self._room(prompts, inputs, max_tokens),
                suppress_tokens=self._banned or None,
                pad_token_id=text_tokenizer(self.processor).pad_token_id,
            )
        rows = ids[:, width:].tolist()  # (batch * n, new)
        return [[self._completion(row) for row in rows[i * n : i * n + n]] for i in range(len(prompts))]

    def _encode(self, prompts: Sequence[Prompt]) -> Any:
        texts = [render(self.processor, prompt) for prompt in prompts]
        form: dict[str, Any] = {"padding": True, "padding_side": "left", "return_tensors": "pt"}
        if not sees(self.processor):
            return self.processor(texts, add_special_tokens=False, **form)
        images = [image for prompt in prompts for image in prompt.images]
        return self.processor(text=texts, images=images or None, **form)

    def _room(self, prompts: Sequence[Prompt], inputs: Any, max_tokens: int) -> int:
        """New tokens that fit behind the longest prompt; BadInput naming the prompt that leaves none."""
        if self._limit is None:
            return max_tokens
        lengths = inputs["attention_mask"].sum(dim=1).tolist()  # (batch,)
        for prompt, length in zip(prompts, lengths, strict=True):
            if length >= self._limit:
                raise BadInput([f"{prompt.id}: the prompt has {length} tokens, the model's limit is {self._limit}"])
        return min(max_tokens, self._limit - max(lengths))

    def _completion(self, ids: list[int]) -> Completion:
        """Up to and with the first end token; without one the limit has cut it."""
        ends = self.model.generation_config.eos_token_id
        stops = set(ends if isinstance(ends, list) else [ends])
        stop = next((place for place, token in enumerate(ids) if token in stops), None)
        kept = ids if stop is None else ids[: stop + 1]
        text = text_tokenizer(self.processor).decode(kept, skip_special_tokens=True)
        return Completion(text, len(kept), stop is None)


def _batch_seed(seed: int, prompts: Sequence[Prompt]) -> int:
    joined = ",".join(str(prompt_seed(seed, prompt)) for prompt in prompts)
    return int.from_bytes(hashlib.sha256(joined.encode()).digest()[:4], "big")


@contextlib.contextmanager
def _answering(model: Any) -> Iterator[None]:
    """Evaluation mode (no dropout) for the time being."""
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)
