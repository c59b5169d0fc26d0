"""What CheXbert makes of a report: its 14 labels, and the vector they are read from."""

from collections.abc import Sequence

import numpy as np

from eval.metrics import Metric, Scores, _models, mean, said
from rewards.reading import report_models


def labels(predictions: Sequence[str], references: Sequence[str]) -> Scores:
    """parts: labels that both have, labels said and due; an empty report has none."""
    model = _models.chexbert()
    silent = [0] * 14
    pairs = zip(predictions, references, strict=True)
    counted = [
        report_models.agreement(model.get_labels([text])[0] if text.strip() else silent, model.get_labels([due])[0])
        for text, due in pairs
    ]
    parts = np.array(counted, dtype=float)
    return Scores(f1(parts).tolist(), parts, f1)


def f1(sums: np.ndarray) -> np.ndarray:
    """0 where neither has a label."""
    return 2 * sums[..., 0] / np.maximum(1.0, sums[..., 1] + sums[..., 2])


def semb(predictions: Sequence[str], references: Sequence[str]) -> Scores:
    model = _models.chexbert()

    def cosine(text: str, due: str) -> float:
        left, right = map(np.asarray, model.get_embeddings([text, due]))
        return float(left @ right / (np.linalg.norm(left) * np.linalg.norm(right)))

    return mean(said(predictions, references, cosine))


METRICS = (
    Metric(
        "chexbert_f1",
        "CheXbert F1",
        "model",
        "micro F1 over the file of CheXbert's 14 labels (Smit 2020), uncertain as positive; a report's own value is "
        "the F1 of its labels",
        labels,
        _models.needs_chexbert,
    ),
    Metric(
        "semb_score",
        "SembScore",
        "model",
        "mean over reports of the cosine of CheXbert's embeddings, the last hidden state of [CLS] (768 numbers), as "
        "CXR-Report-Metric computes it; not of the 14 labels",
        semb,
        _models.needs_chexbert,
    ),
)
