"""RadGraph-F1, by the function that rewards."""

from collections.abc import Sequence

from eval.metrics import Metric, Scores, _models, mean, said
from rewards.reading.report_models import scorer


def radgraph(predictions: Sequence[str], references: Sequence[str]) -> Scores:
    return mean(said(predictions, references, scorer("radgraph")))


METRICS = (
    Metric(
        "radgraph",
        "RadGraph-F1",
        "model",
        "mean over reports of the F1 of entities and whether they have relations (Delbrouck 2022), by RadGraph-XL",
        radgraph,
        _models.lacking("radeval", "radeval", f"radgraph-xl.tar.gz {_models.SCORERS}, and the encoder that it names"),
    ),
)
