"""Right answers pay, wrong ones do not, and saying "I cannot tell" pays what a coin of known odds would."""

import re
from collections.abc import Mapping, Sequence

from rewards import Response, RewardError, Score, reward
from rewards.library.answer_match import answer_match
from rewards.reading.fold import fold
from rewards.reading.prose import committed_clause, committed_text

# Beside what `committed_clause` takes for a refusal: these words alone.
DECLINED = re.compile(
    r"(?:(?:it|this|that|the answer)(?: is|'s)? )?(?:unknown|unclear|unanswerable|undetermined|indeterminate|not known)"
    r"|i (?:would )?(?:abstain|decline)(?: to answer| from answering)?|(?:cannot|can not|can't) be (?:told|assessed)"
    r"|(?:无法|不能)(?:确定|判断|回答)|不确定|不知道",
    re.IGNORECASE,
)
EXAMPLES = [
    {
        "question": "Is the effusion malignant?",
        "answer": "yes",
        "right": ["yes", "Yes, it is."],
        "wrong": ["no", "maybe", "yes or no"],
    },
    {
        "question": "Is the effusion malignant?",
        "answer": "yes",
        "answerable": False,
        "right": ["I don't know", "This cannot be determined."],
        "wrong": ["yes", "no"],
    },
]


@reward(low=0.0, high=1.0)
def abstention(
    response: Response,
    answer: str | list[str] | None,
    options: Mapping[str, str] | Sequence[str] | None = None,
    kind: str | None = None,
    question: str | None = None,
    answerable: bool | None = None,
    threshold: float = 0.25,
) -> Score | None:
    """1 for the right answer (by answer_match), `threshold` for declining to answer, 0 for a wrong answer or none.

    So declining pays where the chance to be right is below `threshold`, and refusing everything pays less than any
    better guess.  Where the column `answerable` says False, declining is right (1) and every answer wrong (0).
    Source: the rejection rule of Chow (IEEE Trans. Inf. Theory 16:41, 1970).  None where answer_match cannot grade.
    Known hacks: an empty or undecided response is wrong, not declined; declining and answering is judged as an answer.

    >>> [abstention(text, answer="yes").value for text in ("yes", "I cannot determine this.", "no", "", "yes or no")]
    [1.0, 0.25, 0.0, 0.0, 0.0]
    >>> [abstention(text, answer="yes", answerable=False).value for text in ("yes", "I don't know")]
    [0.0, 1.0]
    """
    if not 0 <= threshold < 1:
        raise RewardError(f"reward abstention: threshold is a probability below 1, not {threshold}")
    if answerable is False:
        text = committed_text(response)
        rule = committed_clause(text.value).rule if text.value else text.rule
        right = declined(response, rule)
        return Score(float(right), None, "unanswerable", "declined" if right else "not declined")
    verdict = answer_match(response, answer=answer, options=options, kind=kind, question=question)
    if verdict is None or verdict.value == 1.0 or not declined(response, verdict.rule):
        return verdict
    return Score(threshold, None, "declined", "the response declines to answer")


def declined(response: Response, rule: str) -> bool:
    """Whether the response, read by `rule`, commits to giving no answer."""
    return rule == "refusal" or bool(DECLINED.fullmatch(fold((response.answer or "")[:200]).strip(" .!")))
