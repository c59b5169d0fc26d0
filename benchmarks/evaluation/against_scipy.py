"""Our intervals and tests beside scipy's and statsmodels': what benchmarks/eval.py reports and tests/eval checks."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from eval import stats

EXACT = 1e-9
RESAMPLES = 20_000
Ends = tuple[float, float]


@dataclass(frozen=True)
class Check:
    """The largest difference over `n` cases of one function, and how large it may be."""

    name: str
    peer: str
    n: int
    difference: float
    allowed: float

    @property
    def holds(self) -> bool:
        return self.difference <= self.allowed


def agreement(seed: int = 0) -> list[Check]:
    """Closed forms agree to 1e-9; bootstraps within six standard errors of the peer's own Monte-Carlo error."""
    rng = np.random.default_rng(seed)
    return [_wilson(), _mcnemar(), _holm(rng), *_bootstraps(rng)]


def _wilson() -> Check:
    from statsmodels.stats.proportion import proportion_confint

    cases = [(x, n) for n in (1, 2, 7, 30, 451, 33_430) for x in sorted({0, 1, n // 3, n - 1, n})]
    gaps = []
    for x, n in cases:
        ours, theirs = stats.wilson(x, n), proportion_confint(x, n, method="wilson")
        gaps += [abs(ours.low - theirs[0]), abs(ours.high - theirs[1])]
    return Check("Wilson interval", "statsmodels", len(cases), float(max(gaps)), EXACT)


def _mcnemar() -> Check:
    from scipy.stats import binomtest
    from statsmodels.stats.contingency_tables import mcnemar

    cases = [(a, b) for a in (0, 1, 5, 17, 200, 1_900) for b in (0, 1, 6, 40, 210, 2_000) if a + b]
    gaps = []
    for fewer, more in cases:
        ours = stats.binomial_p(fewer, more)
        gaps.append(abs(ours - mcnemar([[9, fewer], [more, 9]], exact=True).pvalue))
        gaps.append(abs(ours - binomtest(fewer, fewer + more).pvalue))
    return Check("McNemar exact", "statsmodels, scipy", len(cases), float(max(gaps)), EXACT)


def _holm(rng: np.random.Generator) -> Check:
    from statsmodels.stats.multitest import multipletests

    cases = [rng.random(size) ** 3 for size in (1, 2, 7, 16, 100)] + [np.array([0.04, 0.01, 0.04, 0.0, 1.0, 0.01])]
    gaps = [np.abs(np.array(stats.holm(list(ps))) - multipletests(ps, method="holm")[1]).max() for ps in cases]
    return Check("Holm correction", "statsmodels", len(cases), float(max(gaps)), EXACT)


def _bootstraps(rng: np.random.Generator) -> Iterator[Check]:
    """Plain, paired, clustered, and clustered paired, each on its own draw of 240 items in 60 unequal clusters."""
    labels = rng.integers(0, 60, 240).tolist()
    lift = rng.normal(0, 0.25, 60)[labels]  # what the items of a cluster share
    before = (rng.random(240) < 0.5 + lift).astype(float)
    after = (rng.random(240) < 0.6 + lift).astype(float)
    how = {"seed": 1, "resamples": RESAMPLES}
    ours = {
        "bootstrap": (stats.bootstrap_mean(before, **how), before, None),
        "paired bootstrap": (stats.paired_difference(before, after, **how), after - before, None),
        "clustered bootstrap": (stats.bootstrap_mean(before, clusters=labels, **how), before, labels),
        "clustered paired bootstrap": (
            stats.paired_difference(before, after, clusters=labels, **how),
            after - before,
            labels,
        ),
    }
    for name, (found, values, clusters) in ours.items():
        ends, error = _scipy_bootstrap(values, clusters, rng)
        gap = max(abs(found.low - ends[0]), abs(found.high - ends[1]))
        yield Check(name, "scipy", 1, float(gap), 6 * error)


def _scipy_bootstrap(values: np.ndarray, clusters: list[int] | None, rng: np.random.Generator) -> tuple[Ends, float]:
    """The ends of scipy's percentile interval, and the standard error of an end from that many resamples.

    A quantile q of m draws of a normal distribution has the standard error sqrt(q (1 - q) / m) / density (here at
    2.5 %: 2.67 standard deviations of the mean, over sqrt(m)); both sides draw, hence sqrt(2).
    """
    from scipy.stats import bootstrap

    sets = [values[np.array(clusters) == label] for label in sorted(set(clusters))] if clusters else values[:, None]
    sums, sizes = np.array([part.sum() for part in sets]), np.array([part.size for part in sets])
    found = bootstrap(
        (sums, sizes),
        lambda s, n, axis: s.sum(axis=axis) / n.sum(axis=axis),
        paired=True,
        method="percentile",
        n_resamples=RESAMPLES,
        batch=1000,
        rng=rng,
    )
    ends = found.confidence_interval
    return (ends.low, ends.high), 2.67 * float(found.standard_error) * (2 / RESAMPLES) ** 0.5
