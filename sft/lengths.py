"""How many tokens a sample has once its images are expanded; the images themselves are not opened for it."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from data import Example
from data.prompt import messages
from eval.engines import sees
from recipes import BadInput
from sft.samples import Encoder, Sample


class Length(NamedTuple):
    """All tokens of a sample, those among them that stand for merged patches of an image, and those before the first
    that is learnt."""

    tokens: int
    image_tokens: int
    asked: int = 0

    def fits(self, limit: int | None) -> bool:
        """Whether something is left to learn within so many tokens; None: without a limit."""
        return limit is None or self.asked < limit


def of_prompts(processor: Any, examples: Sequence[Example], style: str) -> list[Length]:
    """Of what the model is asked, up to where its answer begins."""
    encoder = Encoder(processor)
    asked = [Sample(example.id, messages(example, style), example.images) for example in examples]
    texts = [encoder.render(one, one.turns, ask=True) for one in asked]
    return _counted(encoder, asked, texts, [len(text) for text in texts])


def of_samples(processor: Any, samples: Sequence[Sample]) -> list[Length]:
    """Of samples, as fine-tuning reads them."""
    encoder = Encoder(processor)
    found = [encoder.rendered(one) for one in samples]
    return _counted(encoder, samples, [text for text, _ in found], [spans[0][0] for _, spans in found])


def refuse_images_for_a_text_model(processor: Any, examples: Sequence[Example]) -> None:
    seen = next((example for example in examples if example.images), None)
    if seen is not None and not sees(processor):
        raise BadInput([f"example {seen.id} has an image, but the model reads text only; leave such sets out"])


def _counted(encoder: Encoder, samples: Sequence[Sample], texts: Sequence[str], asked: Sequence[int]) -> list[Length]:
    """Of the samples' texts, where one placeholder stands for each image; asked: characters before what is learnt."""
    tokens = _image_tokens(encoder.processor)
    found: list[Length] = []
    for sample, text, end in zip(samples, texts, asked, strict=True):
        read = encoder.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        images = [tokens(*size) for size in sample.sizes()]
        before = [i for i, (start, _) in zip(read["input_ids"], read["offset_mapping"], strict=True) if start < end]
        seen = images[: before.count(encoder.image_id)] if images else []
        n = len(read["input_ids"]) + sum(images) - len(images)
        found.append(Length(n, sum(images), len(before) + sum(seen) - len(seen)))
    return found


def _image_tokens(processor: Any) -> Callable[[int, int], int]:
    """(width, height) in pixels -> the tokens of such an image."""

    @cache  # most sets have few sizes
    def tokens(width: int, height: int) -> int:
        return processor._get_num_multimodal_tokens(image_sizes=[(height, width)])["num_image_tokens"][0]

    return tokens
