"""The parser: what counts as the answer, and what does not."""

import pytest

from rewards import parse

CASES = [
    ("<think>A</think><answer>C</answer>", "A", "C", "tags"),
    ("<THINK>A</THINK>\n<Answer> C </Answer>", "A", "C", "tags"),
    ("A</think><answer>C</answer>", "A", "C", "tags"),  # the chat template opened the thinking
    ("<answer>A</answer> no</think><answer>C</answer>", "<answer>A</answer> no", "C", "tags"),
    ("<think>x<answer>A</answer></think>", "x<answer>A</answer>", None, "empty"),
    ("<think>x <answer>A</answer>", "x <answer>A</answer>", None, "truncated"),
    ("<answer>C</answer><think>late</think>", "late", "C", "tags"),
    ("<answer><think>A</think>C</answer>", "A", "C", "tags"),
    ("<think><think>x</think><answer>C</answer>", "x", "C", "tags"),
    ("<answer>C</answer><answer>C</answer>", None, "C", "tags"),
    ("<answer>C</answer><answer>C. Right ventricle</answer>", None, "C. Right ventricle", "tags"),
    ("<answer>1</answer><answer>1.5</answer>", None, None, "conflict"),
    ("<answer>A</answer><answer>B</answer>", None, None, "conflict"),
    ("<answer>A</answer> \\boxed{B}", None, None, "conflict"),
    ("<answer>C</answer> That is wrong.", None, None, "retracted"),
    ("<answer>C</answer> The answer is C.", None, "C", "tags"),
    ("<answer>C</answer> The answer is D.", None, None, "conflict"),
    ("Wait, not A. <answer>C</answer>", None, "C", "tags"),
    ("<answer></answer>", None, None, "empty"),
    ("<answer>C</answer> That is \x00 wrong. \x00 That is wrong.", None, None, "retracted"),
    ("C</answer>", None, "C", "tags"),
    ("It is \\boxed{\\frac{1}{2}} here", None, "\\frac{1}{2}", "boxed"),
    ("\\boxed{A} \\boxed{B}", None, None, "conflict"),
    ("\\boxed{ open", None, "\\boxed{ open", "prose"),
    ("\\boxed{}", None, None, "empty"),
    ("plain words", None, "plain words", "prose"),
    ("", None, None, "empty"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "thinking", "answer", "rule"), CASES)
def test_parse(text, thinking, answer, rule):
    response = parse(text)
    assert (response.thinking, response.answer, response.rule) == (thinking, answer, rule)
    assert response.text == text


def test_a_cut_text_commits_to_nothing_it_may_not_have_finished():
    assert parse("<think>x</think><answer>12", truncated=True).answer is None
    assert parse("<think>x</think><answer>12").answer == "12"  # stopped at the closing tag, which was not returned
    assert parse("The answer is 12", truncated=True).answer is None
    assert parse("<answer>12</answer> and", truncated=True).answer == "12"
    assert parse("<think>so").truncated


def test_tags_are_settings():
    response = parse("<reason>x</reason><final>C</final>", think_tag="reason", answer_tag="final")
    assert (response.thinking, response.answer) == ("x", "C")
    assert parse("<reason>C</reason>").rule == "prose"


def test_tokens_come_from_the_caller():
    assert parse("C", n_tokens=7).n_tokens == 7
    assert parse("C").n_tokens is None
