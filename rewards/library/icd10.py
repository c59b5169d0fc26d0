"""ICD-10-CM codes."""

import re
from collections.abc import Sequence

from rewards import Response, Score, reward
from rewards.reading.assignment import best_pairs
from rewards.reading.icd import code_of, contradiction, likeness, read_codes
from rewards.reading.prose import committed_clause, committed_text

DENIED = re.compile(  # right before a code; titles have "or" and "not" as well
    r"\b(?:not|never|nor|n't|or|instead of|rather than|excludes?|unlike)\s"
    r"(?:(?:the|code|icd-?10\S{0,3}):?\s){0,3}[a-z]\d[0-9a-z]",
    re.IGNORECASE,
)
EXAMPLES = [
    {
        "question": "Which ICD-10-CM code fits type 2 diabetes without complications?",
        "answer": "E11.9",
        "right": ["E11.9", "e119", "E11.9 - Type 2 diabetes mellitus without complications"],
        "wrong": [
            "E10.9",
            "E11",
            "E11.9 or E10.9",
            "E11.9 Type 1 diabetes mellitus",
            "E11.99",
            "E11.9, I10",
            "not E11.9",
        ],
    },
    {
        "question": "Which ICD-10-CM codes fit hypertension and type 2 diabetes?",
        "answer": ["I10", "E11.9"],
        "right": "E11.9, I10",
        "wrong": ["J18.9, A00", "E10.9", "none"],
    },
]


@reward(low=0.0, high=1.0)
def icd10(response: Response, answer: str | list[str], partial: float = 0.0) -> Score | None:
    """1 if the response commits to the gold code, or to the gold set of codes where the gold is a list.

    partial: what a code of the same category may earn at most, times the share of the lineage both have in common
    (E11.65 for E11.9: one level of three).  For a list: such shares summed over one-to-one pairs, over the larger
    number of codes.  Case and a missing dot do not matter.  Where the row asks for one code, several are a conflict.
    A code that does not exist, or stands beside a title that contradicts it, is wrong.
    Source: the ICD-10-CM tabular list of CDC/NCHS (public domain) in simple-icd-10-cm (MIT), pip extra `icd`.
    None where the gold is no code of that list, or a list with such an entry.
    Known hacks, all scored 0: several codes, a category for its child, a right code with a wrong title.
    Limit: a title is checked by its words, so a synonym that shares none with it counts as a contradiction.

    >>> [icd10(text, answer="E11.9").value for text in ("E11.9", "Code: e11.9 (type 2 diabetes)", "E11.9, E10.9")]
    [1.0, 1.0, 0.0]
    >>> [round(icd10.bind(partial=0.5)(text, answer="E11.9").value, 2) for text in ("E11.9", "E11.65", "E11", "I10")]
    [1.0, 0.17, 0.25, 0.0]
    """
    gold = [code_of(entry) for entry in ([answer] if isinstance(answer, str) else answer or ())]
    wanted = {code for code in gold if code}
    if not wanted or None in gold:
        return None
    text = committed_text(response)
    if text.value is None:
        return Score(0.0, None, text.rule, text.why)
    said, problem = stated(text.value, many=not isinstance(answer, str))
    if problem:
        return Score(0.0, ", ".join(said) or None, "icd10", problem)
    if set(said) == wanted:
        return Score(1.0, ", ".join(said), "icd10", "the gold")
    alike = [[likeness(mine, code) for code in said] for mine in sorted(wanted)]
    share = sum(alike[i][j] for i, j in best_pairs(alike)) / max(len(said), len(wanted))
    return Score(
        partial * share, ", ".join(said), "icd10", f"{share:.2f} of the lineage of {', '.join(sorted(wanted))}"
    )


def stated(text: str, many: bool) -> tuple[list[str], str]:
    """(the codes a text commits to, why they cannot count or '')."""
    clause = committed_clause(text)
    body = clause.value if clause.value and clause.rule == "marker" else text
    codes, false = read_codes(body)
    if false or not codes:
        return codes, f"no such code: {', '.join(false)[:80]}" if false else "no code is stated"
    if len(codes) > 1 and not many:
        return codes, "several codes where one is asked"
    if clause.rule == "refusal" or DENIED.search(body):
        return codes, "declined, denied or left open"
    for line, code in beside(body, codes):
        if problem := contradiction(code, line):
            return codes, problem
    return codes, ""


def beside(text: str, codes: Sequence[str]) -> list[tuple[str, str]]:
    """(the words that belong to a code, the code): its line, and for one code without a line of its own all of it."""
    lines = [(line, read_codes(line)[0]) for line in text.replace(";", "\n").split("\n")]
    return [(line[:300], found[0]) for line, found in lines if len(found) == 1 and (len(codes) > 1 or len(lines) < 3)]
