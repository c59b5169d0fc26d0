"""What a question asks for: its words, its unit, and the numbers that it gives."""

import re
from functools import lru_cache

from rewards.reading.amounts import amounts, unit_of
from rewards.reading.fold import fold
from rewards.reading.numerals import digits

SENTENCE = re.compile(r"[.?!](?=\s|$)|\n")
HEAD_END = re.compile(
    r"\b(?:of|in|for|with|who|at|from|if|when|after|by|using|on|is|are|does|did|was|were)\b(?! the\b| this\b)|\("
)
GIVEN = re.compile(r"[A-Za-z][\w+-]*(?: (?:of|is|=))? (?=[<>]?\d)")  # an input with its value
WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]*|[\u4e00-\u9fff]")
COMMON = frozenset((
    "the", "what", "which", "how", "patient", "patients", "his", "her", "this", "that", "for", "with", "and", "your",
    "answer", "using", "based", "value", "is", "are", "of", "in", "many", "much", "terms", "level", "per", "above",
    "below", "from", "calculate", "compute", "give", "was", "were", "does", "did", "has", "have", "been", "will",
    "should", "would"
))  # fmt: skip
FORMAT = re.compile(
    r"\s*(?:round|answer|your|express|report|please|use|assume|note|show|state your|write|you)\b", re.IGNORECASE
)
ASKED_UNIT = re.compile(
    r"(?:\bin(?: terms of| units? of| the units? of)?|\bexpressed (?:as|in)|\bhow many|\bas an?)\s(?=[A-Za-z%µ°])"
    r"|\((?=[A-Za-z%µ°])",
    re.IGNORECASE,
)
PER_CENT = re.compile(r"%|\bper ?cent|\bpercent", re.IGNORECASE)
LONGEST = 3000  # characters from the end of a question that are read


@lru_cache(maxsize=2048)
def given_values(question: str) -> dict[object, frozenset[str]]:
    """The numbers and dates of a question, each with the units that it has there."""
    found: dict[object, frozenset[str]] = {}
    for amount in amounts(digits(fold(question[-LONGEST:]))):
        for part in amount.parts:
            found[part.value] = found.get(part.value, frozenset()) | {part.unit}
        if amount.date:
            found |= {amount.date.mdy: frozenset(), amount.date.dmy: frozenset()}
    return found


@lru_cache(maxsize=2048)
def asked_words(question: str) -> tuple[dict[str, int], frozenset[str]]:
    """(the words of what a question asks for with their weight, their initials).  What stands before "of", "in" and
    the like weighs double; an input is never asked for."""
    sentence = question_end(question)
    bare = GIVEN.sub(" ", sentence)
    asked = {word.lower(): 1 for word in content(bare) or content(sentence)}
    asked |= {word: 2 for word in map(str.lower, content(HEAD_END.split(sentence)[0])) if word in asked}
    letters = "".join(word[0] for word in asked)
    short = {letters[i : i + n] for n in (2, 3, 4) for i in range(len(letters) - n + 1)}
    return asked, frozenset(short)


def question_end(question: str) -> str:
    """The sentence of a question that asks, up to a colon; not one on the form of the answer."""
    plain = fold(question[-LONGEST:])
    plain = plain[: plain.rfind("?")] if "?" in plain else plain  # what follows gives values
    sentences = [part for part in SENTENCE.split(plain) if part.strip() and not FORMAT.match(part)]
    return (sentences or [""])[-1].partition(":")[0]


def content(text: str) -> list[str]:
    """The words of a text that carry meaning; short ones only where they are symbols, such as pH."""
    return [
        word for word in WORD.findall(text) if word.lower() not in COMMON and (len(word) > 2 or word != word.lower())
    ]


@lru_cache(maxsize=2048)
def asked_unit(question: str) -> str:
    """The unit in which a question wants its answer; '' if it names none.

    >>> asked_unit("What is the MAP in mm Hg?"), asked_unit("What is FENa? Answer as a percentage.")
    ('mm Hg', '%')
    """
    plain = fold(question[-LONGEST:])
    asked = [match.end() for match in ASKED_UNIT.finditer(plain)]
    for place in asked:
        found, _ = unit_of(plain[place : place + 40])
        if found:
            return "%" if PER_CENT.fullmatch(found) or found.lower().startswith("percent") else found
    return ""
