"""The cheap tests before slow patterns let through whatever the patterns match."""

import random
import re
from re import _constants as code  # pyright: ignore[reportAttributeAccessIssue]
from re import _parser as parser  # pyright: ignore[reportAttributeAccessIssue]

import pytest

from rewards.reading.prose import REFUSAL, REFUSAL_HINTS
from rewards.response import RETRACTION_HINTS, TAKEN_BACK


def made(nodes, rng: random.Random) -> str:
    """A text that a parsed pattern matches, with every choice in it drawn; what it looks at around is left out."""
    return "".join(piece(name, value, rng) for name, value in nodes)


def piece(name, value, rng: random.Random) -> str:
    if name is code.LITERAL:
        return rng.choice((chr(value).upper(), chr(value).lower(), chr(value)))
    if name is code.NOT_LITERAL:
        return rng.choice(" x")
    if name is code.IN:
        return member(value, rng)
    if name is code.BRANCH:
        return made(rng.choice(value[1]), rng)
    if name is code.SUBPATTERN:
        return made(value[3], rng)
    if name in (code.MAX_REPEAT, code.MIN_REPEAT):
        low, high, nodes = value
        return "".join(made(nodes, rng) for _ in range(rng.randint(low, min(high, low + 2))))
    assert name in (code.AT, code.ASSERT, code.ASSERT_NOT), name
    return rng.choice(("", " ")) if name is code.ASSERT else ""


def member(options, rng: random.Random) -> str:
    """A character of a set; a letter or a space for one that says what it is not."""
    name, value = rng.choice(options)
    if name is code.LITERAL:
        return chr(value)
    return {code.CATEGORY_SPACE: " ", code.CATEGORY_DIGIT: "7"}.get(value, rng.choice(" x"))


PATTERNS = {"taken back": (TAKEN_BACK, RETRACTION_HINTS), "refusal": (REFUSAL, REFUSAL_HINTS)}


@pytest.mark.parametrize(("pattern", "hints"), PATTERNS.values(), ids=PATTERNS)
def test_one_of_the_hints_stands_in_all_that_a_pattern_matches(pattern: re.Pattern[str], hints: tuple[str, ...]):
    rng, nodes, n_matched = random.Random(0), parser.parse(pattern.pattern, pattern.flags), 0
    for _ in range(20_000):
        text = rng.choice(("", "well. ", "so, ")) + made(nodes, rng) + rng.choice(("", " x", ", x", "."))
        for match in pattern.finditer(text):
            assert any(hint in match[0].lower() for hint in hints), text
            n_matched += 1
    assert n_matched > 5_000
