"""Commitment in running text: the clause a writer marks as the answer; refusals and retractions are none."""

import re

from rewards.reading import Reading
from rewards.reading.fold import fold
from rewards.response import RETRACTION, Response

LONGEST_BLOCK = 2000  # characters; more than that between answer tags is an essay, not an answer
LONGEST_PROSE = 4000  # characters of untagged prose that are read, from its end
MARKER = re.compile(
    r"\b(?:(?:final|correct|best|right|most likely|likely|probable|my|the) )*"
    r"(?:answer|diagnosis|conclusion)(?: (?:is|would be|should be|must be|to the question is)(?=[ :,]):?| ?[:=]|\n)\s*"
    r"|答案(?:是|为|:)?\s*|(?:^|\n)\s*answer ",
    re.IGNORECASE,
)
REFUSAL = re.compile(
    r"\b(?:(?:i|we) )?(?:can ?not|can't|could not|couldn't|am unable to|unable to|not able to|impossible to|hard to|"
    r"won't|will not|decline to|refuse to)\b[^.\n]{0,40}"
    r"\b(?:answer|determine|say|tell|assess|know|provide|conclude|decide|be sure|diagnose)"
    r"|\b(?:i )?(?:do not|don't) (?:really )?know\b|\b(?:i am|i'm) not (?:sure|certain)\b|\bno idea\b"
    r"|\b(?:insufficient|not enough) (?:information|data)\b|\bas an ai\b|\b(?:could|might|may) be anything\b",
    re.IGNORECASE,
)
TURN = re.compile(r"\b(?:but|however|still|though|if i had to)\b,?", re.IGNORECASE)
CLAUSE_END = re.compile(
    r"\n|[.!?;](?=\s|$)|,? (?:because|since|given that|given|as (?:the|it|there|this)|due to the fact|which|so|while|"
    r"whereas|rather than|instead of)\b|,(?= (?:because|since|as|not|and not|so|with|which))",
    re.IGNORECASE,
)


def committed_text(response: Response) -> Reading:
    """The folded text to read an answer from; None with the reason when there is none or it is taken back.

    >>> from rewards.response import parse
    >>> committed_text(parse("<answer>**C**</answer>")).value, committed_text(parse("C. Wait, B.")).rule
    ('C', 'retracted')
    """
    if response.answer is None:
        return Reading(None, response.rule, "nothing is committed to outside the thinking")
    text = response.answer
    if response.rule == "tags" and len(text) > LONGEST_BLOCK:
        return Reading(None, "too_long", f"the answer block has {len(text)} characters")
    text = fold(text[-LONGEST_PROSE:])
    last = next(reversed(list(RETRACTION.finditer(text))), None)
    if last and not MARKER.search(text, last.end()):
        return Reading(None, "retracted", "the answer is taken back")
    if not text or text.endswith("?"):
        return Reading(None, "question" if text else "empty", "it asks instead of answering")
    return Reading(text, response.rule)


def committed_clause(text: str) -> Reading:
    """The one clause of a folded text that states the answer, without its reasons.

    >>> committed_clause("The lesion is dural. The answer is meningioma, because it is dural.").value
    'meningioma'
    """
    if refusal := REFUSAL.search(text):
        turn = TURN.search(text, refusal.end())
        if not turn:
            return Reading(None, "refusal", "the text declines to answer")
        text = text[turn.end() :].strip()
    marked = [clause(text[match.end() :]) for match in MARKER.finditer(text)]
    marked = [piece for piece in marked if piece]
    if len({piece.lower() for piece in marked}) > 1:
        return Reading(None, "conflict", f"two answers: {marked[0]!r} and {marked[-1]!r}")
    if marked:
        return Reading(marked[0], "marker")
    return Reading(clause(text), "clause")


def clause(text: str) -> str:
    """Text up to the end of its first clause, without outer quotes and stops."""
    text = text.lstrip()
    end = CLAUSE_END.search(text)
    text = (text[: end.start()] if end else text).strip(" ,;:!\"'").rstrip(" .,;:!\"'")
    return text if text[1:2].isdigit() else text.lstrip(" .")  # .05 is a number
