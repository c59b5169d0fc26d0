"""The teacher's stated rates, and the form of what it says."""

import random
from collections import Counter

import pytest

import data
from data import Example
from rewards import load, parse
from sft.teacher import demonstrate, wrong_answers

EXAMPLES = data.load("clinic", "train", n=400, families=["lab_range", "gcs", "lesion_count"])


def said(**rates: float) -> list[tuple[Example, str]]:
    rng = random.Random(5)
    return [(example, demonstrate(example, rng, **rates)) for example in EXAMPLES for _ in range(5)]


def test_rates_are_those_stated() -> None:
    grader = load("answer_match")
    careful, right = Counter(), Counter()
    found = said(careful=0.3, careful_right=0.9, hasty_right=0.2)
    for example, text in found:
        is_careful = parse(text).thinking == example.meta["trace"]
        careful[is_careful] += 1
        right[is_careful] += grader(parse(text), **example.columns()).value == 1.0
    assert careful[True] / len(found) == pytest.approx(0.3, abs=0.04)  # three standard errors of 2000 draws
    assert right[True] / careful[True] == pytest.approx(0.9, abs=0.04)
    assert right[False] / careful[False] == pytest.approx(0.2, abs=0.04)


def test_every_demonstration_keeps_the_answer_format() -> None:
    form = load("format")
    assert {form(text).value for _, text in said(careful=0.5, careful_right=0.5, hasty_right=0.5)} == {1.0}


def test_without_rates_all_are_careful_and_right() -> None:
    for example, text in said():
        assert text == f"<think>{example.meta['trace']}</think><answer>{example.answer}</answer>"


def test_a_hasty_demonstration_says_what_it_answers_and_does_not_reason() -> None:
    for example, text in said(careful=0.0, hasty_right=0.5):
        read = parse(text)
        assert read.thinking == f"it looks like {read.answer}"
        assert example.meta["trace"] not in text


def test_a_wrong_answer_comes_from_the_examples_own_distractors() -> None:
    for example, text in said(careful=1.0, careful_right=0.0):
        assert parse(text).answer in example.meta["distractors"]
        assert parse(text).answer != example.answer


def test_the_same_seed_draws_the_same() -> None:
    assert said(careful=0.4, hasty_right=0.3) == said(careful=0.4, hasty_right=0.3)


def test_an_answer_of_several_letters_is_written_as_a_reader_would() -> None:
    example = Example("m", "Which two?", ["A", "C"], options={"A": "x", "B": "y", "C": "z"}, meta={"trace": "A and C"})
    text = demonstrate(example, random.Random(0))
    assert text == "<think>A and C</think><answer>A, C</answer>"
    assert load("answer_match")(parse(text), **example.columns()).value == 1.0


def test_without_distractors_nothing_wrong_can_be_said() -> None:
    example = Example("e1", "How many?", "3", meta={"trace": "one two three"})
    assert demonstrate(example, random.Random(0)).endswith("<answer>3</answer>")
    with pytest.raises(ValueError, match="e1 has no distractors"):
        wrong_answers(example)
