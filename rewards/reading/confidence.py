"""A stated confidence: a number with the word confidence, confident, sure or certain beside it."""

import re
from dataclasses import replace

from rewards.reading.fold import fold
from rewards.reading.visible import visible
from rewards.response import Response

AMOUNT = r"(-?\d{1,4}(?:\.\d{1,6})?|\.\d{1,6})\s{0,2}(%|percent\b|/\s?100?(?!\d))?"
STATED = re.compile(
    r"[(\[,;]?\s{0,2}(?:<confidence>|(?:\b(?:my|with|at|and)\s)?\b(?:confidence|certainty|probability)"
    r"(?:\s(?:level|score|in (?:this|my) answer|of being (?:right|correct)))?|置信度|信心)"
    rf"\s{{0,2}}(?:is|of|=|:|为|是)?\s{{0,2}}(?:about|around|~)?\s{{0,2}}{AMOUNT}"
    r"(?:\s{0,2}(?:confident|confidence|sure|certain)\b)?(?:\s{0,2}</confidence>)?[)\]]?"
    rf"|[(\[,;]?\s{{0,2}}(?:\b(?:i am|i'm|with|at)\s)?(?:about|around|~)?\s{{0,2}}(?<![\w.]){AMOUNT}"
    r"\s{0,2}(?:confident|confidence|sure|certain|certainty)\b[)\]]?",
    re.IGNORECASE,
)
LONGEST = 8000  # characters from the end that are searched


def stated(response: Response) -> tuple[float | None, Response]:
    """(the one confidence stated outside the thinking, from 0 to 1, or None; the response without the statement).

    A number with % or over 1 is a percentage.  Two different confidences, or one beyond 100 %, are none.

    >>> from rewards.response import parse
    >>> [stated(parse(text))[0] for text in ("C. Confidence: 90%", "C (80% sure)", "C", "confidence 0.2 or 95% sure")]
    [0.9, 0.8, None, None]
    """
    found = {probability(match) for match in STATED.finditer(fold(visible(response)[-LONGEST:]))}
    left = STATED.sub(" ", fold(response.answer[-LONGEST:])).strip(" .,;\n") if response.answer else None
    rest = replace(response, answer=left or None, rule=response.rule if left else "empty")
    return found.pop() if len(found) == 1 else None, rest


def probability(match: re.Match[str]) -> float | None:
    """A matched amount as a probability."""
    number, scale = match.group(1, 2) if match[1] else match.group(3, 4)
    value = float(number)
    if scale and scale.startswith("/"):
        value /= float(scale[1:])
    elif scale or value > 1:
        value /= 100
    return value if 0 <= value <= 1 else None
