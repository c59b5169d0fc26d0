"""BERTScore, with the settings that RadCliQ was fitted with."""

from collections.abc import Sequence

from eval.metrics import Metric, Scores, _models, mean, said
from rewards.reading.report_models import loaded


def bertscore(predictions: Sequence[str], references: Sequence[str]) -> Scores:
    model = loaded("report metric bertscore", "radeval", _scorer)
    return mean(said(predictions, references, lambda text, due: model([due], [text])[1][0]))


def _scorer():
    from radeval.metrics.bertscore.bertscore import BertScore  # pyright: ignore[reportMissingImports]

    return BertScore(model_type="distilroberta-base", num_layers=5, rescale_with_baseline=True, idf=False)


METRICS = (
    Metric(
        "bertscore",
        "BERTScore",
        "model",
        "mean over reports of BERTScore's F1 (Zhang 2020) on layer 5 of distilroberta-base, rescaled with its English "
        "baseline and so at times negative, no idf",
        bertscore,
        _models.lacking("radeval", "radeval", "distilroberta-base"),
    ),
)
