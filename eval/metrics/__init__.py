"""Report metrics: this folder is listed, a new metric is one new file with METRICS, a tuple of `Metric`.

A metric compares what was said with what was due, text against text, and gives a value a report and one for the whole
file. What it needs beyond the base install is imported only when it is asked for; where that is lacking, the metric is
missing and says how to get it: nothing else is ever computed under its name. An empty report counts as 0.
"""

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from recipes import BadInput, hint
from rewards import RewardError

KINDS = ("reward", "words", "model")  # the order in which they are shown


class Missing(Exception):
    """A metric that cannot run here; the message is one line with the remedy."""


@dataclass(frozen=True)
class Scores:
    """What a metric found.

    items: each report's own value, None where its reference cannot be graded. parts: shape (reports, k), what the
    value of the file is made of. combine: sums of parts, shape (..., k) -> values, shape (...); it must not depend on
    the scale of the sums, so that sums over any resample of the reports do.
    """

    items: list[float | None]
    parts: np.ndarray
    combine: Callable[[np.ndarray], np.ndarray]

    @property
    def corpus(self) -> float:
        """The value of the file."""
        return float(self.combine(self.parts.sum(axis=0)))

    @property
    def n(self) -> int:
        """How many reports were graded."""
        return sum(item is not None for item in self.items)


@dataclass(frozen=True)
class Metric:
    """One metric.

    score: (predictions, references) -> Scores; it is handed empty predictions too. missing: None, or the line that
    says what is lacking, without loading anything large. times: what a table multiplies the value by. headed: it is
    given the headings "Findings:" and "Impression:" with the texts, since it reads them and does not count them.
    """

    name: str
    title: str
    kind: str
    about: str
    score: Callable[[Sequence[str], Sequence[str]], Scores]
    missing: Callable[[], str | None] = lambda: None
    times: float = 100.0
    headed: bool = False


@cache
def _metrics() -> dict[str, Metric]:
    files = [module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")]
    found = [metric for file in files for metric in importlib.import_module(f"eval.metrics.{file}").METRICS]
    return {metric.name: metric for metric in sorted(found, key=lambda metric: KINDS.index(metric.kind))}


def names() -> list[str]:
    """The metrics there are, whether they can run here or not."""
    return list(_metrics())


def load(name: str) -> Metric:
    """The metric of that name; BadInput with the nearest one where there is none."""
    if name not in _metrics():
        raise BadInput([f"no report metric {name!r}{hint(name, names())}; there are {', '.join(names())}"])
    return _metrics()[name]


def available(name: str) -> str | None:
    """None, or the line that says which extra and which weights are lacking here."""
    return load(name).missing()


def score(name: str, predictions: Sequence[str], references: Sequence[str]) -> Scores:
    """A metric's values, a pair of texts each and for all; Missing where it cannot run.

    >>> found = score("rouge_l", ["The heart is large.", ""], ["The heart is not large.", "Effusion."])
    >>> [round(item, 3) for item in found.items], round(found.corpus, 3)
    ([0.889, 0.0], 0.444)
    """
    metric = load(name)
    if len(predictions) != len(references) or not references:
        raise ValueError(f"{len(predictions)} predictions and {len(references)} references are no pairs")
    if lacking := metric.missing():
        raise Missing(lacking)
    try:
        return metric.score(predictions, references)
    except RewardError as error:
        raise Missing(str(error)) from error


def mean(items: Sequence[float | None]) -> Scores:
    """Scores whose value for the file is the mean of the reports'."""
    parts = np.array([(item or 0.0, item is not None) for item in items], dtype=float)
    return Scores(list(items), parts, lambda sums: sums[..., 0] / sums[..., 1])


def said(
    predictions: Sequence[str], references: Sequence[str], judge: Callable[[str, str], float], empty: float = 0.0
) -> list[float]:
    """`judge` of every pair, but `empty` where nothing was said."""
    pairs = zip(predictions, references, strict=True)
    return [judge(prediction, due) if prediction.strip() else empty for prediction, due in pairs]
