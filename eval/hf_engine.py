"""Answers from a transformers model's own `generate`, in batches padded on the left."""

import contextlib
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from eval.checkpoints import load_processor, weights
from eval.engines import Completion, Decoding, Prompt, Unanswered, prompt_seed, render, sees, text_tokenizer, vision_ids
from recipes import BadInput


class HfEngine:
    """model: a generating transformers model, on its device. processor: its processor, or a text model's tokenizer.

    batch_size is in sequences: prompts times samples. Every sequence draws from a seed of its own, so that answers,
    but for rounding, depend neither on it nor on their neighbours.
    """

    def __init__(
        self,
        model: Any,
        processor: Any,
        *,
        banned_ids: Iterable[int] = (),
        batch_size: int = 16,
        stamp: dict[str, Any] | None = None,
    ) -> None:
        self.model = model
        self.processor = processor
        self.stamp = stamp or {}
        self._banned = [int(token) for token in banned_ids]
        self._batch_size = batch_size
        self._limit = getattr(model.config.get_text_config(), "max_position_embeddings", None)

    @classmethod
    def from_pretrained(
        cls,
        model: str,
        *,
        revision: str | None = None,
        pixels: dict[str, int] | None = None,
        dtype: str | None = None,
        **settings: Any,
    ) -> "HfEngine":
        """Loads a checkpoint: onto a GPU in its own dtype where there is one, else in float32, unless `dtype` is given.

        pixels: min_pixels and max_pixels of an image, where they are not to be the checkpoint's own.
        """
        import torch
        import transformers
        from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText

        device, usual = ("cuda", "auto") if torch.cuda.is_available() else ("cpu", "float32")
        with_eyes = hasattr(AutoConfig.from_pretrained(model, revision=revision), "vision_config")
        family: Any = AutoModelForImageTextToText if with_eyes else AutoModelForCausalLM
        processor = load_processor(model, revision=revision, **(pixels or {}))
        loaded = family.from_pretrained(model, revision=revision, dtype=dtype or usual).to(device)
        stamp = {
            "engine": "hf",
            "version": transformers.__version__,
            "dtype": str(loaded.dtype),
            "pixels": pixels or {},
        }
        return cls(loaded, processor, banned_ids=vision_ids(processor), stamp=stamp | weights(model), **settings)

    def stream(self, prompts: Iterable[Prompt], how: Decoding) -> Iterator[tuple[str, list[Completion] | Unanswered]]:
        """See Engine."""
        waiting = iter(prompts)
        with _answering(self.model):
            while batch := list(itertools.islice(waiting, max(1, self._batch_size // how.n))):
                yield from self._batch(batch, how)

    def _batch(self, prompts: Sequence[Prompt], how: Decoding) -> Iterator[tuple[str, list[Completion] | Unanswered]]:
        fitting = []
        for prompt in prompts:
            if why := self._refusal(prompt):
                yield prompt.id, Unanswered(why)
            else:
                fitting.append(prompt)
        if fitting:
            found = self._generate([prompt for prompt in fitting for _ in range(how.n)], how)
            for i, prompt in enumerate(fitting):
                yield prompt.id, found[i * how.n : i * how.n + how.n]

    def _generate(self, prompts: Sequence[Prompt], how: Decoding) -> list[Completion]:
        """One completion a prompt; a prompt that stands there several times gets several samples."""
        import torch
        from transformers import LogitsProcessorList

        inputs = self._encode(prompts).to(self.model.device)
        draws = [_Draws(_seeds(prompts, how), how.temperature)] if how.temperature > 0 else []
        width = inputs["input_ids"].shape[1]  # input_ids: (batch, width)
        longest = int(inputs["attention_mask"].sum(dim=1).max())
        room = how.max_tokens if self._limit is None else min(how.max_tokens, self._limit - longest)
        with torch.no_grad():
            ids = self.model.generate(
                **inputs,
                # Named one by one, since a checkpoint's generation_config may hold others, which vLLM would not follow.
                do_sample=False,
                repetition_penalty=1.0,
                logits_processor=LogitsProcessorList(draws),
                max_new_tokens=room,
                suppress_tokens=self._banned or None,
                pad_token_id=text_tokenizer(self.processor).pad_token_id,
            )
        return [self._completion(row) for row in ids[:, width:].tolist()]  # (batch, new)

    def _refusal(self, prompt: Prompt) -> str:
        """Why the model cannot answer this prompt; empty where it can."""
        try:
            length = int(self._encode([prompt])["attention_mask"].sum()) if self._limit else 0
        except BadInput as error:
            return str(error)
        if self._limit and length >= self._limit:
            return f"the prompt has {length} tokens, the model's limit is {self._limit}"
        return ""

    def _encode(self, prompts: Sequence[Prompt]) -> Any:
        texts = [render(self.processor, prompt) for prompt in prompts]
        form: dict[str, Any] = {"padding": True, "padding_side": "left", "return_tensors": "pt"}
        if not sees(self.processor):
            return self.processor(texts, add_special_tokens=False, **form)
        images = [image for prompt in prompts for image in prompt.images]
        return self.processor(text=texts, images=images or None, **form)

    def _completion(self, ids: list[int]) -> Completion:
        """Up to and with the first end token; without one the limit has cut it."""
        ends = self.model.generation_config.eos_token_id
        stops = set(ends if isinstance(ends, list) else [ends])
        stop = next((place for place, token in enumerate(ids) if token in stops), None)
        kept = ids if stop is None else ids[: stop + 1]
        text = text_tokenizer(self.processor).decode(kept, skip_special_tokens=True)
        return Completion(text, len(kept), stop is None)


class _Draws:
    """Turns greedy decoding into sampling at a temperature, each row from its own generator.

    With q drawn from the exponential distribution, argmax(p / q) is a draw from p (the Gumbel-max trick).
    """

    def __init__(self, seeds: Sequence[int], temperature: float) -> None:
        import torch

        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self._temperature = temperature

    def __call__(self, _ids: Any, scores: Any) -> Any:
        """scores: (batch, vocabulary)."""
        import torch

        draws = [torch.empty(scores.shape[1]).exponential_(generator=g) for g in self._generators]
        return scores.float() / self._temperature - torch.stack(draws).log().to(scores.device)


def _seeds(prompts: Sequence[Prompt], how: Decoding) -> list[int]:
    """A seed a sequence: its prompt's, plus the number of the sample."""
    seen: Counter[str] = Counter()
    seeds = []
    for prompt in prompts:
        seeds.append(prompt_seed(how.seed, prompt) + seen[prompt.id])
        seen[prompt.id] += 1
    return seeds


@contextlib.contextmanager
def _answering(model: Any) -> Iterator[None]:
    """Evaluation mode (no dropout) for the time being."""
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)
