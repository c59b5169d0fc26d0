"""The words and the message form a model gets."""

from typing import get_args

import pytest
from PIL import Image

import data
from data.example import KINDS
from data.prompt import STYLES, messages, user_text
from recipes.schema import Data

OPTION = data.Example("i", "Which?", "B", options={"A": "low", "B": "high"}, images=(Image.new("RGB", (2, 2)),) * 2)
OPTIONS = {"A": "low", "B": "high"}
GOLDS = {"option": "B", "multi": ["A", "B"], "ranked": ["gout", "sepsis"], "box": ["[1, 2, 3, 4]"], "yesno": "yes"}
HISTORY = [{"role": "user", "content": "My knee hurts."}, {"role": "assistant", "content": "Since when?"}]


def asked(kind, language, style, **meta):
    """The prompt of an item of this kind; one that may have options has them."""
    options = OPTIONS if kind in ("option", "multi") else None
    example = data.Example(
        "i", "Q?", GOLDS.get(kind, "12 mmol/L"), kind, options=options, meta={"language": language, **meta}
    )
    return user_text(example, style)


def is_chinese(text):
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


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


def test_the_papers_layout_of_options():
    assert user_text(OPTION, "paper").split("\n")[:-1] == ["", "Question: Which?", "Options: ", "A. low", "B. high"]
    chinese = asked("option", "zh", "paper").split("\n")
    assert chinese[:-1] == ["", "问题：Q?", "选项：", "A. low", "B. high"]


def test_the_papers_layout_of_an_abstract_and_its_question():
    example = data.Example("i", "Does it?", "A", options=OPTIONS, meta={"context": "We asked.\nIt did."})
    first = ["Context: We asked.", "It did.", "", "Question: Does it?", "Options: "]
    assert user_text(example, "paper").split("\n")[:5] == first
    assert user_text(example, "plain") == "We asked.\nIt did.\nDoes it?\nA) low\nB) high"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("meta", [{}, {"form": "closed"}, {"distractors": ["no", "maybe"]}, {"context": "Given."}])
def test_reasoning_differs_from_paper_in_the_last_line_alone(kind, language, meta):
    paper, reasoning = (asked(kind, language, style, **meta).split("\n") for style in ("paper", "reasoning"))
    assert paper[:-1] == reasoning[:-1]
    assert paper[-1] != reasoning[-1]
    assert "boxed" not in paper[-1]
    assert reasoning[-1].count("\\boxed{}") == 1
    said = {paper[-1].removeprefix("Give ").removesuffix(" and nothing else.")} if language == "en" else {paper[-1]}
    assert language == "zh" or said.pop() in reasoning[-1]  # what is asked for is said in the same words


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("style", STYLES)
def test_every_kind_is_asked_in_the_language_of_the_item(kind, style):
    english, chinese = (asked(kind, language, style) for language in ("en", "zh"))
    assert not is_chinese(english)
    assert is_chinese(chinese) == (style != "plain")
    for text in (english, chinese):
        assert "{" not in text.replace("\\boxed{}", "")
        for tag in ("<think></think>", "<answer></answer>"):
            assert (tag in text) == (style == "think" or (style == "direct" and "answer" in tag))


def test_each_kind_is_asked_for_what_it_is_graded_by():
    for style in ("think", "paper", "reasoning"):
        assert len({asked(kind, "en", style) for kind in KINDS}) == len(KINDS)
    assert len({asked("text", "en", "paper", form=form) for form in ("open", "closed")}) == 2
    assert "maybe" not in asked("yesno", "en", "paper")
    assert "maybe" in asked("yesno", "en", "paper", distractors=["no", "maybe"])
    named = data.Example("i", "Which?", ["rash", "fever"], "multi")
    assert "letter" not in user_text(named, "paper")
    assert "letter" in asked("multi", "en", "paper")


def test_several_pictures_are_numbered_in_the_papers_layout_only():
    one = data.Example("i", "Which?", "B", options=OPTIONS, images=OPTION.images[:1])
    for style in ("paper", "reasoning"):
        (turn,) = messages(OPTION, style)
        assert [part.get("text") for part in turn["content"][:4]] == ["<image_1>: ", None, "<image_2>: ", None]
        assert turn["content"][-1]["text"] == user_text(OPTION, style)
        assert [part["type"] for part in messages(one, style)[0]["content"]] == ["image", "text"]


def test_a_conversation_keeps_its_turns():
    talk = data.Example("i", "Two days.", "-", "text", meta={"history": HISTORY, "rubrics": []})
    first, second, last = messages(talk, "think")
    assert [turn["role"] for turn in (first, second, last)] == ["user", "assistant", "user"]
    assert [part["text"] for turn in (first, second) for part in turn["content"]] == ["My knee hurts.", "Since when?"]
    assert last["content"][0]["text"].startswith("Two days.\nReason in <think>")
    whole = "user: My knee hurts.\n\nassistant: Since when?\n\nuser: Two days."
    assert user_text(talk, "plain") == user_text(talk, "paper") == user_text(talk, "reasoning") == whole


def test_recipes_know_the_styles():
    assert get_args(Data.model_fields["prompt"].annotation) == STYLES
