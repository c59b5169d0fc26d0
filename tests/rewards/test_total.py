"""Rewards that cap: a factor on the weighted sum of the others."""

import math
import pickle

import pytest

import rewards
from rewards import Response, RewardError, reward, total

CAPPED = [False, False, True]


@pytest.mark.parametrize(
    ("scores", "weights", "caps", "value"),
    [
        ([1.0, 0.5], [1.0, 0.5], [False, False], 1.25),
        ([1.0, 1.0, 1.0], [1.0, 0.5, 1.0], CAPPED, 1.5),
        ([1.0, 1.0, 0.0], [1.0, 0.5, 1.0], CAPPED, 0.0),  # not averaged away by the other two
        ([1.0, 1.0, 0.5], [1.0, 0.5, 1.0], CAPPED, 0.75),
        ([1.0, 1.0, 0.0], [1.0, 0.5, 0.2], CAPPED, 1.2),  # the weight is the cap's strength
        ([0.0, -1.0, 0.0], [1.0, 0.5, 1.0], CAPPED, -0.5),  # unsafe is never better than safe
        ([1.0, None, None], [1.0, 0.5, 1.0], CAPPED, 1.0),
        ([1.0, math.nan, 0.0], [1.0, 0.5, 1.0], CAPPED, 0.0),
        ([None, None, 0.0], [1.0, 0.5, 1.0], CAPPED, None),
        ([], [], [], None),
        ([1.0, 0.5, 0.5], [2.0, 1.0, 1.0], [False, True, True], 0.5),
    ],
)
def test_the_sum_and_its_caps(scores, weights, caps, value):
    assert total(scores, weights, caps) == (value if value is None else pytest.approx(value))


@pytest.mark.parametrize("weight", [-0.1, 1.5])
def test_a_cap_has_a_strength_from_0_to_1(weight):
    with pytest.raises(RewardError, match="from 0 .* to 1"):
        total([1.0, 0.0], [1.0, weight], [False, True])


def test_each_score_has_a_weight_and_a_flag():
    with pytest.raises(ValueError, match="zip"):
        total([1.0], [1.0, 2.0], [False])


def test_a_reward_says_that_it_caps():
    cap = rewards.load("safety_cap")
    assert (cap.caps, cap.bind().caps, pickle.loads(pickle.dumps(cap)).caps) == (True, True, True)
    assert not rewards.load("answer_match").caps


def test_a_cap_is_a_factor():
    with pytest.raises(RewardError, match="a factor from 0 to 1"):
        reward(-1.0, 1.0, caps=True)(lambda response: 0.0)


OWN = '''
from rewards import Response, reward

EXAMPLES = [{"answer": "yes", "upper": 3, "right": "yes", "wrong": ["no", "%s"]}]

@reward()
def strict(response: Response, answer: str, upper: int) -> float:
    """The word itself."""
    return float(response.answer == answer)
'''


@pytest.mark.parametrize(("wrong", "problems"), [("maybe", 0), ("yes", 1)])
def test_a_file_brings_the_rows_it_is_audited_on(tmp_path, wrong, problems):
    from rewards.check import check

    (tmp_path / "own.py").write_text(OWN % wrong)
    audit = check(rewards.load(f"{tmp_path}/own.py:strict"))
    assert (audit.groups["own gold"].tried, audit.groups["own gold"].failed) == (1, 0)
    assert len([line for line in audit.failures if not line.startswith("speed")]) == problems


def test_a_response_is_accepted_by_every_reward_without_any_optional_column():
    for name in rewards.names():
        found = rewards.load(name)
        if found.is_async:
            continue  # it asks another program, which its own tests give it
        given = dict.fromkeys(found.needs) if name != "language" else {"question": ""}
        assert found(Response(""), **given) is None or not found.is_grader


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("calibration", {"answer": "12 mEq/L", "distractors": ["13 mEq/L"]}),
        ("calculator", {"answer": "85", "formula": "cockcroft_gault", "inputs": {"age": 40, "weight": 72, "sex": "F"}}),
        ("ranked_list", {"answer": ["gout", "sepsis"], "kind": "ranked"}),
        ("box_iou", {"answer": [[1, 2, 3, 4], [5, 6, 7, 8]], "kind": "box"}),
        ("icd10", {"answer": ["I10", "E11.9"]}),
    ],
)
def test_the_gold_of_a_data_set_is_shown_as_the_reward_wants_it(name, row):
    from rewards.check import check

    if name == "calculator":
        row["inputs"]["creatinine"] = [88.4, "umol/L"]
    audit = check(rewards.load(name), rows=[{"id": "r", "question": "?", **row}])
    assert (audit.groups["data gold"].tried, audit.groups["data gold"].failed) == (1, 0)
    assert audit.ungraded == 0
