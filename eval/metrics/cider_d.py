"""CIDEr-D, by the function that rewards; the tests hold it against the values of pycocoevalcap."""

from collections.abc import Sequence

from eval.metrics import Metric, Missing, Scores, mean, said
from rewards.reading import overlap


def cider_d(predictions: Sequence[str], references: Sequence[str]) -> Scores:
    """Missing where all references are alike: then no word is rarer than another, and every value would be 0."""
    if len(set(references)) < 2:
        raise Missing("needs at least two different references: it weighs words by how rare they are among them")
    seen, number = overlap.counted(references)
    return mean(said(predictions, references, lambda text, due: overlap.cider_d(text, due, seen, number)))


METRICS = (
    Metric(
        "cider_d",
        "CIDEr-D",
        "words",
        "mean over reports of CIDEr-D (Vedantam 2015): cosine of tf-idf vectors of 1- to 4-grams, clipped, with a "
        "penalty on the difference in length (sigma 6); idf from the references of this very file, held fixed in the "
        "interval; from 0 to 1, and times 10 as its authors print it in tables",
        cider_d,
        times=1000.0,
    ),
)
