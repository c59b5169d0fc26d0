from collections.abc import Sequence
from dataclasses import replace

import pytest

from eval import gains, probe_numbers
from eval.results import Result


def chose(result: Result, golds: str, letters: Sequence[str | None]) -> Result:
    """The same with four options an item, these letters right and these chosen."""
    records = [
        replace(r, n_options=4, gold=f'"{gold}"', parsed_answer=letter, correct=letter == gold)
        for r, gold, letter in zip(result.records, golds, letters, strict=True)
    ]
    return replace(result, records=records)


def test_image_gain_is_paired_over_the_items_that_both_graded(made, one) -> None:
    seen, blank = made(one(1, 1, 1, 0, 1, 0)), made(one(0, 1, 0, 0, 0, 0), probe="blank")
    blank = blank.restrict(lambda record: record.n_images > 0)  # i1, i3, i5
    assert probe_numbers.image_gain(seen, blank).value == 0.0
    assert probe_numbers.image_gain(seen, replace(blank, records=made(one(0, 0, 0, 0)).records)).value == 0.75


def test_change_of_the_image_gain_is_a_difference_of_differences(made, one) -> None:
    four = made(one(1, 1, 0, 0)), made(one(1, 0, 0, 0)), made(one(1, 1, 1, 0)), made(one(0, 0, 0, 0))
    change = probe_numbers.image_gain_change(*four)
    assert change.value == pytest.approx(0.75 - 0.25)
    assert change.low <= change.value <= change.high


def test_a_gain_survives_where_the_probe_takes_it_not_away(made, one) -> None:
    before, after = one(*[0] * 40), one(*[1] * 20 + [0] * 20)
    gone = probe_numbers.remaining(made(before), made(before), made(after), made(before))
    kept = probe_numbers.remaining(made(before), made(before), made(after), made(after))
    assert (gone.gain.value, gone.probed.value, gone.survives) == (0.5, 0.0, False)
    assert (kept.gain.value, kept.probed.value, kept.survives) == (0.5, 0.5, True)
    few = [made(side[10:30]) for side in (before, before, after, after)]
    assert not probe_numbers.remaining(*few).survives  # 20 items


def test_consistency_is_the_share_with_the_same_outcome(made, one) -> None:
    result = made(one(1, 0, 0, 1))
    assert probe_numbers.consistency(result, result).value == 1.0
    other = made(one(1, 1, 0, 1))
    silent = replace(other, records=[*other.records[:2], replace(other.records[2], parsed=False), other.records[3]])
    assert probe_numbers.consistency(result, silent).value == 0.5  # i1 turned; i2 was wrong and is now unparsed


def test_a_model_that_always_says_a_has_a_position_bias(made, one) -> None:
    result = made(one(*[0] * 8))
    bias = probe_numbers.position_bias(chose(result, "ABCDABCD", "A" * 8))
    assert bias is not None
    assert (bias.n, bias.departure) == (8, 0.75)
    assert bias.accuracy == {"A": 1.0, "B": 0.0, "C": 0.0, "D": 0.0}
    assert bias.chosen["A"] == 1.0
    assert 0 < bias.by_chance < 0.75


def test_who_is_right_or_errs_evenly_has_none(made, one) -> None:
    result = made(one(*[0] * 4))
    right = probe_numbers.position_bias(chose(result, "ABCD", "ABCD"))
    even = probe_numbers.position_bias(chose(result, "ABCD", "BCDA"))
    assert right is not None
    assert even is not None
    assert (right.departure, even.departure) == (0.0, 0.0)
    silent = probe_numbers.position_bias(chose(result, "ABCD", ["A", "b", None, None]))
    assert silent is not None
    assert silent.chosen == {"A": 0.5, "B": 0.5, "C": 0.0, "D": 0.0}
    assert probe_numbers.position_bias(result) is None  # nothing was read, and nothing had options


def test_chance_departure_is_what_drawing_from_the_golds_gives(made, one) -> None:
    import random

    rng, n = random.Random(0), 200
    result, golds, found = made(one(*[0] * n)), "ABCD" * (n // 4), []
    for _ in range(60):
        bias = probe_numbers.position_bias(chose(result, golds, [rng.choice("ABCD") for _ in range(n)]))
        assert bias is not None
        found.append(bias.departure)
    assert sum(found) / len(found) == pytest.approx(bias.by_chance, rel=0.15)


def test_all_arms_of_the_trained_model_are_told(made, one) -> None:
    before, after = one(*[0] * 40), one(*[1] * 20 + [0] * 20)
    shuffled = [chose(made(side, probe="shuffle"), "A" * 40, "A" * 40) for side in (before, after)]
    base = [made(before), made(before, probe="blank"), shuffled[0]]
    rl = [made(after), made(before, probe="blank"), shuffled[1], made(after, probe="no_think")]
    found = gains.gains(base, rl)["probes"]
    assert set(found) == {"s+blank", "s+shuffle", "s+no_think"}
    blank = found["s+blank"]
    assert (blank["gain"]["value"], blank["gain_under_probe"]["value"], blank["survives"]) == (0.5, 0.0, False)
    assert blank["rl"]["image_gain"]["value"] == 0.5
    assert blank["image_gain_change"]["value"] == 0.5
    assert found["s+shuffle"]["rl"]["position_bias"]["departure"] == 0.0
    assert set(found["s+no_think"]) == {"rl"}  # the base was not asked so
    assert found["s+no_think"]["rl"]["consistency"]["value"] == 1.0
    assert probe_numbers.all_of(base, [made(after, probe="blank")]) == {}  # nothing to hold it against
