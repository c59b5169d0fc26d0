"""RadCliQ-v1, the combination of four metrics that predicts how many errors a radiologist would find."""

from collections.abc import Sequence

import numpy as np

from eval.metrics import Metric, Scores, _models
from rewards.reading.report_models import find_radeval, loaded

EMPTY = 2.4501  # what its coefficients make of four parts that are 0


def radcliq(predictions: Sequence[str], references: Sequence[str]) -> Scores:
    """items: RadCliQ-v1, lower is better; parts: 1 and it, whose ratio over the file is the inverse of the mean."""
    model = loaded("report metric radcliq_v1", "radeval", _composite)
    found = np.asarray(model.predict(list(references), list(predictions))[1], dtype=float)
    found = np.where([not text.strip() for text in predictions], EMPTY, found)
    parts = np.stack([np.ones_like(found), found], axis=-1)
    return Scores(found.tolist(), parts, lambda sums: sums[..., 0] / sums[..., 1])


def _composite():
    find_radeval()
    from radeval.metrics.RadCliQv1.radcliq import CompositeMetric  # pyright: ignore[reportMissingImports]

    return CompositeMetric()


METRICS = (
    Metric(
        "radcliq_v1",
        "1/RadCliQ-v1",
        "model",
        "1 over the mean of RadCliQ-v1 (Yu 2023): a linear model of RadGraph F1, BERTScore (idf from the references of "
        "this file), SembScore and BLEU-2; a report's own value is RadCliQ-v1 itself, where less is better and an "
        f"empty report has {EMPTY}; not bounded by 1",
        radcliq,
        _models.lacking(
            "radeval",
            "radeval",
            f"radgraph.tar.gz and chexbert.pth {_models.SCORERS}, the encoder that the first names, the tokenizer of "
            "bert-base-uncased, and distilroberta-base",
        ),
    ),
)
