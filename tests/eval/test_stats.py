import math

import numpy as np
import pytest

from benchmarks.evaluation import against_scipy
from eval import stats


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # Newcombe 1998 (Statistics in Medicine 17:857), table I, method 3 (score without continuity correction)
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_intervals(successes: int, n: int, low: float, high: float) -> None:
    found = stats.wilson(successes, n)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    assert found.value == successes / n


def test_wilson_solves_its_own_equation() -> None:
    found = stats.wilson(7, 23)
    for end in (found.low, found.high):
        assert abs(7 / 23 - end) == pytest.approx(1.959963984540054 * math.sqrt(end * (1 - end) / 23), abs=1e-12)


def test_wilson_stays_within_bounds_at_the_ends() -> None:
    assert stats.wilson(0, 5).low == 0.0
    assert stats.wilson(5, 5).high == 1.0
    assert stats.wilson(5, 5).low == pytest.approx(1 - stats.wilson(0, 5).high)
    with pytest.raises(ValueError, match="of 0"):
        stats.wilson(0, 0)


@pytest.mark.parametrize(
    ("fewer", "more", "p"),
    [
        (1, 6, 2 * (1 + 7) / 2**7),  # by hand: C(7,0) + C(7,1) on one side, doubled
        (2, 8, 2 * (1 + 10 + 45) / 2**10),
        (0, 1, 1.0),
        (0, 0, 1.0),
        (5, 5, 1.0),
        (0, 12, 2 / 2**12),
    ],
)
def test_exact_mcnemar_by_hand(fewer: int, more: int, p: float) -> None:
    assert stats.binomial_p(fewer, more) == pytest.approx(p, abs=1e-15)
    assert stats.binomial_p(more, fewer) == stats.binomial_p(fewer, more)


def test_exact_p_survives_large_counts() -> None:
    p = stats.binomial_p(9_800, 10_200)
    z = (10_200 - 9_800 - 1) / math.sqrt(20_000)
    assert p == pytest.approx(math.erfc(z / math.sqrt(2)), rel=1e-3)


def test_flips_count_the_direction_of_each_item() -> None:
    before = [0, 0, 0, 1, 1, 0.5, 0.25]
    after = [1, 1, 0, 0, 1, 0.75, 0.25]
    found = stats.flips(before, after)
    assert (found.wrong_to_right, found.right_to_wrong) == (3, 1)
    assert found.p == pytest.approx(2 * (1 + 4) / 2**4)


def test_flips_refuse_unpaired_values() -> None:
    with pytest.raises(ValueError, match="same items"):
        stats.flips([1.0], [1.0, 0.0])


def test_bootstrap_equals_drawing_items_one_by_one() -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(0, 9, 60) / 8
    found = stats.bootstrap_mean(values, seed=1)
    means = values[rng.integers(0, 60, (40_000, 60))].mean(axis=1)
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(np.quantile(means, 0.025), abs=0.006)
    assert found.high == pytest.approx(np.quantile(means, 0.975), abs=0.006)


def test_bootstrap_repeats_with_its_seed_and_differs_with_another() -> None:
    values = [0.125, 0.5, 0.875, 1.0, 0.0, 0.25]
    assert stats.bootstrap_mean(values, seed=3) == stats.bootstrap_mean(values, seed=3)
    ends = {(i.low, i.high) for i in (stats.bootstrap_mean(values, seed=s, resamples=50) for s in range(5))}
    assert len(ends) > 1


def test_bootstrap_is_wider_over_items_than_over_samples_would_be() -> None:
    """Eight samples that agree within an item are eight copies of one observation."""
    items = [0.0, 1.0] * 20
    width = (found := stats.bootstrap_mean(items, seed=0)).high - found.low
    over_samples = (wrong := stats.wilson(160, 320)).high - wrong.low
    assert width > 2.5 * over_samples


def test_bootstrap_interval_covers_the_truth_about_95_times_in_100() -> None:
    """avg@8 of 150 items whose own rates vary; 400 repetitions: the expected cover is within 3 s.e. (3.3 points)."""
    rng = np.random.default_rng(7)
    covered = 0
    for seed in range(400):
        rates = rng.beta(2, 1, 150)
        found = stats.bootstrap_mean(rng.binomial(8, rates) / 8, seed=seed, resamples=1000)
        covered += found.low <= 2 / 3 <= found.high
    assert 0.91 <= covered / 400 <= 0.985


