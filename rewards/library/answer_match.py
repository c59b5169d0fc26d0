"""The paper's accuracy reward: is the committed answer the gold one?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from rewards import Response, Score, reward
from rewards.library.multi_select import multi_select
from rewards.library.numeric import numeric
from rewards.library.option_choice import option_choice
from rewards.library.ranked_list import ranked_list
from rewards.library.yes_no import yes_no
from rewards.reading.gold import infer_kind
from rewards.reading.named import phrase_match
from rewards.reading.tables import Synonyms

MOST_BLOCKS = 4


@reward(low=0.0, high=1.0)
def answer_match(
    response: Response,
    answer: str | list[str],
    options: Mapping[str, str] | Sequence[str] | None = None,
    kind: str | None = None,
    question: str | None = None,
    tolerance: float = 0.0,
    need_unit: bool = False,
    synonyms: Synonyms | None = None,
    lower: str | float | None = None,
    upper: str | float | None = None,
) -> Score | None:
    """1 if the response commits to the gold answer outside its thinking, judged by the row's kind, else 0.

    Source: the accuracy reward of Lingshu (arXiv 2506.07044, section 3.1.4), weight 1.0.  A missing `kind` is inferred
    from the gold.  tolerance, need_unit, lower, upper: see `numeric`.  synonyms: names of your own for free text, a
    mapping, or a TOML or TSV file (one thing a line, the name that stands for it first), beside those of
    `rewards/reading/terms`.  A ranked list is right if it is the best possible, a single gold at its head.  None where
    the gold is missing, contradicts its kind, or is a box or a report, which `box_iou` and `report` grade.
    Known hacks, all scored 0: see each kind; for text: lists, alternatives, negations, retractions, questions, the gold
    inside a longer statement or another name, a misspelling that is another word.  Limit: names that no table holds
    are compared word by word.

    >>> answer_match("<think>thin</think><answer>12 mEq/L</answer>", answer="12 mEq/L").value
    1.0
    >>> answer_match("It is not the lung.", answer="lung").value, answer_match("the left lung", answer="Lung").value
    (0.0, 1.0)
    """
    if answer is None or not str(answer).strip():
        return None
    kind = kind or infer_kind(answer, options)
    if response.candidates:
        columns = (answer, options, kind, question, tolerance, need_unit, synonyms, lower, upper)
        return in_each(response, lambda one: answer_match.function(one, *columns))
    if kind == "option":
        return option_choice.function(response, answer, options, question)
    if kind == "multi":
        return multi_select.function(response, answer, options, question)
    if kind == "ranked":
        ranked = ranked_list.function(response, answer, kind)
        return ranked and replace(ranked, value=float(ranked.value == 1.0))
    if kind == "yesno" or (kind == "text" and str(answer).strip(" .").lower() in ("yes", "no", "maybe")):
        return yes_no.function(response, answer, question)
    if kind == "numeric":
        return numeric.function(response, answer, tolerance, need_unit, lower, upper, question)
    return phrase_match(response, answer, question, synonyms) if kind == "text" and isinstance(answer, str) else None


def in_each(response: Response, judge: Callable[[Response], Score | None]) -> Score | None:
    """Several answer blocks in different words: right if each of them is."""
    verdicts = [judge(replace(response, answer=one, candidates=())) for one in response.candidates[:MOST_BLOCKS]]
    if None in verdicts:
        return None
    right = len(response.candidates) <= MOST_BLOCKS and all(verdict and verdict.value == 1.0 for verdict in verdicts)
    return Score(float(right), response.candidates[0][:200] if right else None, "conflict", "several answer blocks")
