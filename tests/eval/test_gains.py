import json
from dataclasses import replace

import pytest

from eval import gains, stats
from eval.probe_numbers import chance
from eval.results import Result
from recipes import BadInput


def test_greedy_entry_has_the_contracts_keys_and_hand_made_numbers(made, one) -> None:
    base, rl = made(one(0, 0, 0, 0, 1, 1, 1, 0)), made(one(1, 1, 1, 1, 0, 1, 1, 0))
    found = gains.gains([base], [rl], seed=3, recipe="r.yaml", parents=["p"])
    assert set(found) >= {"suites", "seed", "recipe", "parents"}
    entry = found["suites"]["s"]
    assert set(entry) >= {"n", "samples", "base", "rl", "delta", "by"}
    assert set(entry["base"]) & set(entry["rl"]) >= {"accuracy", "low", "high", "format_rate", "mean_tokens"}
    assert (entry["n"], entry["samples"]) == (8, 1)
    assert (entry["base"]["accuracy"], entry["rl"]["accuracy"]) == (3 / 8, 6 / 8)
    assert (entry["base"]["low"], entry["base"]["high"]) == (stats.wilson(3, 8).low, stats.wilson(3, 8).high)
    delta = entry["delta"]
    assert set(delta) >= {"accuracy", "low", "high", "mcnemar_p", "right_to_wrong", "wrong_to_right"}
    assert (delta["right_to_wrong"], delta["wrong_to_right"]) == (1, 4)
    assert delta["mcnemar_p"] == pytest.approx(2 * (1 + 5) / 2**5)
    assert delta["accuracy"] == 3 / 8
    assert delta["low"] <= 3 / 8 <= delta["high"]
    json.dumps(found, allow_nan=False)


def test_groups_are_split_and_add_up(made, one) -> None:
    entry = gains.compare(made(one(0, 1, 0, 1)), made(one(1, 1, 1, 0)))
    assert set(entry["by"]) == {"family"}  # the kind of all is the same
    families = entry["by"]["family"]
    assert set(families) == {"a", "b"}
    assert set(families["a"]) >= {"n", "base", "rl", "delta"}
    assert [families[f]["delta"]["accuracy"] for f in "ab"] == [1.0, -0.5]
    assert sum(families[f]["n"] for f in "ab") == entry["n"]
    assert families["a"]["too_few"]
    assert entry["macro"] == {"family": {"base": 0.5, "rl": 0.75, "delta": 0.25}}


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
    assert gains.different_settings([base], [rl]) == ["max_tokens 64 -> 128 (s)"]
    assert gains.different_settings([base], [base]) == []
    stamped = made(one(1, 1), prompts="a", engine="hf")
    assert gains.different_settings([base], [stamped]) == []  # the other run kept no stamps
    assert gains.different_settings([made(one(1, 1), prompts="b", engine="hf")], [stamped]) == ["prompts b -> a (s)"]


def test_chance_is_the_commonest_answer_or_one_in_the_options(made, one) -> None:
    records = made(one(1, 1, 1, 1, 1, 1)).records  # family a: golds 0 2 1, family b: 1 0 2
    assert chance(records) == pytest.approx(1 / 3)
    assert chance([replace(record, gold='"x"') for record in records]) == 1.0
    assert chance([replace(record, gold='"x"', n_options=4) for record in records]) == 0.25
    assert chance(records + records) == pytest.approx(1 / 3)


def test_items_that_one_side_could_not_be_asked_leave_both(made, one) -> None:
    base, rl = made(one(0, 1, 0, 1)), made(one(1, 1, 1))
    lost = replace(rl, failed={"i3": "the image is broken"})
    with pytest.raises(BadInput, match="not asked the same items"):
        gains.compare(base, rl)
    entry = gains.compare(base, lost)
    assert (entry["n"], entry["left_out"], entry["base"]["accuracy"]) == (3, 1, 1 / 3)
    assert entry["outcomes"]["rl"]["failed"] == 0.25
    assert entry["outcomes"]["base"]["failed"] == 0