def test_paired_difference_covers_and_is_narrower_than_two_separate_intervals() -> None:
    rng = np.random.default_rng(11)
    covered = 0
    for seed in range(300):
        before = rng.random(200) < 0.6
        after = np.where(rng.random(200) < 0.2, rng.random(200) < 0.9, before)  # a fifth is answered afresh
        found = stats.paired_difference(before.astype(float), after.astype(float), seed=seed, resamples=1000)
        covered += found.low <= 0.2 * (0.9 - 0.6) <= found.high
    assert 0.91 <= covered / 300 <= 0.985
    before, after = [0.0] * 50 + [1.0] * 50, [0.0] * 40 + [1.0] * 60
    paired = stats.paired_difference(before, after, seed=0)
    apart = stats.wilson(50, 100).high - stats.wilson(50, 100).low
    assert paired.value == pytest.approx(0.1)
    assert paired.high - paired.low < apart


def test_no_change_at_all_still_has_an_interval() -> None:
    """Zero of 20 items changed: up to 16 % may, in the suite at large."""
    found = stats.paired_difference([1.0] * 10 + [0.0] * 10, [1.0] * 10 + [0.0] * 10, seed=0)
    assert found.value == 0
    assert (round(found.low, 4), round(found.high, 4)) == (-0.1611, 0.1611)


def test_paired_values_must_have_one_length() -> None:
    with pytest.raises(ValueError, match="same items"):
        stats.paired_difference([1.0, 0.0], [1.0], seed=0)


def test_mean_share_takes_wilson_for_verdicts_and_the_bootstrap_for_fractions() -> None:
    assert stats.mean_share([1.0, 1.0, 0.0, 1.0], seed=0) == stats.wilson(3, 4)
    assert stats.mean_share([1.0] * 8, seed=0).low == stats.wilson(8, 8).low
    fractions = [0.5, 0.25, 1.0, 0.0]
    assert stats.mean_share(fractions, seed=2) == stats.bootstrap_mean(fractions, seed=2)
    with pytest.raises(ValueError, match="at least one item"):
        stats.mean_share([], seed=0)


def test_equal_fractions_are_not_given_a_width_of_zero() -> None:
    found = stats.mean_share([0.5] * 10, seed=0)
    assert found.low < 0.5 < found.high


@pytest.mark.parametrize(
    ("right", "samples", "k", "expected"),
    [(1, 4, 1, 0.25), (1, 4, 2, 0.5), (2, 4, 2, 5 / 6), (0, 8, 8, 0.0), (3, 8, 6, 1.0), (8, 8, 1, 1.0)],
)
def test_pass_at_k_by_hand(right: int, samples: int, k: int, expected: float) -> None:
    assert stats.pass_at_k(right, samples, k) == pytest.approx(expected)


def test_pass_at_k_is_unbiased() -> None:
    """Mean over all outcomes of 6 draws at rate 0.3 is 1 - 0.7**k."""
    weights = [math.comb(6, c) * 0.3**c * 0.7 ** (6 - c) for c in range(7)]
    for k in (1, 2, 5):
        mean = sum(w * stats.pass_at_k(c, 6, k) for c, w in enumerate(weights))
        assert mean == pytest.approx(1 - 0.7**k)


def test_pass_at_k_refuses_more_draws_than_samples() -> None:
    with pytest.raises(ValueError, match="k=9"):
        stats.pass_at_k(1, 8, 9)


@pytest.fixture(scope="module")
def checks() -> dict[str, against_scipy.Check]:
    pytest.importorskip("statsmodels", reason="statsmodels is an extra (dev)")
    return {check.name: check for check in against_scipy.agreement(seed=5)}


@pytest.mark.parametrize("name", ["Wilson interval", "McNemar exact", "Holm correction"])
def test_closed_forms_agree_with_scipy_and_statsmodels_to_1e9(checks, name: str) -> None:
    assert checks[name].allowed == 1e-9
    assert checks[name].holds, checks[name]


