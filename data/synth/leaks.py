"""Traces that give away that their writer was told the answer: by saying so, or by naming it before any reasoning."""

from __future__ import annotations

import re
from collections.abc import Mapping

from data.clean import Drop
from data.example import Example

# What the answer is called by one who was given it.
_TOLD = r"(?:given|provided|known|supplied|stated|official|gold(?:en)?|reference|expected|labell?ed|annotated|target)"
_IT = r"(?:answers?|options?|choices?|solutions?|labels?|diagnos[ie]s|conclusions?|responses?)"
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
    r"|\bfor\s+(?:my|your)\s+eyes\s+only\b|\bknown\s+to\s+be\s+right\b|\bpretend(?:ing)?\b[^.]{0,40}\b(?:answer|know)\b",
    re.IGNORECASE,
)
_FIRST = re.compile(r".+?(?:[.!?](?=\s|$)|\n|$)", re.DOTALL)
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
    """Whether the first sentence commits to the gold. What the question says itself, and a sentence that goes through
    several options, give nothing away."""
    opening = _FIRST.match(reasoning.strip())
    first = opening[0] if opening else ""
    golds = row.answer if isinstance(row.answer, list) else [row.answer]
    if row.kind == "yesno":
        return bool(re.match(rf"\W*{re.escape(golds[0])}\b", first, re.IGNORECASE))
    if row.options:
        return _one_option(row.options, golds, first, row.question)
    return all(_says(first, gold) and not _says(row.question, gold) for gold in golds)


def _one_option(options: Mapping[str, str], golds: list[str], first: str, question: str) -> bool:
    """Whether the right options, and no others, are named."""

    def named(letter: str) -> bool:
        by_letter = re.search(_LETTER.format(letter=re.escape(letter)), first, re.IGNORECASE)
        text = options[letter]
        return bool(by_letter) or (_says(first, text) and not _says(question, text))

    return {letter for letter in options if named(letter)} == set(golds)


def _says(text: str, words: str) -> bool:
    """Whether these words stand in a text, as words."""
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.IGNORECASE) is not None
