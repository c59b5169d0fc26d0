"""Right answers, with a confidence that is honest."""

import math
from collections.abc import Mapping, Sequence

from rewards import Response, RewardError, Score, reward
from rewards.contract import gold_text
from rewards.library.answer_match import answer_match
from rewards.reading.confidence import stated

FLOOR = 0.01  # the log score is bounded: what is given less than 1 % counts as 1 %
EXAMPLES = [
    {
        "question": "Is there an effusion?",
        "answer": "yes",
        "right": ["yes (confidence 100%)", "Yes, I am 100% sure."],
        "wrong": ["no (confidence 100%)", "yes", "no", "yes, confidence: 20%, confidence: 90%", "Confidence: 100%"],
    },
    {
        "question": "What is the anion gap?",
        "answer": "12 mEq/L",
        "right": "12 mEq/L. I am 100% sure",
        "wrong": ["90 mEq/L, 100% sure", "12 mEq/L", "confidence 400%"],
    },
]


@reward(low=0.0, high=1.0)
def calibration(
    response: Response,
    answer: str | list[str],
    options: Mapping[str, str] | Sequence[str] | None = None,
    kind: str | None = None,
    question: str | None = None,
    score: str = "brier",
    unstated: float = 0.0,
) -> Score | None:
    """The mean of being right (by answer_match: 1 or 0) and of a proper score of the stated confidence.

    score: "brier" (1 - (confidence - right)^2) or "log" (bounded at 1 %).  unstated: what a response without one clear
    confidence earns.  A confidence is stated outside the thinking: "Confidence: 90%", "0.9 sure", "<confidence>".
    None where answer_match cannot grade.
    Source: RLCR (arXiv 2507.16806): with correctness in the sum, the true confidence and the best answer together
    maximise the expected reward.  Brier 1950.
    Known hacks: a wrong answer with confidence 0 earns 0.5, never more than an honest try; no confidence earns
    `unstated`; words ("very sure") and two confidences are none.

    >>> [calibration(text, answer="yes").value for text in ("yes (90% sure)", "yes (10% sure)", "no (90% sure)", "yes")]
    [0.995, 0.595, 0.095, 0.0]
    """
    if score not in ("brier", "log"):
        raise RewardError(f"reward calibration: score must be 'brier' or 'log', not {score!r}")
    confidence, rest = stated(response)
    verdict = answer_match(rest, answer=answer, options=options, kind=kind, question=question)
    if verdict is None:
        return None
    if confidence is None:
        return Score(unstated, verdict.parsed, "unstated", "no single confidence is stated")
    right = verdict.value
    given = confidence if right else 1 - confidence  # the probability given to what is the case
    proper = 1 - (1 - given) ** 2 if score == "brier" else 1 - math.log(max(given, FLOOR)) / math.log(FLOOR)
    value = round((right + proper) / 2, 9)
    return Score(value, f"{verdict.parsed} at {confidence:.0%}", score, verdict.why)


def right_answer(columns: Mapping[str, object]) -> str:
    """The gold, and sure of it."""
    return f"{gold_text(columns.get('answer'))} (confidence 100%)"
