"""The reward `report` as a metric: the same function that trains."""

from collections.abc import Sequence

import rewards
from eval.metrics import Metric, Scores, mean
from rewards import Response


def findings(predictions: Sequence[str], references: Sequence[str]) -> Scores:
    """The reward of every text; None where the reference says nothing that the reward can read."""
    reward = rewards.load("report")
    found = [
        reward(Response(text, answer=text or None, rule="prose"), answer=due)
        for text, due in zip(predictions, references, strict=True)
    ]
    return mean([None if score is None else score.value for score in found])


METRICS = (
    Metric(
        "report",
        "findings F1",
        "reward",
        "mean over reports of the reward `report`: F1 of the findings that are present, with their side, read by rules "
        "(rewards/reading/chest_findings.toml), above what naming every finding earns",
        findings,
        headed=True,
    ),
)
