"""BLEU-1 to BLEU-4, on NLTK's counts."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from eval.metrics import Metric, Scores, _nltk
from rewards.reading.overlap import words


def bleu(predictions: Sequence[str], references: Sequence[str], order: int) -> Scores:
    """parts: the words said and due, then for each size of n-gram those that match and all there are."""
    from nltk.translate.bleu_score import modified_precision

    def counts(text: list[str], due: list[str]) -> list[int]:
        found = [len(text), len(due)]
        for size in range(1, order + 1):
            # not its denominator, which is 1 for a text that is shorter than the n-gram
            found += [modified_precision([due], text, size).numerator, max(0, len(text) - size + 1)]
        return found

    pairs = zip(map(words, predictions), map(words, references), strict=True)
    parts = np.array([counts(text, due) for text, due in pairs], dtype=float)
    return Scores(value(parts).tolist(), parts, value)


def value(sums: np.ndarray) -> np.ndarray:
    """Geometric mean of the shares that match, times the penalty on texts shorter than what was due; not smoothed."""
    said, due, matches, there = sums[..., 0], sums[..., 1], sums[..., 2::2], sums[..., 3::2]
    with np.errstate(divide="ignore"):
        precision = np.exp(np.log(matches / np.maximum(1.0, there)).mean(axis=-1))
        penalty = np.exp(np.minimum(0.0, 1 - due / np.maximum(1.0, said)))
    return precision * penalty


METRICS = tuple(
    Metric(
        f"bleu_{order}",
        f"BLEU-{order}",
        "words",
        f"corpus BLEU of 1- to {order}-grams (Papineni 2002): counts summed over the file, one reference, no "
        "smoothing; a report's own value is its sentence BLEU, and the mean of these is another number",
        partial(bleu, order=order),
        _nltk.missing,
    )
    for order in range(1, 5)
)
