"""Intervals and tests for paired evaluation, over items. Everything is a pure function of arrays; 95 % by default.

Several samples of one item are not independent draws from the suite, so every resampling here draws items and takes
all of an item's samples with it (as one mean). Items that share an image or a patient are not independent either:
where `clusters` says which do, whole clusters are drawn.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np

RESAMPLES = 10_000
MIN_ITEMS = 30  # a difference over fewer independent items is shown, but nothing is concluded from it
_Z95 = 1.959963984540054  # the 97.5 % quantile of the standard normal distribution
_Z80 = 0.8416212335729143  # its 80 % quantile
_AT_ONCE = 2_000_000  # numbers drawn at a time: bounds the memory where every cluster is of its own kind

Values = Sequence[float] | np.ndarray
Clusters = Sequence[Hashable] | None  # a label for each item; None: every item stands alone


@dataclass(frozen=True)
class Interval:
    """A value with the two ends of its 95 % interval, and how they were found."""

    value: float
    low: float
    high: float
    how: str = "wilson"

    @property
    def half(self) -> float:
        """Half the width."""
        return (self.high - self.low) / 2


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


def bootstrap_mean(values: Values, *, seed: int, clusters: Clusters = None, resamples: int = RESAMPLES) -> Interval:
    """Percentile bootstrap of the mean over items; `values` is one number an item, shape (items,).

    With clusters, as many whole clusters as there are are drawn with replacement, and the mean is over the items in
    them (Field & Welsh 2007). Few clusters make the interval too narrow; below 20 read it as a lower bound.
    """
    items = np.asarray(values, dtype=float)
    if items.ndim != 1 or items.size == 0:
        raise ValueError(f"the bootstrap needs one number an item and at least one item, got shape {items.shape}")
    sums, sizes = _totals(items, clusters)
    means = _resampled(sums, sizes, np.random.default_rng(seed), resamples)
    low, high = np.quantile(means, [0.025, 0.975])
    how = "bootstrap" if sizes.max() == 1 else "clustered bootstrap"
    return Interval(float(items.mean()), float(low), float(high), how)


def mean_share(
    values: Sequence[float], *, seed: int, clusters: Clusters = None, resamples: int = RESAMPLES
) -> Interval:
    """Mean of per-item fractions in [0, 1] with its interval.

    One right-or-wrong verdict an item gives Wilson's interval; fractions, and items in clusters, give the bootstrap,
    for verdicts at least as wide as Wilson's for items apart: with 1 of 40 right, resampling sees too little.
    Where all items or clusters are alike the bootstrap has no width, which claims too much: Wilson's over their
    number, wider for fractions, is taken there too.
    """
    if not len(values):
        return bootstrap_mean(values, seed=seed)  # raises
    sums, sizes = _totals(np.asarray(values, dtype=float), clusters)
    if _alike(sums, sizes):
        share = float(np.mean(values))
        return wilson(share * sizes.size, sizes.size)
    verdicts = all(value in (0.0, 1.0) for value in values)
    alone = wilson(sum(values), len(values)) if verdicts else None
    if alone and sizes.max() == 1:
        return alone
    drawn = bootstrap_mean(values, seed=seed, clusters=clusters, resamples=resamples)
    return replace(drawn, low=min(drawn.low, alone.low), high=max(drawn.high, alone.high)) if alone else drawn


def paired_difference(
    before: Sequence[float],
    after: Sequence[float],
    *,
    seed: int,
    clusters: Clusters = None,
    resamples: int = RESAMPLES,
) -> Interval:
    """Mean of after - before over the same items in the same order, each in [-1, 1]; bootstrap over items or clusters.

    Where every one moved by the same amount the bootstrap has no width; what so many that never deviate leave
    possible (Wilson's upper end of 0 of n) is then taken for the half width.
    """
    first, second = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    if first.shape != second.shape:
        raise ValueError(f"paired values must be of the same items: {first.shape} against {second.shape}")
    moved = second - first
    if moved.size and _alike(*(totals := _totals(moved, clusters))):
        value, half = float(moved.mean()), wilson(0, totals[1].size).high
        return Interval(value, max(-1.0, value - half), min(1.0, value + half))
    return bootstrap_mean(moved, seed=seed, clusters=clusters, resamples=resamples)


def weighted(parts: Sequence[Interval], weights: Sequence[float]) -> Interval:
    """Sum of independent values, each with its weight: a mean over suites.

    The distances from each value to its ends add as squares (MOVER, Zou, Huang & Zhang 2009), so that each suite
    keeps the kind of interval that fits it.
    """
    value = sum(w * part.value for w, part in zip(weights, parts, strict=True))
    below = math.hypot(*(w * (part.value - part.low) for w, part in zip(weights, parts, strict=True)))
    above = math.hypot(*(w * (part.high - part.value) for w, part in zip(weights, parts, strict=True)))
    return Interval(value, value - below, value + above, "combined")


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


def holm(ps: Sequence[float]) -> list[float]:
    """p values adjusted for their number (Holm 1979), in the order given: alpha bounds the chance of any false find."""
    adjusted, worst = [0.0] * len(ps), 0.0
    for rank, place in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        worst = max(worst, min(1.0, (len(ps) - rank) * ps[place]))
        adjusted[place] = worst
    return adjusted


def smallest_difference(moved: Values, clusters: Clusters = None) -> float | None:
    """The true difference that a comparison like this one finds with 80 % power at a two-sided alpha of 0.05.

    moved: after - before, one number an item. Solves n d^2 = (z_a sqrt(p) + z_b sqrt(p - d^2))^2 for d, where p is the
    share of items that changed (Connor 1987, after Miettinen 1968; for means of k samples their mean square). So few
    may have changed that d > p; then d = p, every change in one direction. Items in clusters count for as many
    independent ones as the design effect leaves. None where no difference could be found.
    """
    values = np.asarray(moved, dtype=float)
    n = values.size / _design_effect(values, clusters)
    p = float(np.mean(values**2))
    if n <= _Z95**2:
        return None
    found = math.sqrt(p) * (_Z95 * math.sqrt(n) + _Z80 * math.sqrt(n - _Z95**2 + _Z80**2)) / (n + _Z80**2)
    if found >= p and np.isin(values, (-1.0, 0.0, 1.0)).all():
        left = (math.sqrt((_Z95 * _Z80) ** 2 + (n + _Z80**2) * (n - _Z95**2)) - _Z95 * _Z80) / (n + _Z80**2)
        found = 1 - left**2  # n d = (z_a + z_b sqrt(1 - d))^2, solved for sqrt(1 - d)
    return min(1.0, found)


def too_few(n: int, clusters: Clusters = None) -> bool:
    """Whether nothing should be concluded from n items, of which those in one cluster count once."""
    return (n if clusters is None else len(set(clusters))) < MIN_ITEMS


def pass_at_k(right: int, samples: int, k: int) -> float:
    """Unbiased chance that at least one of k draws is right, from `right` of `samples` (Chen et al. 2021, eq. 1)."""
    if not 1 <= k <= samples or not 0 <= right <= samples:
        raise ValueError(f"pass@k needs 1 <= k <= samples and 0 <= right <= samples, got {right} of {samples}, k={k}")
    return 1.0 - math.comb(samples - right, k) / math.comb(samples, k)


def majority(answers: Sequence[str | None], right: Sequence[bool]) -> float:
    """Chance that the commonest of an item's answers is right, ties being broken at random (Wang et al. 2022).

    Answers that could not be read (None) never win over one that could.
    """
    if len(answers) != len(right) or not answers:
        raise ValueError(f"a vote needs one verdict an answer and an answer, got {len(answers)} and {len(right)}")
    votes: dict[str, list[bool]] = {}
    for answer, verdict in zip(answers, right, strict=True):
        if answer is not None:
            votes.setdefault(answer, []).append(verdict)
    most = max(map(len, votes.values()), default=0)
    winners = [verdict for verdicts in votes.values() if len(verdicts) == most for verdict in verdicts]
    return sum(winners) / len(winners) if winners else 0.0


def _totals(items: np.ndarray, clusters: Clusters) -> tuple[np.ndarray, np.ndarray]:
    """Sum and size of each cluster, shape (clusters,) both."""
    if clusters is None:
        return items, np.ones(items.size)
    if len(clusters) != items.size:
        raise ValueError(f"clusters must be of the same items: {len(clusters)} against {items.size}")
    places: dict[Hashable, int] = {}
    of = [places.setdefault(label, len(places)) for label in clusters]
    return np.bincount(of, weights=items), np.bincount(of).astype(float)


def _resampled(sums: np.ndarray, sizes: np.ndarray, rng: np.random.Generator, resamples: int) -> np.ndarray:
    """Means of as many clusters as there are, drawn with replacement; shape (resamples,).

    Counting how often each distinct (sum, size) comes up is one multinomial draw, so the cost depends on those (k + 1
    for avg@k without clusters), not on the items.
    """
    kinds, counts = np.unique(np.stack([sums, sizes]), axis=1, return_counts=True)  # (2, kinds), (kinds,)
    step = max(1, _AT_ONCE // counts.size)
    means = []
    for start in range(0, resamples, step):
        draws = rng.multinomial(sums.size, counts / sums.size, size=min(step, resamples - start))
        means.append(draws @ kinds[0] / (draws @ kinds[1]))
    return np.concatenate(means)


def _alike(sums: np.ndarray, sizes: np.ndarray) -> bool:
    return bool(np.ptp(sums / sizes) < 1e-12)


def _design_effect(values: np.ndarray, clusters: Clusters) -> float:
    """How many times the variance of the mean is what independent items would give; at least 1."""
    sums, sizes = _totals(values, clusters)
    apart = values - values.mean()
    if not (alone := float(apart @ apart)):
        return values.size / sizes.size
    together = sums - sizes * values.mean()
    return max(1.0, float(together @ together) / alone)
