"""Report metrics that are models, each an optional extra with weights of its own."""

import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from rewards.contract import RewardError

Scorer = Callable[[str, str], float]
Model = TypeVar("Model")
METRICS = ("radgraph", "ratescore", "chexbert")
EXTRAS = {"radgraph": "radeval", "ratescore": "ratescore", "chexbert": "radeval"}


@cache
def scorer(metric: str) -> Scorer:
    """(report, reference) -> score from 0 to 1, on the CPU, loaded once; RewardError where package or weights lack."""
    make = {"radgraph": radgraph, "ratescore": ratescore, "chexbert": chexbert}[metric]
    return loaded(f"reward report: metric {metric!r}", EXTRAS[metric], make)


def loaded(who: str, extra: str, make: Callable[[], Model]) -> Model:
    """What `make` returns; RewardError, one line, where a package of the extra or the weights are missing."""
    try:
        return make()
    except ImportError as error:
        raise RewardError(f"{who}: its package is missing ({error}): pip install -e '.[{extra}]'") from error
    except Exception as error:  # radeval raises a bare Exception where weights cannot be downloaded
        reason = " ".join(str(error).split())[:200]
        raise RewardError(
            f"{who}: cannot be loaded ({type(error).__name__}: {reason}); its weights come from the Hugging Face hub: "
            "load them once on a machine that reaches it, and copy its cache"
        ) from error


def radgraph() -> Scorer:
    """Entities, and whether they have relations (reward level "partial"): Delbrouck et al., arXiv 2210.12186."""
    find_radeval()
    from radeval.metrics.radgraph import F1RadGraph  # pyright: ignore[reportMissingImports]

    model = F1RadGraph(reward_level="partial", model_type="radgraph-xl", cuda=-1)
    return lambda said, gold: float(model(hyps=[said], refs=[gold])[0])


def find_radeval() -> None:
    """Make what radeval 2.2.1 holds findable under the name it had before, by which its RadGraph asks for its parts."""
    import radeval  # pyright: ignore[reportMissingImports]

    sys.modules.setdefault("RadEval", radeval)


def ratescore() -> Scorer:
    """Entities by their embeddings: Zhao et al., arXiv 2406.16845.  It says 0.5 where a text has no entity: 0 here."""
    from RaTEScore import RaTEScore  # pyright: ignore[reportMissingImports]

    model = RaTEScore(use_gpu=False)

    def score(said: str, gold: str) -> float:
        value = float(model.compute_score([said], [gold])[0])
        return 0.0 if value == 0.5 else value

    return score


def chexbert() -> Scorer:
    """Micro F1 of the 14 labels of CheXbert (Smit et al., arXiv 2004.09167), uncertain as positive."""
    model = labeler()

    def score(said: str, gold: str) -> float:
        right, stated, due = agreement(*model.get_labels([said, gold]))
        return 2 * right / (stated + due) if right else 0.0

    return score


@cache
def labeler() -> Any:
    """CheXbert itself: `get_labels(texts)` -> 14 times 0 or 1 a text, `get_embeddings(texts)` -> a vector a text."""
    from radeval.metrics.f1chexbert import F1CheXbert  # pyright: ignore[reportMissingImports]

    return F1CheXbert(device="cpu")


def agreement(said: Sequence[int], gold: Sequence[int]) -> tuple[int, int, int]:
    """(labels that both have, labels said, labels due)."""
    return sum(map(int.__mul__, said, gold)), sum(said), sum(gold)
