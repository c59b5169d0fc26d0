"""Training with a part of the pictures held out, and how well the classifier does on these."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from data.modality import classifier
from data.modality.classifier import Classifier
from data.modality.pictures import Labelled
from recipes import BadInput

Z95 = 1.959963984540054
FEWEST = 2  # clusters of a label: one to learn from, one to ask


@dataclass(frozen=True)
class Accuracy:
    """Of n pictures held out: accuracy with its 95 % interval (Wilson), label -> (right, of how many), and, where the
    guess is at least `threshold` probable, how many these are and how many of them are right."""

    seed: int
    n: int
    right: int
    low: float
    high: float
    recall: dict[str, tuple[int, int]]
    threshold: float
    said: int
    said_right: int

    @property
    def accuracy(self) -> float:
        return self.right / self.n


def train(
    found: Labelled, name: str, seeds: Sequence[int], *, share: float, threshold: float, l2: float
) -> tuple[Classifier, list[Accuracy]]:
    """A classifier for each seed's split, measured on the part held out; the first of them, and all measurements.

    Its `about` holds what it was trained on, its own accuracy (`held_out`) and those of the others' splits.
    """
    labels, made, measured = np.array(found.labels), [], []
    for seed in seeds:
        held = split(found, share, seed)
        made.append(classifier.fit(found.features[~held], labels[~held].tolist(), name, l2))
        measured.append(measure(made[-1], found.features[held], labels[held].tolist(), seed, threshold))
    trained_on = Counter(labels[~split(found, share, seeds[0])].tolist())
    about = {
        "trained_on": dict(sorted(trained_on.items())),
        "contradicted": found.contradicted,
        "l2": l2,
        "held_out": as_json(measured[0]),
        "other_splits": [as_json(one) for one in measured[1:]],
    }
    return replace(made[0], about=about), measured


def split(found: Labelled, share: float, seed: int) -> np.ndarray:
    """(n,) true where a picture is held out: of each label the share of its clusters, at least one and never all."""
    groups: dict[str, set[str]] = {}
    for label, cluster in zip(found.labels, found.clusters, strict=True):
        groups.setdefault(label, set()).add(cluster)
    few = {label: len(clusters) for label, clusters in groups.items() if len(clusters) < FEWEST}
    if few or len(groups) < 2:
        why = f"label {next(iter(few))!r} has {next(iter(few.values()))} cluster" if few else "there is one label only"
        raise BadInput([f"{why}; a classifier needs two labels with {FEWEST} clusters of pictures each: add --data"])
    taken: set[str] = set()
    for label, clusters in sorted(groups.items()):
        n = min(max(1, round(share * len(clusters))), len(clusters) - 1)
        taken |= set(random.Random(f"{seed}/{label}").sample(sorted(clusters), n))
    held = np.array([cluster in taken for cluster in found.clusters])
    if lost := set(found.labels) - {label for label, out in zip(found.labels, held, strict=True) if not out}:
        raise BadInput([f"label {min(lost)!r}: every cluster of it is held out with another label's; add --data"])
    return held


def measure(made: Classifier, features: np.ndarray, labels: Sequence[str], seed: int, threshold: float) -> Accuracy:
    """How many of the pictures held out get their own label."""
    found = made.probabilities(features)
    right = np.array([made.labels[best] for best in found.argmax(1)]) == np.array(labels)
    sure = found.max(1) >= threshold
    of = Counter(labels)
    hits = Counter(label for label, hit in zip(labels, right, strict=True) if hit)
    recall = {label: (hits[label], of[label]) for label in sorted(of)}
    low, high = wilson(int(right.sum()), len(labels))
    return Accuracy(
        seed, len(labels), int(right.sum()), low, high, recall, threshold, int(sure.sum()), int((right & sure).sum())
    )


def wilson(right: int, n: int) -> tuple[float, float]:
    """The 95 % score interval of a proportion (Wilson 1927); n is at least 1."""
    share, z2 = right / n, Z95 * Z95
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def as_json(one: Accuracy) -> dict[str, Any]:
    """For the classifier's file and for --json."""
    recall = {label: {"right": right, "n": n} for label, (right, n) in one.recall.items()}
    return {**asdict(one), "recall": recall, "accuracy": one.accuracy}
