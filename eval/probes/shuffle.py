"""The options in another order, the gold letter moved along: who knows the answer finds it again."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from data import Example
from eval.probes import Asked

ABOUT = "the options in another order, the gold letter moved along: who knows the answer finds it again"
# Options that speak of the others, by what they say; these stay where they are. English and Chinese.
ANCHOR = re.compile(
    r"\b(none|all|neither|both|any|either)\b.{0,20}\b(above|these|them|following|options?|choices?)\b"
    r"|^\W*(none|all|both|neither|nota|aota)\W*$|\b(not|cannot be) determined\b|以上|均|都(不|是|对)",
    re.IGNORECASE,
)
# Options that name others by letter or number, as in "A and C" or "1, 2": no order but theirs is right.
NAME = r"\W*[A-Z1-9]\W*"
REFERS = re.compile(
    rf"^\W*(both |neither |either )?(options? )?{NAME}(,|and|or|nor|&|\+|和|或){NAME}((,|and|or|&){NAME})*$",
    re.IGNORECASE,
)


def applies(item: Example) -> bool:
    options = item.options or {}
    free = [text for text in options.values() if not ANCHOR.search(text)]
    return len(free) > 1 and not any(REFERS.search(text) for text in options.values())


def ask(asked: Asked, others: Sequence[Example], rng: random.Random) -> Asked:
    options = asked.item.options or {}
    moved = order(options, rng)
    shown = {letter: options[moved[letter]] for letter in options}
    back = {old: new for new, old in moved.items()}
    gold = asked.item.answer
    answer = back[gold] if isinstance(gold, str) else sorted(back[letter] for letter in gold)
    return replace(asked, item=replace(asked.item, options=shown, answer=answer))


def order(options: Mapping[str, str], rng: random.Random) -> dict[str, str]:
    """Letter -> the letter whose text it is given; anchors keep theirs, of the others at least one moves."""
    free = [letter for letter, text in options.items() if not ANCHOR.search(text)]
    drawn = list(free)
    while drawn == free:
        rng.shuffle(drawn)
    return {letter: letter for letter in options} | dict(zip(free, drawn, strict=True))
