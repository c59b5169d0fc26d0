"""METEOR, by NLTK with WordNet."""

from collections.abc import Sequence

from eval.metrics import Metric, Scores, _nltk, mean, said
from rewards.reading.overlap import words


def missing() -> str | None:
    """NLTK, or WordNet, without which synonyms would not count and the number would be another metric's."""
    if lacking := _nltk.missing():
        return lacking
    from nltk.corpus import wordnet

    try:
        wordnet.ensure_loaded()
    except (LookupError, OSError):
        return (
            "needs WordNet 3.0, NLTK's corpus `wordnet` (10 MB): python -m nltk.downloader wordnet, or unpack its zip "
            "from github.com/nltk/nltk_data under $NLTK_DATA/corpora"
        )
    return None


def meteor(predictions: Sequence[str], references: Sequence[str]) -> Scores:
    from nltk.corpus import wordnet
    from nltk.translate.meteor_score import single_meteor_score

    def judge(text: str, due: str) -> float:
        return float(single_meteor_score(words(due), words(text), wordnet=wordnet))

    return mean(said(predictions, references, judge))


METRICS = (
    Metric(
        "meteor",
        "METEOR",
        "words",
        "mean over reports of METEOR as of 2007 (Lavie and Agarwal; NLTK, alpha 0.9, beta 3, gamma 0.5): words aligned "
        "by form, Porter stem and WordNet synonyms, less for every break in their order; not METEOR 1.5, which has "
        "paraphrases too",
        meteor,
        missing,
    ),
)
