"""Ranked differentials."""

import pytest

import rewards
from rewards import RewardError

RANKED = rewards.load("ranked_list")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1. Gout\n2. Septic arthritis", 1.0),
        ("1. Septic arthritis\n2. Gout", 0.5),
        ("Differential diagnosis:\n- **Gout** (acute onset)\n- Pseudogout", 1.0),
        ("Most likely: gout, pseudogout", 1.0),
        ('["septic arthritis", "pseudogout", "gout"]', 1 / 3),
        ("(1) sepsis\n(2) gout: hyperuricemia", 0.5),
        ("gout > sepsis > trauma", 1.0),
        ("1. not gout\n2. sepsis", 0.0),
        ("1. gout or sepsis\n2. trauma", 0.0),
        ("sepsis", 0.0),
        ("I cannot determine the diagnosis: gout", 0.0),
        ("1. gout\n2. gout\n3. gout\n4. gout", 0.25),  # four times the same is a quarter
        ("1. gout\n" + "".join(f"{n}. disease{n}\n" for n in range(2, 21)), 0.25),  # five of twenty count
        ("".join(f"{n}. disease{n}\n" for n in range(1, 6)) + "6. gout", 0.0),  # beyond the longest
    ],
)
def test_one_gold_diagnosis(text, value):
    assert RANKED(f"<answer>{text}</answer>", answer="gout").value == pytest.approx(value)


def test_a_gold_list_is_graded_in_its_order():
    gold = ["gout", "sepsis", "trauma"]
    lists = ["gout, sepsis, trauma", "gout, trauma, sepsis", "sepsis, gout, trauma", "trauma, sepsis", "rash"]
    values = [RANKED(text, answer=gold).value for text in lists]
    assert values == sorted(values, reverse=True)
    assert (values[0], values[-1]) == (1.0, 0.0)
    assert len(set(values)) == len(values)


def test_the_logarithmic_gain_falls_more_slowly():
    assert RANKED.bind(gain="log")("sepsis, trauma, gout", answer="gout").value == pytest.approx(0.5)


@pytest.mark.parametrize(("answer", "kind"), [("", None), (None, None), ([], None), ([""], None), ("gout", "text")])
def test_rows_it_cannot_grade(answer, kind):
    assert RANKED("gout", answer=answer, kind=kind) is None


def test_a_wrong_knob_is_named():
    with pytest.raises(RewardError, match="gain is one of reciprocal, log"):
        RANKED.bind(gain="dcg")("gout", answer="gout")


def test_answer_match_wants_the_gold_at_the_head():
    match = rewards.load("answer_match")
    columns = {"answer": "gout", "kind": "ranked"}
    assert [match(text, **columns).value for text in ("1. gout\n2. sepsis", "sepsis, gout", "")] == [1.0, 0.0, 0.0]
