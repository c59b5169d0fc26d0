import pytest

from eval.engines import Prompt, prompt_seed, render, vision_ids
from recipes import BadInput


class TextTemplate:
    """A tokenizer's side of a chat template that, like many text models', only takes strings."""

    chat_template = "x"

    def apply_chat_template(self, messages, *, tokenize, add_generation_prompt):
        assert not tokenize
        assert add_generation_prompt
        return "".join(f"<{m['role']}>" + m["content"] for m in messages) + "<assistant>"

    def get_vocab(self):
        return {"yes": 0, "<|image_pad|>": 7, "<|vision_start|>": 5}


PARTS = [{"role": "user", "content": [{"type": "text", "text": "How many?"}, {"type": "text", "text": "A) two"}]}]


def test_seed_belongs_to_the_item_and_the_run() -> None:
    one = Prompt(PARTS, id="a")
    assert prompt_seed(0, one) == prompt_seed(0, Prompt([], id="a"))
    assert len({prompt_seed(0, one), prompt_seed(1, one), prompt_seed(0, Prompt(PARTS, id="b"))}) == 3
    assert prompt_seed(0, Prompt(PARTS)) != prompt_seed(0, Prompt([]))
    assert all(0 <= prompt_seed(seed, one) < 2**31 for seed in range(50))


def test_text_models_get_text_and_refuse_images() -> None:
    assert render(TextTemplate(), Prompt(PARTS, id="a")) == "<user>How many?\nA) two<assistant>"
    with pytest.raises(BadInput, match="has 1 image"):
        render(TextTemplate(), Prompt(PARTS, [object()], "a"))


def test_vision_tokens_are_found_by_name() -> None:
    assert vision_ids(TextTemplate()) == [5, 7]
