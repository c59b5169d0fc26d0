"""How many tokens a sample has once its images are expanded; the images themselves are not opened for it."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from data import Example, image_sizes
from data.prompt import user_text
from eval.engines import sees, text_tokenizer
from recipes import BadInput


class Length(NamedTuple):
    """All tokens of a sample, and those among them that stand for merged patches of an image."""

    tokens: int
    image_tokens: int


def of_prompts(processor: Any, examples: Sequence[Example], style: str) -> list[Length]:
    """Of what the model is asked, up to where its answer begins."""
    return _measured(processor, examples, [[_asked(example, style)] for example in examples], is_prompt=True)


def of_samples(processor: Any, examples: Sequence[Example], said: Sequence[str], style: str) -> list[Length]:
    """Of prompt and completion, as fine-tuning reads them."""
    answers = [{"role": "assistant", "content": text} for text in said]
    turns = [[_asked(example, style), answer] for example, answer in zip(examples, answers, strict=True)]
    return _measured(processor, examples, turns, is_prompt=False)


def refuse_images_for_a_text_model(processor: Any, examples: Sequence[Example]) -> None:
    seen = next((example for example in examples if example.images), None)
    if seen is not None and not sees(processor):
        raise BadInput([f"example {seen.id} has an image, but the model reads text only; leave such sets out"])


def _asked(example: Example, style: str) -> dict[str, str]:
    return {"role": "user", "content": user_text(example, style)}


def _measured(
    processor: Any, examples: Sequence[Example], turns: list[list[dict[str, str]]], *, is_prompt: bool
) -> list[Length]:
    refuse_images_for_a_text_model(processor, examples)
    tokenizer = text_tokenizer(processor)
    template = getattr(processor, "chat_template", None) or tokenizer.chat_template
    if not template:
        raise BadInput(["the model has no chat template: choose an instruction-tuned model"])
    texts = tokenizer.apply_chat_template(
        turns, chat_template=template, tokenize=False, add_generation_prompt=is_prompt
    )
    written = tokenizer(texts, add_special_tokens=False)["input_ids"]
    tokens = _image_tokens(processor)
    images = [[tokens(*size) for size in image_sizes(example)] for example in examples]
    marks = 2  # around each image
    return [Length(len(ids) + sum(row) + marks * len(row), sum(row)) for ids, row in zip(written, images, strict=True)]


def _image_tokens(processor: Any) -> Callable[[int, int], int]:
    """(width, height) in pixels -> the tokens of such an image."""

    @cache  # most sets have few sizes
    def tokens(width: int, height: int) -> int:
        return processor._get_num_multimodal_tokens(image_sizes=[(height, width)])["num_image_tokens"][0]

    return tokens
