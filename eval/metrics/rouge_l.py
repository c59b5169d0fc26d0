"""ROUGE-L, by the function that rewards; the tests hold it against the package rouge-score."""

from collections.abc import Sequence

from eval.metrics import Metric, Scores, mean, said
from rewards.reading import overlap


def rouge_l(predictions: Sequence[str], references: Sequence[str]) -> Scores:
    return mean(said(predictions, references, overlap.rouge_l))


METRICS = (
    Metric(
        "rouge_l",
        "ROUGE-L",
        "words",
        "mean over reports of the F1 of the longest common subsequence of words (Lin 2004), the report as one sequence",
        rouge_l,
    ),
)
