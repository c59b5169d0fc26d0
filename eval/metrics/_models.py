"""What the metrics that are models share: what they need, said before anything is loaded."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from rewards.reading import report_models

SCORERS = "of StanfordAIMI/RRG_scorers"


def lacking(package: str, extra: str, weights: str, note: str = "") -> Callable[[], str | None]:
    """A check for the package; its line names the extra that brings it and the weights it will load."""

    def missing() -> str | None:
        if find_spec(package):
            return None
        return (
            f"needs the package {package}: pip install -e '.[{extra}]'{note}; and, from the Hugging Face hub or a copy "
            f"of its cache, the weights {weights}"
        )

    return missing


needs_chexbert = lacking("radeval", "radeval", f"chexbert.pth {SCORERS}, and the tokenizer of bert-base-uncased")


def chexbert() -> Any:
    """CheXbert, loaded once; RewardError where it cannot be."""
    return report_models.loaded("report metric: CheXbert", "radeval", report_models.labeler)
