"""The kind of a gold answer where the row does not state it."""

import re

from rewards.reading.quantity import NUMBER

UNIT_LIKE = re.compile(r"(?:\s*(?:%|[A-Za-zµμ°][\w%°²³/^*.·-]*(?:\s+(?:per\s+\w+|Hg|m2|m\^?2|H2O))?))?")


def infer_kind(answer: object, options: object = None) -> str:
    """A list -> multi; options -> option; yes/no/maybe -> yesno; a number, also with a unit -> numeric; else text.

    >>> infer_kind("12 mEq/L"), infer_kind("Yes"), infer_kind("C", {"A": "x"}), infer_kind("4 chambers seen")
    ('numeric', 'yesno', 'option', 'text')
    """
    if isinstance(answer, list | tuple | set | frozenset):
        return "multi"
    if options:
        return "option"
    text = str(answer).strip()
    if text.lower().rstrip(".") in ("yes", "no", "maybe"):
        return "yesno"
    number = NUMBER.match(text.replace("−", "-"))
    return "numeric" if number and UNIT_LIKE.fullmatch(text, number.end()) else "text"