def test_p_is_corrected_over_the_suites_and_probes_are_not_among_them(made, one) -> None:
    before, after = [0] * 40, [1] * 6 + [0] * 34
    base = [made(one(*before), suite=name) for name in "abc"]
    rl = [made(one(*after), suite=name) for name in "abc"]
    alone = gains.gains(base[:1], rl[:1])["suites"]["a"]
    assert (alone["delta"]["mcnemar_p"], alone["delta"]["holm_p"]) == (2 / 2**6, 2 / 2**6)
    assert alone["verdict"] == "better"
    blank = [[made(one(*side), suite="a", blank_images=True)] for side in (before, after)]
    found = gains.gains(base + blank[0], rl + blank[1])
    assert found["corrected_for"] == 3
    assert [found["suites"][name]["delta"]["holm_p"] for name in "abc"] == [3 * 2 / 2**6] * 3
    assert found["suites"]["a"]["verdict"] == "better alone"
    assert found["suites"]["a+blank"]["delta"]["holm_p"] is None


def test_means_over_suites_count_suites_or_items_the_same(made, one) -> None:
    base = [made(one(*[0] * 10), suite="a"), made(one(*[1] * 30), suite="b"), made([[True, False]] * 5, suite="c")]
    rl = [
        made(one(*[1] * 10), suite="a"),
        made(one(*[1] * 15 + [0] * 15), suite="b"),
        made([[True] * 2] * 5, suite="c"),
    ]
    found = gains.gains(base, rl)["averages"]
    assert set(found) == {"1"}  # of the sampled suites there is one only
    assert found["1"]["suites"] == ["a", "b"]
    macro, micro = found["1"]["macro"], found["1"]["micro"]
    assert (macro["base"]["accuracy"], macro["rl"]["accuracy"], macro["delta"]["accuracy"]) == (0.5, 0.75, 0.25)
    assert micro["delta"]["accuracy"] == pytest.approx((10 - 15) / 40)
    assert macro["delta"]["low"] < 0.25 < macro["delta"]["high"]


def test_reports_are_compared_by_their_scores_and_in_no_mean_over_suites(made, one) -> None:
    def scored(grader: str, *scores: float):
        result = made(one(*[0] * len(scores)), suite=grader, grader=grader)
        return replace(result, records=[replace(r, score=s) for r, s in zip(result.records, scores, strict=True)])

    def side(*scores: float):
        return [scored("report", *scores), scored("answer_match", *scores), made(one(0, 1), suite="t")]

    found = gains.gains(side(0.2, 0.4), side(0.5, 0.5))
    report, marks, _ = found["suites"].values()
    values = [report[part]["accuracy"] for part in ("base", "rl", "delta")]
    assert values == [pytest.approx(0.3), 0.5, pytest.approx(0.2)]
    assert report["delta"]["wrong_to_right"] == 2
    assert "score" not in report
    assert (marks["base"]["accuracy"], marks["score"]["base"], marks["score"]["rl"]) == (0, pytest.approx(0.3), 0.5)
    assert found["averages"]["1"]["suites"] == ["answer_match", "t"]


def test_items_of_one_image_widen_the_interval_and_what_can_be_shown(made, one) -> None:
    before, after = [0] * 120, [1] * 40 + [0] * 80
    base, rl = made(one(*before)), made(one(*after))
    grouped = [
        replace(side, records=[replace(r, cluster=f"image:{i // 4}") for i, r in enumerate(side.records)])
        for side in (base, rl)
    ]
    alone, shared = gains.compare(base, rl), gains.compare(*grouped)
    assert alone["delta"]["interval"] == "bootstrap"
    assert shared["delta"]["interval"] == "clustered bootstrap by image (30)"
    width = [entry["delta"]["high"] - entry["delta"]["low"] for entry in (alone, shared)]
    assert width[1] == pytest.approx(2 * width[0], rel=0.1)  # four copies of each observation: half as much is known
    assert shared["min_detectable"] == pytest.approx(2 * alone["min_detectable"], rel=0.15)
    assert not shared["too_few"]
    fewer = [side.restrict(lambda record: int(record.id[1:]) < 116) for side in grouped]
    assert gains.compare(*fewer)["too_few"]  # 29 images


def test_a_drop_is_called_one_and_an_unclear_change_is_not(made, one) -> None:
    n = 60
    right, wrong, half = made(one(*[1] * n)), made(one(*[0] * n)), made(one(*[1, 0] * (n // 2)))
    turned = made(one(*[0, 1] * (n // 2)))
    [drop], [gain], [even] = (
        gains.in_words(gains.change([a], [b])) for a, b in ((right, wrong), (wrong, right), (half, turned))
    )
    assert drop.startswith("s: 100.0 % before, 0.0 % after, -100.0 [")
    assert drop.endswith(f"points over {n} items: a DROP")
    assert gain.endswith("a gain")
    assert even.endswith("no clear change")
    assert json.loads(json.dumps(gains.change([right], [wrong])))["s"]["change"] == "drop"
