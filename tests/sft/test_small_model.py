"""A Lingshu in miniature is an ordinary Qwen2.5-VL checkpoint: tokenizer, template, weights, saved and loaded."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from trl.data_utils import prepare_multimodal_messages

import data
from data.prompt import messages, user_text
from eval.engines import Prompt, render, vision_ids
from recipes.schema import Init
from sft import small_model
from sft.models import load_model

INIT = Init(
    hidden_size=32,
    num_layers=2,
    num_heads=2,
    num_kv_heads=1,
    intermediate_size=64,
    vocab_size=400,
    vision_hidden_size=32,
    vision_depth=1,
    vision_heads=2,
)
SAID = "<think>K 5.4 > 5.0, so high</think><answer>high</answer>"


@pytest.fixture(scope="module")
def model(checkpoint: Path) -> Any:
    return load_model(str(checkpoint)).eval()


@pytest.mark.parametrize("text", [SAID, "pH 7.35\nNa⁺ 140 mmol/L, 37.2 °C", "  two  spaces ", "肺炎 \U0001fac1", ""])
def test_any_text_survives_the_tokenizer(processor: Any, text: str) -> None:
    tokenizer = processor.tokenizer
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_every_special_token_is_one_token_and_only_those_vanish_from_an_answer(processor: Any) -> None:
    tokenizer = processor.tokenizer
    for token in (*small_model.SPECIAL_TOKENS, *small_model.TAG_TOKENS):
        assert len(tokenizer(f"a{token}b")["input_ids"]) == 3, token
    ids = tokenizer(f"<|im_start|>{SAID}<|im_end|>")["input_ids"]
    assert tokenizer.decode(ids, skip_special_tokens=True) == SAID
    assert (tokenizer.eos_token, tokenizer.pad_token) == ("<|im_end|>", "<|endoftext|>")
    assert len(vision_ids(processor)) == 4


def test_every_digit_is_a_token_of_its_own(processor: Any) -> None:
    assert len(processor.tokenizer("0123456789")["input_ids"]) == 10


def test_the_vocabulary_is_as_large_as_asked_and_the_model_holds_all_of_it(processor: Any, model: Any) -> None:
    assert len(processor.tokenizer) == INIT.vocab_size == model.get_input_embeddings().num_embeddings
    assert max(processor.tokenizer.get_vocab().values()) == INIT.vocab_size - 1


@pytest.mark.parametrize(("hidden", "heads"), [(32, 2), (128, 4), (128, 2), (192, 3), (64, 1), (80, 4)])
def test_the_rotary_frequencies_are_shared_out_whole(processor: Any, hidden: int, heads: int) -> None:
    init = INIT.model_copy(update={"hidden_size": hidden, "num_heads": heads, "num_kv_heads": 1})
    text = small_model.build_config(init, processor.tokenizer).get_text_config()
    time, height, width = text.rope_parameters["mrope_section"]
    assert time + height + width == hidden // heads // 2
    assert height == width > 0 < time


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(processor: Any) -> None:
    first, again, other = (small_model.build_model(INIT, processor.tokenizer, seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_each_image_is_one_placeholder_in_the_template(processor: Any, picture: Callable[..., Any]) -> None:
    turn = {"role": "user", "content": [{"type": "image"}, {"type": "image"}, {"type": "text", "text": "Which?"}]}
    text = render(processor, Prompt([turn], [picture(56, 56), picture(84, 56)]))
    image = "<|vision_start|><|image_pad|><|vision_end|>"
    assert text == f"<|im_start|>user\n{image}{image}Which?<|im_end|>\n<|im_start|>assistant\n"


def test_training_reads_the_prompts_that_evaluation_asks(processor: Any) -> None:
    examples = data.load("clinic", "train", n=4, families=["lab_range", "lesion_side"])
    for example in examples:
        images = data.open_images(example)
        asked = [{"role": "user", "content": user_text(example, "think")}]  # a row of GRPO
        turns = prepare_multimodal_messages(asked, images=list(images))  # as TRL's trainers do
        trained = processor.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        assert trained == render(processor, Prompt(messages(example, "think"), images))


def test_the_template_marks_exactly_what_the_assistant_says(processor: Any) -> None:
    turns = [{"role": "user", "content": "K 5.4?"}, {"role": "assistant", "content": SAID}]
    found = processor.tokenizer.apply_chat_template(
        turns, tokenize=True, return_dict=True, return_assistant_tokens_mask=True
    )
    said = [token for token, mark in zip(found["input_ids"], found["assistant_masks"], strict=True) if mark]
    assert processor.tokenizer.decode(said) == f"{SAID}<|im_end|>"


def test_the_saved_checkpoint_reads_text_and_images(
    model: Any, checkpoint: Path, processor: Any, picture: Callable[..., Any]
) -> None:
    names = {path.name for path in checkpoint.iterdir()}
    assert {"model.safetensors", "config.json", "generation_config.json", "chat_template.jinja"} <= names
    assert model.generation_config.eos_token_id == processor.tokenizer.eos_token_id
    assert model.config.image_token_id == processor.image_token_id

    def logits(image: Any) -> torch.Tensor:
        content = [*([{"type": "image"}] if image else []), {"type": "text", "text": "Which side?"}]
        prompt = Prompt([{"role": "user", "content": content}], [image] if image else [])
        inputs = processor(text=[render(processor, prompt)], images=prompt.images or None, return_tensors="pt")
        with torch.no_grad():
            return model(**inputs).logits[0, -1]  # (vocab,)

    one, other, none = logits(picture(56, 56, 0)), logits(picture(56, 56, 1)), logits(None)
    assert one.isfinite().all()
    assert none.shape == one.shape == (INIT.vocab_size,)
    assert (one - other).abs().max() > 1e-4  # what the picture shows makes a difference
    assert (one - none).abs().max() > 1e-4


def test_saved_weights_are_the_built_ones(model: Any, processor: Any) -> None:
    built = small_model.build_model(INIT, processor.tokenizer, seed=3)  # the checkpoint's seed
    for (name, saved), (_, made) in zip(model.named_parameters(), built.named_parameters(), strict=True):
        assert torch.equal(saved, made), name
