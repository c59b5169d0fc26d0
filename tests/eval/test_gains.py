import json

import pytest

from eval import gains, stats
from eval.results import Result, chance
from recipes import BadInput


def test_greedy_entry_has_the_contracts_keys_and_hand_made_numbers(made, one) -> None:
    base, rl = made(one(0, 0, 0, 0, 1, 1, 1, 0)), made(one(1, 1, 1, 1, 0, 1, 1, 0))
    found = gains.gains([base], [rl], seed=3, recipe="r.yaml", parents=["p"])
    assert set(found) == {"suites", "seed", "recipe", "parents"}
    entry = found["suites"]["s"]
    assert set(entry) == {"n", "samples", "base", "rl", "delta", "by"}
    assert set(entry["base"]) == set(entry["rl"]) == {"accuracy", "low", "high", "format_rate", "mean_tokens"}
    assert (entry["n"], entry["samples"]) == (8, 1)
    assert (entry["base"]["accuracy"], entry["rl"]["accuracy"]) == (3 / 8, 6 / 8)
    assert (entry["base"]["low"], entry["base"]["high"]) == (stats.wilson(3, 8).low, stats.wilson(3, 8).high)
    delta = entry["delta"]
    assert set(delta) == {"accuracy", "low", "high", "mcnemar_p", "right_to_wrong", "wrong_to_right"}
    assert (delta["right_to_wrong"], delta["wrong_to_right"]) == (1, 4)
    assert delta["mcnemar_p"] == pytest.approx(2 * (1 + 5) / 2**5)
    assert delta["accuracy"] == 3 / 8
    assert delta["low"] <= 3 / 8 <= delta["high"]
    json.dumps(found, allow_nan=False)


def test_groups_are_split_by_family_and_kind_and_add_up(made, one) -> None:
    entry = gains.compare(made(one(0, 1, 0, 1)), made(one(1, 1, 1, 0)))
    assert set(entry["by"]) == {"kind", "family"}
    families = entry["by"]["family"]
    assert set(families) == {"a", "b"}
    assert set(families["a"]) == {"n", "base", "rl", "delta"}
    assert [families[f]["delta"]["accuracy"] for f in "ab"] == [1.0, -0.5]
    assert sum(families[f]["n"] for f in "ab") == entry["n"]


def test_samples_are_averaged_within_the_item(made) -> None:
    base = made([[True, False, False, False], [False] * 4, [True] * 4])
    rl = made([[True, True, True, False], [False] * 4, [True, True, True, False]])
    found = gains.gains([base], [rl])["suites"]
    assert set(found) == {"s@4"}
    entry = found["s@4"]
    assert entry["base"]["accuracy"] == pytest.approx((0.25 + 0 + 1) / 3)
    assert entry["delta"]["accuracy"] == pytest.approx((0.5 + 0 - 0.25) / 3)
    assert (entry["delta"]["wrong_to_right"], entry["delta"]["right_to_wrong"]) == (1, 1)


def test_order_of_the_items_does_not_matter(made, one) -> None:
    base, rl = made(one(0, 1, 0, 0, 1, 1)), made(one(1, 1, 0, 1, 0, 1))
    turned = Result(rl.suite, rl.samples, rl.settings, rl.records[::-1])
    assert gains.compare(base, turned)["delta"] == gains.compare(base, rl)["delta"]


def test_ungraded_items_leave_both_sides(made) -> None:
    entry = gains.compare(made([[None], [True], [False]]), made([[True], [True], [True]]))
    assert (entry["n"], entry["base"]["accuracy"], entry["rl"]["accuracy"]) == (2, 0.5, 1.0)
    with pytest.raises(BadInput, match="no item can be graded"):
        gains.compare(made([[None], [True]]), made([[True], [None]]))


def test_other_items_are_refused_with_one_of_them_named(made, one) -> None:
    with pytest.raises(BadInput, match="not asked the same items: 1 only in the first, 0 only in the second.*'i2'"):
        gains.compare(made(one(0, 1, 0)), made(one(0, 1)))
    base = made(one(0, 1, 0))
    from dataclasses import replace

    changed = Result("s", 1, base.settings, [replace(base.records[0], gold='"9"'), *base.records[1:]])
    with pytest.raises(BadInput, match="right answer of 1 differs, such as 'i0'"):
        gains.compare(base, changed)


def test_suites_are_paired_by_name(made, one) -> None:
    base = [made(one(0, 1)), made([[False] * 2, [True] * 2])]
    rl = [made([[True] * 2, [True] * 2]), made(one(1, 1)), made(one(1, 1), suite="other")]
    assert list(gains.gains(base, rl)["suites"]) == ["s", "s@2"]
    with pytest.raises(BadInput, match="one side has s, s@2, the other other"):
        gains.gains(base, rl[2:])


def test_a_blanked_run_is_compared_on_the_items_with_an_image(made, one) -> None:
    seen, blank = made(one(1, 1, 0, 1)), made(one(1, 0, 0, 0), blank_images=True)
    blank = blank.restrict(lambda record: record.n_images > 0)
    entry = gains.gains([seen], [blank])["suites"]["s+blank"]
    assert (entry["n"], entry["delta"]["accuracy"]) == (2, -1.0)


def test_runs_under_other_settings_are_said(made, one) -> None:
    base, rl = made(one(0, 1)), made(one(1, 1), max_tokens=128)
    assert gains.different_settings([base], [rl]) == ["s: max_tokens 64 -> 128"]
    assert gains.different_settings([base], [base]) == []


def test_chance_is_the_commonest_answer_or_one_in_the_options(made, one) -> None:
    from dataclasses import replace

    records = made(one(1, 1, 1, 1, 1, 1)).records  # family a: golds 0 2 1, family b: 1 0 2
    assert chance(records) == pytest.approx(1 / 3)
    assert chance([replace(record, gold='"x"') for record in records]) == 1.0
    assert chance([replace(record, gold='"x"', n_options=4) for record in records]) == 0.25
    assert chance(records + records) == pytest.approx(1 / 3)


def test_pass_at_k_of_a_result(made) -> None:
    result = made([[True, False, False, False], [False] * 4])
    assert result.pass_at(2) == pytest.approx((0.5 + 0) / 2)
    assert set(result.summary()["pass_at"]) == {"2", "4"}
