"""Boxes: formats, matching, misses, extras, frames."""

import itertools
import random

import pytest

import rewards
from rewards import RewardError
from rewards.reading.assignment import best_pairs

BOXES = rewards.load("box_iou")
ONE = [[10, 10, 20, 20]]
TWO = [[0, 0, 10, 10], [20, 20, 30, 30]]


@pytest.mark.parametrize(
    "text",
    [
        "[10, 10, 20, 20]",
        "[[10, 10, 20, 20]]",
        '```json\n[{"bbox_2d": [10, 10, 20, 20], "label": "nodule"}]\n```',
        '{"bbox_2d": [10.0, 10.0, 20.0, 20.0]}',
        '{"boxes": [[10, 10, 20, 20]]}',
        "The nodule lies at [10, 10, 20, 20].",
        "(10,10),(20,20)",
        "<|box_start|>(10,10),(20,20)<|box_end|>",
        "10, 10, 20, 20",
        "10 10 20 20",
    ],
)
def test_usual_forms_are_read(text):
    assert BOXES(f"<think>a box</think><answer>{text}</answer>", answer=ONE).value == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "[20, 20, 10, 10]",
        "[10, 20, 20, 10]",
        "[10, 10, 20]",
        "[10, 10, 20, 20, 30]",
        "[10, 10, NaN, 20]",
        "[true, 10, 20, 20]",
        "not [10, 10, 20, 20]",
        "[10, 10, 20, 20] or [30, 30, 40, 40]",
        "[0, 0, 500, 500]",
        "[]",
        "no lesion",
        '{"label": "nodule"}',
        "[" * 1900,
    ],
)
def test_what_is_no_box_or_the_wrong_one_earns_nothing(text):
    assert BOXES(f"<answer>{text}</answer>", answer=ONE).value == 0.0


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ([TWO[1], TWO[0]], 1.0),
        ([TWO[0]], 0.5),  # a miss
        ([*TWO, [50, 50, 60, 60], [70, 70, 80, 80]], 0.5),  # extras
        ([TWO[0], TWO[0]], 0.5),  # one to one
        ([TWO[0], [20, 20, 30, 25]], 0.75),  # an IoU of a half
        ([TWO[0], [20, 20, 30, 24]], 0.5),  # below the threshold
        ([TWO[0], [30, 30, 20, 20]], 0.5),  # swapped corners are an extra
    ],
)
def test_misses_and_extras_cost(said, value):
    assert BOXES(str(said), answer=TWO).value == pytest.approx(value)


def test_the_threshold_is_a_knob():
    assert BOXES.bind(threshold=0.0)("[0, 0, 10, 2]", answer=[TWO[0]]).value == pytest.approx(0.2)


def test_labels_must_agree_where_both_are_said():
    gold = [{"bbox_2d": [0, 0, 10, 10], "label": "nodule"}]
    said = '[{"bbox_2d": [0, 0, 10, 10], "label": "%s"}]'
    assert [BOXES(text, answer=gold).value for text in (said % "Nodule", said % "mass", "[0, 0, 10, 10]")] == [1, 0, 1]


def test_nothing_to_find_is_an_empty_list():
    assert [BOXES(text, answer=[]).value for text in ("[]", "[1, 1, 2, 2]", "", "none")] == [1, 0, 0, 0]


def test_the_frame_bounds_what_is_a_box():
    big = [[100, 100, 900, 900]]
    assert BOXES("[100, 100, 900, 900]", answer=big, image_width=800, image_height=800) is None
    assert BOXES("[100, 100, 1100, 900]", answer=[[100, 100, 800, 900]], image_width=1000).value == 0.0
    assert BOXES.bind(frame="0-1000")("[100, 100, 900, 900]", answer=big).value == 1.0
    assert BOXES.bind(frame="0-1")("[0.1, 0.1, 0.9, 0.9]", answer=[[0.1, 0.1, 0.9, 0.9]]).value == 1.0
    assert BOXES.bind(frame="0-1")("[100, 100, 900, 900]", answer=big) is None
    with pytest.raises(RewardError, match="frame must be one of"):
        BOXES.bind(frame="0-100")("[1, 1, 2, 2]", answer=ONE)


@pytest.mark.parametrize("answer", [None, "", "left lung", [[1, 2, 3]], [[5, 5, 1, 1]], [["a", 1, 2, 3]], {"x": 1}])
def test_a_gold_that_is_no_box_is_not_graded(answer):
    assert BOXES("[1, 1, 2, 2]", answer=answer) is None


def test_the_matching_is_the_best_one():
    rng = random.Random(0)
    for _ in range(300):
        rows, columns = rng.randint(1, 4), rng.randint(1, 4)
        weights = [[rng.choice((0.0, 0.5, rng.random())) for _ in range(columns)] for _ in range(rows)]
        pairs = best_pairs(weights)
        size = min(rows, columns)
        every = itertools.product(
            itertools.permutations(range(rows), size), itertools.permutations(range(columns), size)
        )
        best = max(sum(weights[i][j] for i, j in zip(left, right, strict=True)) for left, right in every)
        assert sum(weights[i][j] for i, j in pairs) == pytest.approx(best)
        assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
