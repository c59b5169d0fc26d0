"""Intervals and tests for paired evaluation, over items. Everything is a pure function of arrays; 95 % by default.

Several samples of one item are not independent draws from the suite, so every resampling here draws items and takes
all of an item's samples with it (as one mean).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 10_000
_Z95 = 1.959963984540054  # the 97.5 % quantile of the standard normal distribution


@dataclass(frozen=True)
class Interval:
    """A value with the two ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Flips:
    """How many items got better and worse, and the exact two-sided p of a split at least so uneven."""

    wrong_to_right: int
    right_to_wrong: int
    p: float


def wilson(successes: float, n: int, z: float = _Z95) -> Interval:
    """Score interval of a proportion (Wilson 1927), within [0, 1] and of use at 0 and n successes too."""
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError(f"a proportion needs 0 <= successes <= n and n > 0, got {successes} of {n}")
    share, z2 = successes / n, z * z
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == n else centre + half
    return Interval(share, low, high)


def bootstrap_mean(values: Sequence[float] | np.ndarray, *, seed: int, resamples: int = RESAMPLES) -> Interval:
    """Percentile bootstrap of the mean over items; `values` is one number an item, shape (items,).

    Drawing n items with replacement and counting how often each distinct value came up is one multinomial draw, so
    the cost depends on the distinct values (k + 1 of them for avg@k), not on the items.
    """
    items = np.asarray(values, dtype=float)
    if items.ndim != 1 or items.size == 0:
        raise ValueError(f"the bootstrap needs one number an item and at least one item, got shape {items.shape}")
    distinct, counts = np.unique(items, return_counts=True)
    draws = np.random.default_rng(seed).multinomial(items.size, counts / items.size, size=resamples)  # (resamples, v)
    means = draws @ distinct / items.size  # (resamples,)
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(float(items.mean()), float(low), float(high))


def mean_share(values: Sequence[float], *, seed: int, resamples: int = RESAMPLES) -> Interval:
    """Mean of per-item fractions in [0, 1] with its interval.

    One right-or-wrong verdict an item gives Wilson's interval; fractions give the bootstrap. Where all items are
    alike the bootstrap has no width, which claims too much: Wilson's, wider for fractions, is taken there too.
    """
    if len(values) and (all(value in (0.0, 1.0) for value in values) or min(values) == max(values)):
        return wilson(sum(values), len(values))
    return bootstrap_mean(values, seed=seed, resamples=resamples)


def paired_difference(
    before: Sequence[float], after: Sequence[float], *, seed: int, resamples: int = RESAMPLES
) -> Interval:
    """Mean of after - before over the same items in the same order, each in [0, 1]; bootstrap over items.

    Where every item moved by the same amount the bootstrap has no width; what n items that never deviate leave
    possible (Wilson's upper end of 0 of n) is then taken for the half width.
    """
    first, second = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    if first.shape != second.shape:
        raise ValueError(f"paired values must be of the same items: {first.shape} against {second.shape}")
    moved = second - first
    if moved.size and np.ptp(moved) == 0:
        value, half = float(moved[0]), wilson(0, moved.size).high
        return Interval(value, max(-1.0, value - half), min(1.0, value + half))
    return bootstrap_mean(moved, seed=seed, resamples=resamples)


def binomial_p(fewer: int, more: int) -> float:
    """Exact two-sided p of a fair coin that fell `fewer` times on one side and `more` on the other."""
    n, k = fewer + more, min(fewer, more)
    tail = term = 1  # C(n, 0), then each next one from the last
    for i in range(k):
        term = term * (n - i) // (i + 1)
        tail += term
    return min(1.0, 2 * tail / 2**n)  # integers: exact up to the one division


def flips(before: Sequence[float], after: Sequence[float]) -> Flips:
    """Items whose accuracy rose and fell, and the exact sign test on them.

    With one verdict an item this is McNemar's exact test; with k samples an item counts by the direction in which
    its mean moved, which keeps the same null: neither run is better on any item.
    """
    if len(before) != len(after):
        raise ValueError(f"paired values must be of the same items: {len(before)} against {len(after)}")
    rose = sum(b < a for b, a in zip(before, after, strict=True))
    fell = sum(b > a for b, a in zip(before, after, strict=True))
    return Flips(rose, fell, binomial_p(rose, fell))


def pass_at_k(right: int, samples: int, k: int) -> float:
    """Unbiased chance that at least one of k draws is right, from `right` of `samples` (Chen et al. 2021, eq. 1)."""
    if not 1 <= k <= samples or not 0 <= right <= samples:
        raise ValueError(f"pass@k needs 1 <= k <= samples and 0 <= right <= samples, got {right} of {samples}, k={k}")
    return 1.0 - math.comb(samples - right, k) / math.comb(samples, k)
