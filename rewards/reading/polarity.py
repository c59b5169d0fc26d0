"""Yes, no or maybe: the polarity a text commits to, never a substring of another word."""

import re

from rewards.reading import Reading
from rewards.reading.prose import committed_clause

YES = r"yes|yeah|yep|true|affirmative|correct|positive|present|indeed"
NO = r"no|nope|false|negative|absent|incorrect"
MAYBE = r"maybe|perhaps|possibly"
HEAD = re.compile(
    r"(?:(?:certainly|surely|absolutely|of course|a definite|a clear|overall|it is|it's|most likely|probably|likely|"
    r"i think|i believe|i would say|clearly|definitely)\W+)*"
    rf"(?:(?P<yes>{YES})|(?P<no>{NO})|(?P<maybe>{MAYBE}))(?![\w/'-])",
    re.IGNORECASE,
)
BOTH = re.compile(
    r"\b(?:yes|no|maybe)\b\s*(?:,\s*)?(?:and/or|/|or|and|,|but(?: also)?)\s*\(?(?:yes|no|maybe)\b(?=\W*$|[.,;)/]| or)",
    re.I,
)
TURNABOUT = re.compile(
    r"\b(yes|no|maybe)\W+(?:(?:and|also|but|or|then)\s+)*(?!\1)(?:yes|no|maybe)\b(?=\W*$|[.;!\n])", re.IGNORECASE
)
ALSO = re.compile(r"(?:^|[.!?;\n]\s*|\bor\b\s*|\bbut\b\s*)(yes|no|maybe)\s*(?=[.,;!\n]|$)", re.IGNORECASE)
CHINESE = (("no", ("不是", "没有", "不", "否", "无", "错误", "错")), ("yes", ("是", "有", "对", "正确")))
ABSENT = re.compile(
    r"\b(?:is|are|was|were) (?:not|n't) (?:present|seen|visible|identified|detected|observed)\b|\b(?:is|are) absent\b|"
    r"^not (?:present|seen|visible|identified|detected|observed)\b|"
    r"\bthere (?:is|are) no\b|\bno (?:evidence|sign)s? of\b|\babsence of\b|^without\b",
    re.IGNORECASE,
)
PRESENT = re.compile(r"\b(?:is|are|was|were) present\b|^[\w ]{3,60}? present\b", re.IGNORECASE)
DENIED = re.compile(r"\b(?:not|no|nor|neither)\b|n't\b", re.IGNORECASE)
TURNED = re.compile(
    r"\b(?:normal|absent|free of|clear|unremarkable|intact|without|no|lack\w*|rule\w* out)\b", re.IGNORECASE
)


def read_polarity(text: str, question: str | None = None) -> Reading:
    """yes, no or maybe from a folded text; a statement ("X is present") only if the question does not turn it round.

    >>> [read_polarity(text).value for text in ("Yes, no nodule.", "Eyes are visible", "yes/no", "The mass is present")]
    ['yes', None, None, 'yes']
    """
    if BOTH.search(text):
        return Reading(None, "conflict", "both yes and no")
    clause = committed_clause(text)
    if clause.value is None:
        return clause
    if TURNABOUT.search(text):
        return Reading(None, "conflict", "both yes and no")
    said = head(clause.value) or head(text)
    if said is None and "\n" in text:
        said = head(text.rpartition("\n")[2])
    if said is None:
        said = statement(clause.value, question)
    if said is None:
        return Reading(None, "unparsed", "neither yes nor no is stated")
    if any(match[1].lower() != said for match in ALSO.finditer(text)):
        return Reading(None, "conflict", "both yes and no")
    return Reading(said, "polarity", f"says {said}")


def head(text: str) -> str | None:
    """The polarity word a text begins with."""
    if match := HEAD.match(text.lstrip(" \"'([{.,")):
        return next(name for name, word in match.groupdict().items() if word)
    for said, marks in CHINESE:
        if text.startswith(marks) and len(text) <= 40:
            return said
    return None


def statement(text: str, question: str | None) -> str | None:
    """The polarity of a statement of presence or absence."""
    if question and TURNED.search(question):
        return None
    if ABSENT.search(text):
        return "no"
    return (
        "yes"
        if PRESENT.search(text) and not re.search(r"\b(?:not|no|nor|neither)\b|n't\b", text, re.IGNORECASE)
        else None
    )
