import math

import numpy as np
import pytest

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
