"""Turns become the tokens that the processor gives for them, and exactly what an assistant says is learnt."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch

from recipes import BadInput
from sft.samples import Encoder, Sample

Turn = dict[str, Any]
IMAGE = {"type": "image"}


def user(*parts: Any) -> Turn:
    return {"role": "user", "content": [{"type": "text", "text": p} if isinstance(p, str) else p for p in parts]}


def assistant(text: str) -> Turn:
    return {"role": "assistant", "content": text}


SYSTEM = {"role": "system", "content": "You read films."}
TALK = (
    SYSTEM,
    user("What is ", IMAGE, "and ", IMAGE, "?"),
    assistant("CT."),
    user("Sure?"),
    assistant("<think>a</think>"),
)
CASES: dict[str, tuple[Sequence[Turn], list[tuple[int, int]]]] = {
    "text": ((user("K 5.4?"), assistant("high")), []),
    "one image": ((user(IMAGE, "What?"), assistant("mass")), [(56, 84)]),
    "several turns and images": (TALK, [(200, 150), (30, 30)]),
    "other scripts": ((user("肺炎？ \U0001fac1"), assistant("是 \U0001fac1é")), []),
}


@pytest.fixture
def sample(picture: Callable[..., Any]) -> Callable[..., Sample]:
    def _sample(name: str, **changed: Any) -> Sample:
        turns, sizes = CASES[name]
        given = {"turns": turns, "images": tuple(picture(*size) for size in sizes), **changed}
        return Sample(name, **given)

    return _sample


@pytest.mark.parametrize("name", CASES)
def test_tokens_and_images_are_those_of_the_processor(processor: Any, sample: Callable[..., Sample], name: str) -> None:
    one = sample(name)
    text = processor.apply_chat_template(list(one.turns), tokenize=False)
    exact = processor(text=[text], images=one.open() or None, return_tensors="pt")
    found = Encoder(processor)(one)
    assert torch.equal(found.ids, exact["input_ids"][0])
    assert torch.equal(found.kinds, (found.ids == processor.image_token_id).long())
    if one.images:
        assert torch.equal(found.pixels, exact["pixel_values"])
        assert torch.equal(found.grids, exact["image_grid_thw"])
    else:
        assert found.pixels is None


@pytest.mark.parametrize("name", CASES)
def test_what_the_assistant_says_is_learnt_and_nothing_else(
    processor: Any, sample: Callable[..., Sample], name: str
) -> None:
    one = sample(name)
    found = Encoder(processor)(one)
    wanted = "".join(f"{turn['content']}<|im_end|>\n" for turn in one.turns if turn["role"] == "assistant")
    assert processor.tokenizer.decode(found.ids[found.learnt]) == wanted


def test_one_turn_of_several_can_be_learnt(processor: Any, sample: Callable[..., Sample]) -> None:
    found = Encoder(processor)(sample("several turns and images", learnt=(4,)))
    assert processor.tokenizer.decode(found.ids[found.learnt]) == "<think>a</think><|im_end|>\n"


def test_a_text_model_reads_parts_as_text(processor: Any, sample: Callable[..., Sample]) -> None:
    tokenizer = processor.tokenizer
    tokenizer.chat_template = processor.chat_template
    found = Encoder(tokenizer)(sample("text"))
    assert torch.equal(found.ids, Encoder(processor)(sample("text")).ids)
    with pytest.raises(BadInput, match="sample one image has an image, but the model reads text only"):
        Encoder(tokenizer)(sample("one image"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"images": ()}, "0 images, but 1 placeholders"),
        ({"turns": (user("What?"), assistant("mass"))}, "1 images, but 0 placeholders"),
        ({"turns": (user(IMAGE, "What is <|image_pad|>?"), assistant("mass"))}, "1 images, but 2 placeholders"),
        ({"turns": (user(IMAGE, "What?"),)}, "holds no turn of an assistant"),
    ],
)
def test_contradictions_are_named_with_the_sample(
    processor: Any, sample: Callable[..., Sample], changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadInput, match=f"sample one image: .*{said}"):
        Encoder(processor)(sample("one image", **changed))


def test_a_template_that_rewrites_earlier_turns_is_noticed(processor: Any, sample: Callable[..., Sample]) -> None:
    encoder = Encoder(processor)
    encoder.template = (
        "{% for m in messages %}{{ m.role }}:"
        "{% if m.role != 'assistant' or loop.last %}{{ m.content }}{% endif %};{% endfor %}"
        "{% if add_generation_prompt %}assistant:{% endif %}"
    )
    turns = ({"role": "user", "content": "a"}, assistant("b"), {"role": "user", "content": "c"}, assistant("d"))
    assert encoder.rendered(Sample("x", turns, learnt=(3,)))[1]
    with pytest.raises(BadInput, match="sample x: the model's chat template writes turn 1 otherwise"):
        encoder.rendered(Sample("x", turns))


def test_a_long_sample_is_cut_at_its_end_and_its_images_stay_whole(
    processor: Any, sample: Callable[..., Sample]
) -> None:
    one = sample("one image", turns=(user(IMAGE, "What?"), assistant("a mass in the left lung, a mass")))
    whole = Encoder(processor)(one)
    cut = Encoder(processor, len(whole.ids) - 5)(one)
    assert torch.equal(cut.ids, whole.ids[:-5])
    assert torch.equal(cut.pixels, whole.pixels)
    start = int(whole.learnt.nonzero()[0])
    with pytest.raises(BadInput, match=f"what is asked reach beyond sft.max_length {start}"):
        Encoder(processor, start)(one)
    last = int(whole.kinds.nonzero()[-1])
    with pytest.raises(BadInput, match="its images reach beyond"):
        Encoder(processor, last)(one)
