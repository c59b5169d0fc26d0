"""Several answers at once, as a set."""

import re
from collections.abc import Mapping, Sequence
from functools import partial

from rewards import Response, Score, reward
from rewards.reading.entries import listed_part, read_set
from rewards.reading.letter_sets import read_letters
from rewards.reading.option import read_option
from rewards.reading.option_words import lettered
from rewards.reading.phrase import same_phrase
from rewards.reading.prose import committed_text, declines

OR = re.compile(r"\bor\b|或者", re.IGNORECASE)
SPELT = re.compile(r"\s[A-Za-z]{4}")  # a word after the first: no list of letters


@reward(low=0.0, high=1.0)
def multi_select(
    response: Response,
    answer: list[str],
    options: Mapping[str, str] | Sequence[str] | None = None,
    question: str | None = None,
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
    gold = [str(entry).strip() for entry in answer]
    choices = lettered(options)
    letters = is_letters(gold, choices)
    if letters and choices and not set(letters) <= set(choices):
        return None
    text = committed_text(response)
    if text.value is None:
        return Score(0.0, None, text.rule, text.why)
    if letters and (choices or len(letters) > 1 and not SPELT.search(text.value)):
        said, why = read_letters(text.value, choices)
        return Score(float(said == set(letters)), ", ".join(sorted(said or ())) or None, "letters", why)
    if OR.search(listed_part(text.value)) and not any(OR.search(entry) for entry in gold):
        return Score(0.0, None, "conflict", "alternatives")
    if problem := declines(text.value):
        return Score(0.0, None, problem.rule, problem.why)
    right, entries, why = read_set(text.value, gold, partial(same, question=question), question)
    return Score(float(right), "; ".join(entries) or None, "set", why)


def is_letters(gold: Sequence[str], options: Mapping[str, str]) -> list[str]:
    """The letters of a gold that is nothing but letters (or texts of options), else []."""
    if options:
        named = [read_option(entry, options).value or entry for entry in gold]
        return [entry.upper() for entry in named] if all(len(entry) == 1 for entry in named) else []
    return [entry.upper() for entry in gold] if all(len(entry) == 1 and entry.isalpha() for entry in gold) else []


def same(said: str, gold: str, question: str | None = None) -> bool:
    """Whether an entry is the gold entry."""
    return same_phrase(said, gold, question)[0] if len(gold) > 1 else said.strip().upper() == gold.upper()
