"""The strict form of a response: one thinking, then one answer, nothing else."""

import re
from functools import lru_cache

from rewards import Response, Score, reward


@reward(low=0.0, high=1.0)
def format(response: Response, think_tag: str = "think", answer_tag: str = "answer") -> Score:
    """1 if the text is exactly one non-empty thinking block, then one non-empty answer block, and else only space.

    Source: the strict format reward of the paper, weight 0.5 (Lingshu, arXiv 2506.07044, section 3.1.4).
    Known hacks, all scored 0: empty thinking, a second block of either kind, tags inside a block, text around them.
    Limit: it judges the form only; thinking that says nothing is another reward's business.

    >>> format("<think>thin wall</think>\\n<answer>C</answer>").value
    1.0
    >>> [format(text).value for text in ("<think> </think><answer>C</answer>", "C", "<answer>C</answer>")]
    [0.0, 0.0, 0.0]
    """
    strict, tag = patterns(think_tag, answer_tag)
    match = strict.fullmatch(response.text)
    if not match:
        return Score(0.0, None, "format", "not one thinking block, then one answer block, and nothing else")
    if not all(re.search(r"\w", block) for block in match.groups()):
        return Score(0.0, None, "format", "an empty block")
    if any(tag.search(block) for block in match.groups()):
        return Score(0.0, None, "format", "a tag inside a block")
    return Score(1.0, None, "format", "one thinking block, then one answer block")


@lru_cache(maxsize=8)
def patterns(think: str, answer: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """(the whole text in form, either tag as it may be written inside a block)."""
    think, answer = re.escape(think), re.escape(answer)
    strict = rf"\s*<{think}>((?:(?!</{think}>).)*)</{think}>\s*<{answer}>((?:(?!</{answer}>).)*)</{answer}>\s*"
    return re.compile(strict, re.DOTALL), re.compile(rf"<\s*/?\s*(?:{think}|{answer})\s*>", re.IGNORECASE)
