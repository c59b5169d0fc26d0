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
    found = blocks(response.text, think_tag, answer_tag)
    if not found:
        return Score(0.0, None, "format", "not one thinking block, then one answer block, and nothing else")
    if not all(re.search(r"\w", block) for block in found):
        return Score(0.0, None, "format", "an empty block")
    if any(tag_pattern(think_tag, answer_tag).search(block) for block in found):
        return Score(0.0, None, "format", "a tag inside a block")
    return Score(1.0, None, "format", "one thinking block, then one answer block")


def blocks(text: str, *tags: str) -> list[str]:
    """What stands in one block of each tag in turn, if the text is nothing else but these; else nothing."""
    found, rest = [], text.strip()
    for tag in tags:
        if not rest.startswith(f"<{tag}>"):
            return []
        block, closing, rest = rest.removeprefix(f"<{tag}>").partition(f"</{tag}>")
        found += [block] if closing else []
        rest = rest.lstrip()
    return found if len(found) == len(tags) and not rest else []


@lru_cache(maxsize=8)
def tag_pattern(think: str, answer: str) -> re.Pattern[str]:
    """Either tag as it may be written inside a block."""
    return re.compile(rf"<\s{{0,4}}/?\s{{0,4}}(?:{re.escape(think)}|{re.escape(answer)})\s{{0,4}}>", re.IGNORECASE)
