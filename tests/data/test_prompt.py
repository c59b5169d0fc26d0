"""The words and the message form a model gets."""

import pytest
from PIL import Image

import data
from data.prompt import messages, user_text

OPTION = data.Example("i", "Which?", "B", options={"A": "low", "B": "high"}, images=(Image.new("RGB", (2, 2)),) * 2)


def test_plain_is_question_and_options_only():
    assert user_text(OPTION, "plain") == "Which?\nA) low\nB) high"


def test_think_ends_with_one_line_that_names_the_tags():
    lines = user_text(OPTION, "think").splitlines()
    assert lines[:-1] == user_text(OPTION, "plain").splitlines()
    for tag in ("<think>", "</think>", "<answer>", "</answer>"):
        assert tag in lines[-1]


def test_tags_are_settings():
    text = user_text(OPTION, "think", think_tag="reason", answer_tag="final")
    assert "<reason></reason>" in text
    assert "<final></final>" in text
    assert "think" not in text


def test_what_is_wanted_follows_the_kind():
    endings = {user_text(data.Example("i", "q", a), "think") for a in ("yes", "12 mmol/L", "edema")}
    assert len(endings) == 3


def test_messages_hold_one_entry_per_image_before_the_text():
    (turn,) = messages(OPTION, "think")
    assert turn["role"] == "user"
    assert [part["type"] for part in turn["content"]] == ["image", "image", "text"]
    assert turn["content"][-1]["text"] == user_text(OPTION, "think")


def test_unknown_style_is_refused():
    with pytest.raises(ValueError, match="loud"):
        user_text(OPTION, "loud")
