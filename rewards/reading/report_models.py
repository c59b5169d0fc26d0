"""Report metrics that are models, each an optional extra with weights of its own."""

from collections.abc import Callable
from functools import cache

from rewards.contract import RewardError

Scorer = Callable[[str, str], float]
METRICS = ("radgraph", "ratescore", "chexbert")


@cache
def scorer(metric: str) -> Scorer:
    """(report, reference) -> score from 0 to 1, on the CPU, loaded once; RewardError where package or weights lack."""
    try:
        return {"radgraph": radgraph, "ratescore": ratescore, "chexbert": chexbert}[metric]()
    except ImportError as error:
        reason = f"its package is missing ({error}): pip install -e '.[{metric}]'"
        raise RewardError(f"reward report: metric {metric!r}: {reason}") from error
    except Exception as error:  # radgraph raises a bare Exception where its weights cannot be downloaded
        reason = " ".join(str(error).split())[:200]
        raise RewardError(
            f"reward report: metric {metric!r}: its weights cannot be loaded ({type(error).__name__}: {reason}); "
            "load them once on a machine with access to the Hugging Face hub and copy its cache"
        ) from error


def radgraph() -> Scorer:
    """Entities, and whether they have relations (reward level "partial"): Delbrouck et al., arXiv 2210.12186."""
    from radgraph import F1RadGraph  # pyright: ignore[reportMissingImports]

    model = F1RadGraph(reward_level="partial", model_type="radgraph-xl", cuda=-1)
    return lambda said, gold: float(model(hyps=[said], refs=[gold])[0])


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
    from f1chexbert import F1CheXbert  # pyright: ignore[reportMissingImports]

    model = F1CheXbert(device="cpu")
    return lambda said, gold: float(model(hyps=[said], refs=[gold])[2]["micro avg"]["f1-score"])
