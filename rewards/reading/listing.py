"""Ordered lists in text: numbered or bulleted lines, a JSON list, or entries between commas and semicolons."""

import json
import re

MARK = re.compile(r"\s{0,8}(?:#?\d{1,3}\s{0,2}[.):]|\(\d{1,3}\)|[-*•])\s{1,8}(?=\S)")
NUMBERED = re.compile(r"[\s,;]+\(?\d{1,2}[.)]\s+")  # 1) gout 2) sepsis
INTRO = re.compile(r"[^\n]{0,200}:\s*(?:\n|$)")
INLINE = re.compile(r"\s*(?:->|[,;>]|\d{1,2}[.)](?=\s))\s*(?:and\b|then\b)?\s*")
# What follows a diagnosis on its line: a reason, a share, an aside.
ASIDE = re.compile(
    r"\s+-\s|\s*:\s|\s*\(|\s+(?:because|since|given|due to|as (?:it|the)|which|with a)\b|[.;](?:\s|$)", re.I
)
LABEL = re.compile(
    r"(?:the )?(?:most likely|least likely|likely|less likely|leading|primary|top|first|second|third|final)?\s*"
    r"(?:diagnosis|differential(?: diagnosis)?|diagnoses|choice)?\s*(?:is|are)?\s*:\s*",
    re.IGNORECASE,
)


def read_list(text: str) -> list[str]:
    """The entries of a folded text in their order, without numbers, labels and reasons.

    >>> read_list("Differential:\\n1. Pneumonia - fever\\n2. Most likely: TB (cough)"), read_list('["gout", "sepsis"]')
    (['Pneumonia', 'TB'], ['gout', 'sepsis'])
    """
    if listed := as_json(text) or table(text):
        return [entry for entry in map(bare, listed) if entry]
    lines = [line for line in text.split("\n") if line.strip()]
    marked = [line[match.end() :] for line in lines if (match := MARK.match(line))]
    if len(marked) == 1 and len(lines) == 1 and NUMBERED.search(marked[0]):
        marked = NUMBERED.split(marked[0])
    if not marked and len(lines) > 1:
        marked = [line for line in lines if not INTRO.fullmatch(line)]
    if not marked:
        label = LABEL.match(text)
        marked = INLINE.split(text[label.end() if label else 0 :])
    return [entry for entry in map(bare, marked) if entry]


def as_json(text: str) -> list[str]:
    """The entries of a JSON list, also of one that is the only list in an object; [] if a text is neither."""
    if text[:1] not in ("[", "{"):
        return []
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list)]
        found = lists[0] if len(lists) == 1 else None
    if not isinstance(found, list) or not all(isinstance(entry, str) for entry in found):
        return []
    return [entry.strip() for entry in found if entry.strip()]


def table(text: str) -> list[str]:
    """The entries of a markdown table: of each row the first cell that is no number; [] if a text is none."""
    rows = [line.strip().strip("|").split("|") for line in text.split("\n") if line.strip().startswith("|")]
    if len(rows) < 3 or not RULE.fullmatch("|".join(rows[1])):
        return []
    return [next((cell.strip() for cell in row if re.search(r"[^\W\d]", cell)), "") for row in rows[2:]]


RULE = re.compile(r"[\s|:-]+")


def bare(entry: str) -> str:
    """An entry without its label and what is said about it."""
    label = LABEL.match(entry)
    entry = entry[label.end() if label else 0 :]
    aside = ASIDE.search(entry)
    return entry[: aside.start() if aside else None].strip(" .,;:\"'")