@pytest.mark.parametrize("kind", ["", "paired ", "clustered ", "clustered paired "])
def test_bootstraps_agree_with_scipy_within_monte_carlo_error(checks, kind: str) -> None:
    assert checks[f"{kind}bootstrap"].holds, checks[f"{kind}bootstrap"]
    assert checks[f"{kind}bootstrap"].allowed < 0.01


def test_whole_clusters_are_drawn() -> None:
    """30 images with 4 copies of one verdict each tell what 30 items tell."""
    values = [float(i % 3 == 0) for i in range(30)]
    copies, images = [value for value in values for _ in range(4)], [i for i in range(30) for _ in range(4)]
    shared, apart = (stats.bootstrap_mean(v, seed=0, clusters=c) for v, c in ((copies, images), (values, None)))
    assert (shared.low, shared.high) == (pytest.approx(apart.low, abs=0.02), pytest.approx(apart.high, abs=0.02))
    assert shared.how == "clustered bootstrap"
    unaware = stats.bootstrap_mean(copies, seed=0)
    assert unaware.half == pytest.approx(shared.half / 2, rel=0.1)


def test_clusters_of_one_change_nothing() -> None:
    values = [0.0, 0.25, 1.0, 0.5, 0.75, 0.5]
    assert stats.bootstrap_mean(values, seed=4, clusters=list("abcdef")) == stats.bootstrap_mean(values, seed=4)
    with pytest.raises(ValueError, match="same items"):
        stats.bootstrap_mean(values, seed=4, clusters=["a"])


def test_clustered_interval_covers_where_the_plain_one_does_not() -> None:
    """60 patients of 1 to 8 items whose rates differ; 300 repetitions."""
    rng = np.random.default_rng(3)
    covered = {"clustered": 0, "plain": 0}
    for seed in range(300):
        sizes = rng.integers(1, 9, 60)
        patients = np.repeat(np.arange(60), sizes)
        rates = np.where(rng.random(60) < 0.5, 0.9, 0.3)[patients]  # mean 0.6
        values = (rng.random(rates.size) < rates).astype(float)
        for name, clusters in (("clustered", patients.tolist()), ("plain", None)):
            found = stats.bootstrap_mean(values, seed=seed, clusters=clusters, resamples=800)
            covered[name] += found.low <= 0.6 <= found.high
    assert covered["clustered"] / 300 >= 0.91
    assert covered["plain"] / 300 < 0.85


