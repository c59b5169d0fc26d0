"""Traces that give away that their writer was told the answer: by saying so, or by naming it before any reasoning."""

from __future__ import annotations

import re

from data.clean import Drop
from data.example import Example

LEAST_WORDS = 8
# What the answer is called by one who was given it.
_TOLD = r"(?:given|provided|known|supplied|stated|official|gold(?:en)?|reference|expected|labell?ed|annotated|target)"
_IT = r"(?:answers?|option|choice|solutions?|labels?|diagnos[ie]s|conclusions?|responses?)"  # not "the given options"
CITED = re.compile(
    rf"\b(?:the|this|that|our|its)\s+{_TOLD}\s+(?:\w+\s+)?{_IT}\b"
    r"|\b(?:answers?|solutions?|labels?|diagnosis)\s+(?:(?:that\s+)?(?:is|was|has\s+been|have\s+been)\s+|as\s+)?(?:already\s+)?"
    r"(?:given|provided|supplied)\b(?!\s+th)"
    r"|\bground[\s-]truth\b|\b(?:gold|reference)[\s-]standard\s+(?:answer|label)|\banswer\s+key\b|\bmarking\s+scheme\b"
    r"|\bas\s+(?:given|provided|told|labell?ed|annotated)\b(?!\s+(?:in|by)\s+the\s+(?:question|stem|case|image|vignette))"
    rf"|\b(?:we|i)\s+(?:are|were|am|was|have\s+been)\s+(?:told|given|informed|provided)\s+(?:with\s+)?"
    rf"(?:that\s+)?(?:the\s+)?(?:(?:correct|right)\s+)?{_IT}"
    rf"|\b(?:since|because|knowing|given)\s+(?:that\s+)?the\s+(?:(?:correct|right|true|known|final)\s+)?{_IT}\s+"
    r"(?:is|was|must\s+be)\b"
    rf"|\b(?:match(?:es)?|agrees?\s+with|in\s+line\s+with|consistent\s+with|confirms?|supports?|arrive\s+at|reach)\s+the\s+"
    rf"(?:{_TOLD}|correct|right)\s+{_IT}\b"
    r"|(?:给定|给出|提供|已知|标准|参考)的?(?:正确)?(?:答案|诊断)|(?:已经?|被)告知(?:的)?(?:正确)?答案"
    r"|\bfor\s+(?:my|your)\s+eyes\s+only\b|\bknown\s+to\s+be\s+right\b|\bpretend(?:ing)?\b[^.]{0,40}\b(?:answer|know)\b",
    re.IGNORECASE,
)
_FIRST = re.compile(r".+?(?:[.!?](?=\s|$)|[。!?]|\n|$)", re.DOTALL)
_WORD = re.compile(r"[^\W\u4e00-\u9fff]+|[\u4e00-\u9fff]")  # a Chinese character counts as one
_LETTER = (
    r"(?:option|choice|answer)\s+(?:is\s+|would\s+be\s+|must\s+be\s+)?\W{{0,2}}{letter}\b"
    r"|^\W{{0,2}}{letter}\b\W{{0,2}}(?:is|\)|\.|:)"
)


def leak(row: Example, reasoning: str) -> Drop | None:
    """Why the reasoning leaks the row's gold, if it does."""
    if found := CITED.search(reasoning):
        return Drop("cites the answer it was given", " ".join(found[0].split())[:60])
    if early(row, reasoning):
        return Drop("names the answer before any reasoning")
    return None


def early(row: Example, reasoning: str) -> bool:
    """Whether the first sentence commits to the gold before it has said LEAST_WORDS words.

    What the question says itself, a sentence that goes through several options, and a number that comes out of numbers
    give nothing away.
    """
    opening = _FIRST.match(reasoning.strip())
    first = opening[0] if opening else ""
    golds = row.golds
    if row.kind == "yesno":
        return bool(re.match(rf"\W*{re.escape(golds[0])}\b", first, re.IGNORECASE))
    if row.options:
        before = {letter: _before_option(first, letter, text, row.question) for letter, text in row.options.items()}
        named = {letter: said for letter, said in before.items() if said is not None}
        return set(named) == set(golds) and all(_too_soon(said) for said in named.values())
    found = [None if _before(row.question, gold) is not None else _before(first, gold) for gold in golds]
    return all(said is not None and _too_soon(said) for said in found)


def _before_option(first: str, letter: str, text: str, question: str) -> str | None:
    """What is said before an option is named by its letter or its text; None where it is not."""
    if found := re.search(_LETTER.format(letter=re.escape(letter)), first, re.IGNORECASE):
        return first[: found.start()]
    return None if _before(question, text) is not None else _before(first, text)


def _before(text: str, words: str) -> str | None:
    """What stands before these words in a text; None where they do not stand in it, as words."""
    edges = ("", "") if re.search(r"[\u4e00-\u9fff]", words) else (r"(?<!\w)", r"(?!\w)")
    found = re.search(re.escape(words).join(edges), text, re.IGNORECASE)
    return text[: found.start()] if found else None


def _too_soon(said: str) -> bool:
    return len(_WORD.findall(said)) < LEAST_WORDS and not re.search(r"\d", said)
