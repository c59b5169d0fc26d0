"""Multinomial logistic regression on standardised features: fitted the same each time, kept in one .npz file."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from data.modality.encoders import Encoder, encoder
from data.modality.words import UNKNOWN
from recipes import BadInput, from_root

if TYPE_CHECKING:
    from PIL import Image

FILE = "classifier.npz"
THRESHOLD = 0.8  # of the most probable label's probability; below it nothing is said
L2 = 0.01  # half of it times the sum of squared weights is added to the mean loss
TOLERANCE, MOST_STEPS = 1e-5, 5000  # of the gradient's largest entry
FLOOR = 1e-9  # a feature that varies less is constant: its differences are rounding


class Guess(NamedTuple):
    """The most probable label of one picture."""

    label: str
    probability: float

    def above(self, threshold: float) -> str:
        """The label, or UNKNOWN below the threshold."""
        return self.label if self.probability >= threshold else UNKNOWN


@dataclass(frozen=True)
class Classifier:
    """labels: K of them. weights: (d, K) of standardised features; bias: (K,); mean, scale: (d,) of the training
    features. encoder: the name of what gave them. about: what it was trained on and how well it does."""

    labels: tuple[str, ...]
    encoder: str
    weights: np.ndarray
    bias: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    about: Mapping[str, Any] = field(default_factory=dict)

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """(n, d) features -> (n, K). BadInput where d is another encoder's."""
        if features.shape[1] != len(self.mean):
            told = f"{features.shape[1]} features, the classifier was trained on {len(self.mean)}"
            raise BadInput([f"the encoder {self.encoder} gives {told}; train it again"])
        return _softmax((features - self.mean) / self.scale @ self.weights + self.bias)

    def guess(self, images: list[Image.Image], by: Encoder | None = None) -> list[Guess]:
        """One of each picture, by the encoder it was trained with."""
        if not images:
            return []
        found = self.probabilities((by or encoder(self.encoder)).encode(images))
        return [Guess(self.labels[int(row.argmax())], float(row.max())) for row in found]

    def save(self, folder: Path) -> Path:
        """The file classifier.npz in `folder`, the same bytes for the same classifier."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / FILE
        about = json.dumps({"labels": self.labels, "encoder": self.encoder, **self.about}, ensure_ascii=False)
        np.savez(path, about=np.array(about), weights=self.weights, bias=self.bias, mean=self.mean, scale=self.scale)
        return path


@cache
def load(folder: str) -> Classifier:
    """What `save` wrote. BadInput for a folder without it, or a damaged file."""
    path = from_root(folder) / FILE
    try:
        with np.load(path, allow_pickle=False) as file:
            about = json.loads(str(file["about"]))
            labels, name = tuple(about.pop("labels")), about.pop("encoder")
            weights, bias, mean, scale = (file[key] for key in ("weights", "bias", "mean", "scale"))
            return Classifier(labels, name, weights, bias, mean, scale, about)
    except FileNotFoundError as error:
        remedy = "make it with `python -m data modality train`"
        raise BadInput([f"{path} is missing; {remedy}"]) from error
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise BadInput([f"{path} is damaged ({type(error).__name__}); train the classifier again"]) from error


def fit(features: np.ndarray, labels: Sequence[str], name: str, l2: float = L2) -> Classifier:
    """The classifier that (n, d) features and their n labels give; the bias is not held down by `l2`.

    Each step goes to the minimum of a quadratic that bounds the loss from above and touches it where it stands: the
    Hessian of the softmax is at most a half of that of least squares (Böhning, Ann. Inst. Statist. Math. 44, 1992), so
    the matrix to invert stays the same and no step size is needed. Steps gather momentum (Nesterov 1983), which is
    dropped when it leads uphill (O'Donoghue and Candès 2015). BadInput if that does not settle.
    """
    names, mean = tuple(sorted(set(labels))), features.mean(0)
    spread = features.std(0)
    scale = np.where(spread > FLOOR, spread, 1.0)
    n, d = features.shape
    inputs = np.hstack([(features - mean) / scale, np.ones((n, 1))])
    wanted = (np.array(labels)[:, None] == np.array(names)).astype(float)
    held = np.append(np.full(d, l2), FLOOR)[:, None]
    inverse = np.linalg.inv(inputs.T @ inputs / (2 * n) + np.diag(held[:, 0]))
    weights = ahead = np.zeros((d + 1, len(names)))
    gathered = 0
    for _ in range(MOST_STEPS):
        gradient = inputs.T @ (_softmax(inputs @ ahead) - wanted) / n + held * ahead
        if np.abs(gradient).max() < TOLERANCE:
            return Classifier(names, name, ahead[:-1], ahead[-1], mean, scale)
        before, weights = weights, ahead - inverse @ gradient
        gathered = 0 if (gradient * (weights - before)).sum() > 0 else gathered + 1
        ahead = weights + gathered / (gathered + 3) * (weights - before)
    raise BadInput([f"the fit has not settled after {MOST_STEPS} steps; raise --l2 above {l2:g}"])


def _softmax(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(logits - logits.max(1, keepdims=True))
    return raised / raised.sum(1, keepdims=True)
