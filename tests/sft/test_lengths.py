"""A sample has as many tokens as the trainer is going to see, counted without opening its images."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import data
from data import Example
from data.prompt import messages
from eval.engines import Prompt, render
from recipes import BadInput
from sft import lengths, lessons, models
from sft.samples import Encoder, Sample

TEXT = data.load("clinic", "train", n=8, families=["lab_range"])


@pytest.fixture(scope="module")
def examples(picture: Callable[..., Any]) -> list[Example]:
    """No image, one and several, of sizes below, within and above the pixel budget, tall and wide."""
    sizes = [[], [(56, 56)], [(84, 112), (60, 70)], [(200, 150)], [(20, 90), (300, 40), (57, 113)]]
    return [
        Example(str(i), f"What do these {len(row)} show?", "mass", images=tuple(picture(*size) for size in row))
        for i, row in enumerate(sizes)
    ]


def answered(example: Example) -> Sample:
    turns = (*messages(example, "plain"), {"role": "assistant", "content": "mass"})
    return Sample(example.id, turns, example.images)


@pytest.mark.parametrize("budget", [{}, {"min_pixels": 3136, "max_pixels": 50176}, {"max_pixels": 3136}])
def test_prompts_are_measured_expanded(checkpoint: Path, examples: list[Example], budget: dict[str, int]) -> None:
    processor = models.load_processor(str(checkpoint), **budget)
    exact = []
    for example in examples:
        asked = Prompt(messages(example, "think"), data.open_images(example))
        ids = processor(text=[render(processor, asked)], images=asked.images or None)["input_ids"][0]
        exact.append((len(ids), list(ids).count(processor.image_token_id)))
    assert lengths.of_prompts(processor, examples, "think") == [(tokens, images, tokens) for tokens, images in exact]
    assert len(set(exact)) == len(exact)


def test_a_text_models_prompts_are_measured_too(processor: Any) -> None:
    asked = [render(processor.tokenizer, Prompt(messages(example, "plain"))) for example in TEXT]
    found = lengths.of_prompts(processor.tokenizer, TEXT, "plain")
    assert found == [(len(ids), 0, len(ids)) for ids in processor.tokenizer(asked)["input_ids"]]


def test_samples_are_as_long_as_what_is_trained_on(load, checkpoint: Path, examples: list[Example]) -> None:
    processor = models.load_processor(str(checkpoint))
    samples = lessons.samples(load(), data.load("clinic", "train", n=8, families=["lab_range", "lesion_side"]))
    samples += [answered(example) for example in examples]
    read = [Encoder(processor)(sample) for sample in samples]
    asked = [int(one.learnt.nonzero()[0]) for one in read]
    exact = [(len(one.ids), int(one.kinds.sum()), start) for one, start in zip(read, asked, strict=True)]
    assert lengths.of_samples(processor, samples) == exact
    assert len({images for _, images, _ in exact}) > 4


def test_a_new_processor_measures_before_it_is_saved(checkpoint: Path, processor: Any, examples: list[Example]) -> None:
    """Unsaved, it has the chat template and its tokenizer has none."""
    from recipes.schema import Model
    from sft import small_model

    from .conftest import INIT

    new = small_model.new_processor(Model.model_validate({"init": INIT}), ["What do these show?", "mass"] * 30)
    assert new.tokenizer.chat_template is None
    found = lengths.of_samples(new, [answered(example) for example in examples])
    assert all(
        sample > prompt for sample, prompt in zip(found, lengths.of_prompts(new, examples, "plain"), strict=True)
    )


def test_images_for_a_text_model_are_refused(processor: Any, examples: list[Example]) -> None:
    lengths.refuse_images_for_a_text_model(processor, examples)
    lengths.refuse_images_for_a_text_model(processor.tokenizer, TEXT)
    with pytest.raises(BadInput, match="example 1 has an image, but the model reads text only"):
        lengths.refuse_images_for_a_text_model(processor.tokenizer, examples)
    with pytest.raises(BadInput, match="sample 1 has an image, but the model reads text only"):
        lengths.of_prompts(processor.tokenizer, examples, "plain")


def test_a_base_model_without_a_chat_template_is_refused(checkpoint: Path) -> None:
    tokenizer = models.load_processor(str(checkpoint)).tokenizer
    tokenizer.chat_template = None
    with pytest.raises(BadInput, match="no chat template: choose an instruction-tuned model"):
        lengths.of_prompts(tokenizer, TEXT, "plain")
