"""The options taken away: who knows the answer can say it, who knows how to exclude cannot."""

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from data import Example
from eval.probes import Asked, shuffle

ABOUT = "the options taken away, the answer to be said in words: who can only exclude falls"
# Questions that cannot be answered without their options.
POINTS = re.compile(
    r"\b(following|below|these|listed|options?|choices?|except|incorrect|not true|false|least)\b"
    r"|下列|以下|哪(一)?[项种个]是?(错误|不正确|正确)",
    re.IGNORECASE,
)


def applies(item: Example) -> bool:
    """One right option with words of its own, asked for by a question that stands alone."""
    options = item.options or {}
    if item.kind != "option" or not isinstance(item.answer, str) or item.answer not in options:
        return False
    gold = options[item.answer]
    return not (shuffle.ANCHOR.search(gold) or shuffle.REFERS.search(gold) or POINTS.search(item.question))


def ask(asked: Asked, others: Sequence[Example], rng: random.Random) -> Asked:
    gold = (asked.item.options or {})[str(asked.item.answer)]
    return replace(asked, item=replace(asked.item, options=None, answer=gold, kind=""))
