"""RaTEScore, by the function that rewards."""

from collections.abc import Sequence

from eval.metrics import Metric, Scores, _models, mean, said
from rewards.reading.report_models import scorer


def ratescore(predictions: Sequence[str], references: Sequence[str]) -> Scores:
    return mean(said(predictions, references, scorer("ratescore")))


METRICS = (
    Metric(
        "ratescore",
        "RaTEScore",
        "model",
        "mean over reports of RaTEScore (Zhao 2024): entities matched by their embeddings, weighed by their types; "
        "0 where a text has no entity, for which the package says 0.5",
        ratescore,
        _models.lacking(
            "RaTEScore",
            "ratescore",
            "Angelakeke/RaTE-NER-Deberta and FremyCompany/BioLORD-2023-C",
            " in an environment of its own (it keeps to numpy < 2)",
        ),
    ),
)
