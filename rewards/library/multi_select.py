"""Several answers at once, as a set."""

import re
from collections.abc import Mapping, Sequence

from rewards import Response, Score, reward
from rewards.reading.canon import canon
from rewards.reading.option import lettered
from rewards.reading.phrase import same_phrase
from rewards.reading.prose import committed_clause, committed_text

ENTRIES = re.compile(r"\s*(?:[,;/\n]|\band\b|&|\+)\s*", re.IGNORECASE)
BULLET = re.compile(r"^(?:[-*•]|\d+[.)])\s+|^\[|\]$|^[\"']|[\"']$")
LETTER = re.compile(r"[(\[]?([A-Za-z])[)\].:]*(?:\s+(.*))?", re.DOTALL)


@reward(low=0.0, high=1.0)
def multi_select(
    response: Response, answer: list[str], options: Mapping[str, str] | Sequence[str] | None = None
) -> Score | None:
    """1 if the set of answers is the gold set: none missing, none extra, in any order.

    Source: exact match on label sets, as in multi-answer medical exams.  None where the gold is no list of texts.
    Known hacks, all scored 0: listing everything, alternatives ("or"), one right entry of several.

    >>> [multi_select(text, answer=["A", "C"]).value for text in ("A, C", "C and A", "A", "A, B, C", "AC")]
    [1.0, 1.0, 0.0, 0.0, 1.0]
    >>> multi_select("- fever\\n- dry cough", answer=["dry cough", "Fever"]).value
    1.0
    """
    if isinstance(answer, str) or not isinstance(answer, Sequence) or not answer:
        return None
    gold = [str(entry) for entry in answer]
    text = committed_text(response)
    if text.value is None:
        return Score(0.0, None, text.rule, text.why)
    clause = committed_clause(text.value.replace(";", ","))  # a semicolon separates entries here, not clauses
    body = text.value if "\n" in text.value and clause.rule == "clause" else clause.value
    if body is None or re.search(r"\bor\b|\bnot\b", body, re.IGNORECASE):
        return Score(0.0, None, clause.rule, clause.why or "alternatives or negations")
    said = entries(body, all(len(entry) == 1 for entry in gold), lettered(options))
    right = len(said) == len(set(map(canon, gold))) and all(any(same(one, entry) for one in said) for entry in gold)
    return Score(float(right), "; ".join(said) or None, "set", "the same set" if right else f"{said} is not {gold}")


def entries(body: str, letters: bool, options: Mapping[str, str]) -> list[str]:
    """The distinct entries of a list; letters may stand together (AC) or before their option's text."""
    if letters and re.fullmatch(r"[A-Z]{2,26}", body.strip()):
        return sorted(set(body.strip()))
    found: dict[tuple[str, ...], str] = {}
    for piece in ENTRIES.split(body):
        entry = BULLET.sub("", BULLET.sub("", piece.strip().strip(".")))
        match = LETTER.fullmatch(entry) if letters else None
        if match and (match[2] is None or canon(match[2]) == canon(options.get(match[1].upper(), ""))):
            entry = match[1].upper()
        if entry:
            found[canon(entry) or (entry.lower(),)] = entry
    return list(found.values())


def same(said: str, gold: str) -> bool:
    """Whether an entry is the gold entry; single letters and the article 'a' are compared as letters."""
    return said.strip().upper() == gold.strip().upper() if len(gold.strip()) == 1 else same_phrase(said, gold)[0]