def test_verdicts_in_clusters_claim_no_more_than_items_apart() -> None:
    nearly_single = [*range(38), 38, 38]
    found = stats.mean_share([1.0] + [0.0] * 39, seed=0, clusters=nearly_single)
    alone = stats.wilson(1, 40)
    assert found.low <= alone.low
    assert found.high == alone.high
    assert found.how == "clustered bootstrap"
    shared = [1.0] * 20 + [0.0] * 20
    wide = stats.mean_share(shared, seed=0, clusters=[i // 10 for i in range(40)])
    assert wide.low < stats.wilson(20, 40).low
    assert wide.high > stats.wilson(20, 40).high


def test_clusters_that_are_all_alike_count_as_one_observation_each() -> None:
    found = stats.mean_share([1.0] * 12, seed=0, clusters=[i // 4 for i in range(12)])
    assert (found.low, found.high) == (stats.wilson(3, 3).low, 1.0)
    moved = stats.paired_difference([0.0] * 12, [1.0] * 12, seed=0, clusters=[i // 4 for i in range(12)])
    assert moved.low == pytest.approx(1 - stats.wilson(0, 3).high)


def test_many_distinct_clusters_are_drawn_in_parts(monkeypatch) -> None:
    values, clusters = np.random.default_rng(0).random(500), [i // 2 for i in range(500)]
    whole = stats.bootstrap_mean(values, seed=1, clusters=clusters, resamples=300)
    monkeypatch.setattr(stats, "_AT_ONCE", 1000)
    assert stats.bootstrap_mean(values, seed=1, clusters=clusters, resamples=300) == whole


def test_holm_by_hand_and_in_the_order_given() -> None:
    assert stats.holm([0.04, 0.01, 0.03]) == [pytest.approx(p) for p in (0.06, 0.03, 0.06)]
    assert stats.holm([0.6, 0.7]) == [1.0, 1.0]
    assert stats.holm([0.2]) == [0.2]
    assert stats.holm([]) == []


def test_a_mean_of_suites_is_as_wide_as_resampling_all_of_them() -> None:
    rng = np.random.default_rng(2)
    suites = [rng.choice([-1.0, 0.0, 1.0], size=n, p=[0.1, 0.6, 0.3]) for n in (60, 200, 500)]
    found = stats.weighted([stats.bootstrap_mean(values, seed=0) for values in suites], [1 / 3] * 3)
    draws = sum(v[rng.integers(0, v.size, (10_000, v.size))].mean(axis=1) for v in suites) / 3
    assert found.value == pytest.approx(np.mean([v.mean() for v in suites]))
    assert found.low == pytest.approx(np.quantile(draws, 0.025), abs=0.006)
    assert found.high == pytest.approx(np.quantile(draws, 0.975), abs=0.006)


@pytest.mark.parametrize(
    ("answers", "right", "expected"),
    [
        (["A", "A", "B"], [1, 1, 0], 1.0),
        (["A", "B", "B"], [1, 0, 0], 0.0),
        (["A", "B"], [1, 0], 0.5),
        (["A", "B", "C", "A", "B"], [1, 0, 0, 1, 0], 0.5),
        (["A", None, None, None], [1, 0, 0, 0], 1.0),  # silence does not outvote an answer
        ([None, None], [0, 0], 0.0),
    ],
)
def test_majority_votes_by_hand(answers, right, expected: float) -> None:
    assert stats.majority(answers, [bool(r) for r in right]) == expected


def test_ties_are_worth_what_drawing_among_them_is() -> None:
    rng = np.random.default_rng(0)
    answers, right = ["A", "B", "C", "B", "A"], {"A": True, "B": False, "C": False}
    drawn = np.mean([right[rng.choice(["A", "B"])] for _ in range(4000)])
    assert stats.majority(answers, [right[a] for a in answers]) == pytest.approx(drawn, abs=0.03)
    with pytest.raises(ValueError, match="one verdict an answer"):
        stats.majority(["A"], [])


def test_the_smallest_difference_solves_connors_equation() -> None:
    moved = [1.0] * 60 + [-1.0] * 40 + [0.0] * 400
    d = stats.smallest_difference(moved)
    assert d is not None
    p, z_a, z_b = 0.2, 1.959963984540054, 0.8416212335729143
    assert (z_a * math.sqrt(p) + z_b * math.sqrt(p - d**2)) ** 2 / d**2 == pytest.approx(500)


def test_the_smallest_difference_is_found_four_times_in_five() -> None:
    """A fifth of 400 items changes; the better direction is so much likelier that the difference is the stated one."""
    n, p = 400, 0.2
    d = stats.smallest_difference([1.0] * 40 + [-1.0] * 40 + [0.0] * 320)
    assert d is not None
    rng = np.random.default_rng(1)
    draws = rng.multinomial(n, [(p + d) / 2, (p - d) / 2, 1 - p], size=4000)
    rose, fell = draws[:, 0], draws[:, 1]
    found = (rose - fell) ** 2 / (rose + fell) > 1.959963984540054**2
    assert found.mean() == pytest.approx(0.8, abs=0.025)


def test_without_a_change_only_a_difference_of_several_items_could_be_found() -> None:
    """Six changes in one direction are the fewest with an exact p below 0.05."""
    assert stats.smallest_difference([0.0] * 3) is None
    for n in (10, 30, 200, 5000):
        d = stats.smallest_difference([0.0] * n)
        assert d is not None
        assert n * d == pytest.approx((1.96 + 0.8416 * math.sqrt(1 - d)) ** 2, rel=1e-3)
        assert 6 / n < d < 8 / n


def test_items_of_one_cluster_show_less() -> None:
    moved = ([1.0] * 4 + [0.0] * 12) * 25
    alone, shared = stats.smallest_difference(moved), stats.smallest_difference(moved, [i // 4 for i in range(400)])
    assert alone is not None
    assert shared == pytest.approx(2 * alone, rel=0.05)


def test_too_few_counts_clusters_once() -> None:
    assert not stats.too_few(30)
    assert stats.too_few(29)
    assert stats.too_few(400, ["a"] * 200 + ["b"] * 200)
