"""Calibration and abstention."""

import pytest

import rewards
from rewards import RewardError, parse
from rewards.reading.confidence import stated

CALIBRATION, ABSTENTION = map(rewards.load, ("calibration", "abstention"))


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("<answer>C</answer> Confidence: 90%", 0.9),
        ("<answer>C</answer><confidence>0.9</confidence>", 0.9),
        ("<answer>C (confidence 90%)</answer>", 0.9),
        ("C. I am 90% sure.", 0.9),
        ("C. My confidence is about 90 percent", 0.9),
        ("C, confidence = 9/10", 0.9),
        ("C. 置信度:90%", 0.9),
        ("C. Confidence: 90", 0.9),
        ("C. Confidence: 1.0", 1.0),
        ("C. Confidence: 0%", 0.0),
        ("C", None),
        ("C. I am very sure", None),
        ("C. Confidence: 120%", None),
        ("C. Confidence: -5%", None),
        ("C. Confidence: 90%. Confidence: 20%", None),
        ("<think>confidence 90%</think><answer>C</answer>", None),
        ("90% of patients survive", None),
    ],
)
def test_confidences_are_read_outside_the_thinking(text, confidence):
    assert stated(parse(text))[0] == (confidence if confidence is None else pytest.approx(confidence))


def test_the_answer_is_judged_without_the_statement():
    for text in ("12 mEq/L (confidence 90%)", "12 mEq/L. I'm 90% sure", "<answer>12 mEq/L</answer> 90% confident"):
        assert CALIBRATION(text, answer="12 mEq/L").value == pytest.approx(0.995)


@pytest.mark.parametrize("score", ["brier", "log"])
def test_honesty_and_being_right_pay_most(score):
    """With a chance p to be right, stating p is best, and a better chance is worth more, from 0 to 1."""
    graded = CALIBRATION.bind(score=score)
    levels = range(0, 101, 5)
    right = {level: graded(f"yes (confidence {level}%)", answer="yes").value for level in levels}
    wrong = {level: graded(f"no (confidence {level}%)", answer="yes").value for level in levels}
    best = []
    for chance in levels:
        expected = {said: (chance * right[said] + (100 - chance) * wrong[said]) / 100 for said in levels}
        assert max(expected, key=expected.__getitem__) == chance
        best.append(expected[chance])
    assert best == sorted(best)
    assert (right[100], wrong[100]) == (1.0, 0.0)


def test_no_confidence_earns_the_knob():
    assert [CALIBRATION.bind(unstated=0.2)(text, answer="yes").value for text in ("yes", "no", "")] == [0.2, 0.2, 0.2]
    with pytest.raises(RewardError, match="'brier' or 'log'"):
        CALIBRATION.bind(score="spherical")("yes", answer="yes")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", 1.0),
        ("no", 0.0),
        ("I cannot determine this from the image.", 0.3),
        ("I don't know.", 0.3),
        ("Unknown", 0.3),
        ("There is not enough information.", 0.3),
        ("无法确定", 0.3),
        ("", 0.0),
        ("yes or no", 0.0),
        ("<think>I cannot tell.</think>", 0.0),
        ("<answer>no</answer><answer>I cannot tell</answer>", 0.0),
    ],
)
def test_abstention_pays_less_than_right_and_more_than_wrong(text, value):
    assert ABSTENTION.bind(threshold=0.3)(text, answer="yes").value == value


def test_refusing_everything_does_not_pay():
    texts = ["yes", "no"] * 10
    guessing = sum(ABSTENTION(text, answer="yes").value for text in texts)
    assert guessing > sum(ABSTENTION("I cannot tell.", answer="yes").value for _ in texts)


@pytest.mark.parametrize(("text", "value"), [("yes", 0.0), ("I cannot tell.", 1.0), ("", 0.0), ("unknown", 1.0)])
def test_what_has_no_answer_must_be_declined(text, value):
    assert ABSTENTION(text, answer=None, answerable=False).value == value


def test_an_answer_that_says_unknown_is_an_answer():
    assert ABSTENTION("unknown", answer="unknown", kind="text").value == 1.0
    assert ABSTENTION("unknown primary cancer", answer="lung cancer", kind="text").value == 0.0


def test_a_threshold_is_a_probability():
    with pytest.raises(RewardError, match="below 1"):
        ABSTENTION.bind(threshold=1.0)("yes", answer="yes")
    assert ABSTENTION("yes", answer=None) is None
