"""Each picture is read once a step, with the same result."""

import copy

import pytest
import torch
from datasets import Dataset

from data import Example
from recipes import BadInput
from rlvr import rows
from rlvr.pictures import demand_matching, preprocessed_once

ASKED = "<|vision_start|><|image_pad|><|vision_end|>"


@pytest.fixture
def counted(processor, monkeypatch) -> list[int]:
    """How many pictures each call of the processor's reader was given."""
    calls: list[int] = []
    own = processor.image_processor._preprocess

    def read(images, *args, **kwargs):
        calls.append(len(images))
        return own(images, *args, **kwargs)

    monkeypatch.setattr(processor.image_processor, "_preprocess", read)
    return calls


def test_a_group_reads_its_pictures_once(processor, picture, counted) -> None:
    one, two, three = picture(56, 84), picture(200, 100), picture(30, 90)
    images = [[one, two]] * 3 + [[]] * 2 + [[three]] * 3
    text = [ASKED * len(row) + "what?" for row in images]
    wanted = processor(images=images, text=text, padding=True, return_tensors="pt")
    assert counted == [9]
    with preprocessed_once(processor):
        for _ in range(2):
            found = processor(images=images, text=text, padding=True, return_tensors="pt")
    assert sum(counted) == 9 + 3
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)
    processor(images=images, text=text, padding=True, return_tensors="pt")
    assert sum(counted) == 9 + 3 + 9  # closed: as before


def test_a_template_and_a_tensor_share_what_was_read(processor, picture, counted) -> None:
    """TRL reads all pictures with its prompts, and again, as tensors, for the update."""
    turn = {"role": "user", "content": [{"type": "image", "image": picture(56, 84)}, {"type": "text", "text": "what?"}]}
    asked = [[turn]] * 4
    with preprocessed_once(processor):
        asked = copy.deepcopy(asked)  # as TRL does
        read = processor.apply_chat_template(asked, tokenize=True, return_dict=True, add_generation_prompt=True)
        images = [[row[0]["content"][0]["image"]] for row in asked]
        found = processor(images=images, text=[ASKED] * 4, padding=True, return_tensors="pt")
    assert counted == [1]
    assert torch.equal(torch.as_tensor(read["pixel_values"]), found["pixel_values"])


def test_a_processor_may_be_saved_meanwhile(processor, tmp_path) -> None:
    with preprocessed_once(processor):
        processor.save_pretrained(tmp_path)
    assert (tmp_path / "processor_config.json").is_file() or (tmp_path / "preprocessor_config.json").is_file()


def test_another_size_is_another_reading(processor, picture, counted) -> None:
    one, small_size = picture(400, 400), {"shortest_edge": 784, "longest_edge": 3136}
    with preprocessed_once(processor):
        large = processor(images=[one], text=[ASKED], return_tensors="pt")
        small = processor(images=[one], text=[ASKED], return_tensors="pt", size=small_size)
    assert len(small["pixel_values"]) < len(large["pixel_values"])


def test_what_another_family_reads_stays_as_it_is(processor, picture, monkeypatch) -> None:
    other = lambda self, images, **_: {"pixel_values": len(images)}  # noqa: E731
    monkeypatch.setattr(type(processor.image_processor), "preprocess", other)
    with preprocessed_once(processor):
        assert processor.image_processor([picture(8, 8)] * 3) == {"pixel_values": 3}


def test_a_text_tokenizer_has_nothing_to_read(processor) -> None:
    with preprocessed_once(processor.tokenizer):
        assert processor.tokenizer("a")["input_ids"]


def rollouts(processor, images: list[list]) -> dict:
    text = [ASKED * len(row) + "what?" for row in images]
    read = processor(images=images, text=text, padding=True, return_tensors="pt")
    return {**read, "num_images": [len(row) for row in images]}


def test_places_and_what_fills_them_must_agree(processor, picture) -> None:
    made = rollouts(processor, [[picture(56, 84)], [], [picture(84, 84), picture(56, 56)]])
    demand_matching(made, processor, ["a", "b", "c"])
    made["mm_token_type_ids"][2, -8:] = 1
    with pytest.raises(BadInput, match=r"^c: its prompt has \d+ places for images, and its images fill \d+; is the"):
        demand_matching(made, processor, ["a", "b", "c"])
    demand_matching({"completion_ids": made["input_ids"]}, processor, ["a", "b", "c"])  # text


def test_a_file_is_opened_once_a_group(picture, monkeypatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(rows, "open_images", lambda example: opened.append(example.id) or [picture(8, 8)])
    examples = [Example(str(i), "what?", "mass", images=(picture(8, 8),)) for i in range(4)]
    found = rows.training_rows(examples, "plain", with_images=True, kept=2)
    assert isinstance(found, Dataset)
    assert opened == []  # not before it is asked for
    batch = [found[i] for i in (3, 3, 3, 1, 1, 1, 3, 1)]
    assert opened == ["3", "1"]
    assert batch[0]["images"][0] is batch[2]["images"][0]
