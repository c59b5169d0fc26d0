"""Commitment in running text: the clause a writer marks as the answer; refusals and retractions are none."""

import json
import re
from collections.abc import Iterator

from rewards.reading import Reading
from rewards.reading.fold import fold
from rewards.response import RETRACTION, Response, may_retract

LONGEST_BLOCK = 2000  # characters; more than that between answer tags is an essay, not an answer
LONGEST_PROSE = 4000  # characters of untagged prose that are read, from its end
MARKER = re.compile(
    r"\b(?:(?:final|correct|best|right|most likely|likely|probable|my|the) )*"
    r"(?:answer|diagnosis|conclusion)(?: (?:is|would be|should be|must be|to the question is)(?=[ :,]):?| ?[:=]|\n)\s*"
    r"|答案(?:是|为|:)?\s*|(?:^|\n)\s*answer ",
    re.IGNORECASE,
)
REFUSAL = re.compile(
    r"\b(?:(?:i|we) )?(?:can ?not|can't|could not|couldn't|am unable to|unable to|not able to|"
    r"impossible to|hard to|difficult to|"
    r"won't|will not|decline to|refuse to|not possible to|not qualified to)\b[^.;:\n]{0,40}?"
    r"\b(?:answer(?:ed)?|determined?|say|tell|assess(?:ed)?|know|provide|conclude|decided?|be sure|"
    r"diagnosed?|established|choose|"
    r"comment|help|interpret|view|see|identify|give|select|pick)\b"
    r"|\b(?:i )?(?:do not|don't) (?:really )?know\b|\bno idea\b"
    r"|\bno (?:information|data) (?:to|is|for|was|provided|given|available)\b|\b(?:insufficient|"
    r"not enough) (?:information|data)\b"
    r"|\bnothing can be said\b|\bno (?:image|picture|file|scan)s? (?:was|were|is|are|has been)\b|"
    r"\bno (?:way|means) of (?:telling|knowing)|\bnot be held to\b|\bit depends\b|\b(?:can ?not|"
    r"can\'t) be (?:selected|chosen)|\b(?:do not|don\'t) think (?:that )?(?:a single|any)|\b(?:every|any|"
    r"each) (?:option|answer|choice)\b[^.]{0,40}\b(?:defensible|possible|correct|right|plausible)\b|"
    r"\b(?:i|we)(?:'ll| will| shall)? (?:leave|am leaving|refrain|"
    r"abstain|decline)\b|\bcould (?:as well|equally|just as well) be (?:something|anything)\b|\bas an ai\b|"
    r"\b(?:could|might|may) be (?:anything|any of)\b|\b(?:please )?consult (?:a|your) (?:doctor|physician|"
    r"professional)\b"
    r"|无法(?:判断|确定|回答|得知)|不知道|不清楚|不能(?:判断|确定)",
    re.IGNORECASE,
)
# One of these stands in all that REFUSAL matches.
REFUSAL_HINTS = (
    "cannot", "can not", "can't", "could not", "couldn't", "unable", "not able", "impossible", "hard to",
    "difficult to", "won't", "will not", "decline", "refuse", "not possible", "not qualified", "t know", "really know",
    "no idea", "no information", "no data", "insufficient ", "not enough", "nothing can be", "no image", "no picture",
    "no file", "no scan", "no way of", "no means of", "not be held", "it depends", "t think", "y option", "y answer",
    "y choice", "h option", "h answer", "h choice", "leave", "leaving", "refrain", "abstain", "well be", "equally be",
    "as an ai", "anything", "any of", "consult a", "consult your", "无法", "不知道", "不清楚", "不能",
)  # fmt: skip
UNSURE = re.compile(
    r"\b(?:i am|i'm|am) not (?:really |entirely |completely |at all )?(?:sure|certain)\b|\b(?:unsure|"
    r"uncertain|not sure)\b",
    re.I,
)
TURN = re.compile(r"\b(?:but|however|still|though|if i had to)\b,?", re.IGNORECASE)
CLAUSE_END = re.compile(
    r"\n|[.!?;](?=\s|$)|,? (?:because|since|given that|given|as (?:the|it|there|this)|due to the fact|which|so|while|"
    r"whereas|rather than|instead of)\b|,(?= (?:because|since|as|not|and not|so|with|which))",
    re.IGNORECASE,
)


JSON = re.compile(r"\s*(?:```\w*\s*)?(\{[^{}]{1,2000}\})\s*(?:```)?\s*")
JSON_KEYS = frozenset(
    {"answer", "answers", "final_answer", "choice", "option", "label", "prediction", "diagnosis", "result", "status"}
)
ANSWERS = re.compile(r"\banswer\b|答案", re.IGNORECASE)
ANOTHER = re.compile(r"\b(?:patients?|she|he|they|who|which|that|it|child|mother|doctors?)\s+$", re.IGNORECASE)
ECHO = re.compile(
    r"(?:(?:example|sure)[.:!]?\s*)?(?:question|q)\s*:.*\b(?:answer|a)\s*:\s*", re.IGNORECASE | re.DOTALL
)  # the prompt over again
UNTICKED = re.compile(r"\[ ?\]|[☐□◯○]")
TICKED = re.compile(r"\[[xX✓✔]\]|[☑☒✅■●]")
FINAL = re.compile(r"\b(?:final|corrected|revised|definitive)\b|####|最终", re.IGNORECASE)
QUOTED = re.compile(r"\s{0,3}>(?!\s?[\d.])")


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
    told = in_json(text)
    text = fold(unquoted(ECHO.sub("", text[-LONGEST_PROSE:]) if told is None else told))
    last = next(reversed(list(RETRACTION.finditer(text))), None) if may_retract(text) else None
    if last:
        if not FINAL.search(text, last.end()):
            return Reading(None, "retracted", "the answer is taken back")
        text = text[last.end() :].strip()
    if not text or text.endswith("?"):
        return Reading(None, "question" if text else "empty", "it asks instead of answering")
    return Reading(text, response.rule)


def in_json(text: str) -> str | None:
    """The answer of a text that is one JSON object, under its usual names."""
    match = JSON.fullmatch(text)
    if not match:
        return None
    try:
        found = json.loads(match[1])
    except (ValueError, RecursionError):
        return None
    said = [value for key, value in found.items() if key.lower().replace(" ", "_") in JSON_KEYS]
    if said == [None]:
        return ""
    if len(said) != 1 or not isinstance(said[0], str | int | float | list):
        return None
    return ", ".join(map(str, said[0])) if isinstance(said[0], list) else str(said[0])


def unquoted(text: str) -> str:
    """The text without lines quoted in the manner of markdown, which are somebody else's, and boxes left unticked."""
    if ">" in text:
        own = "\n".join(line for line in text.split("\n") if not QUOTED.match(line) or ANSWERS.search(line)).strip()
        text = own if own and not own.endswith(":") else text
    if TICKED.search(text):
        text = TICKED.sub("", "\n".join(line for line in text.split("\n") if not UNTICKED.search(line)))
    return text


def refusals(text: str) -> Iterator[re.Match[str]]:
    """Where a text declines to answer; the pattern is slow, and most texts have none of its words."""
    lower = text.lower()
    return REFUSAL.finditer(text) if any(hint in lower for hint in REFUSAL_HINTS) else iter(())


def refusal(text: str, start: int, firm: bool) -> Reading | None:
    """Why the answer at `start` of a folded text does not count: the text declines to give one after it, or before it
    without a turn; one that is not marked (`firm`) does not survive that the writer is unsure either."""
    found = [match for match in refusals(text) if not ANOTHER.search(text, max(0, match.start() - 20), match.start())]
    if not found and not firm:
        unsure = UNSURE.search(text)
        found = [unsure] if unsure and not TURN.search(text, unsure.end()) else []
    for match in found:
        between = text[match.end() : start + 1]
        if match.end() > start or not firm or not (TURN.search(between) or "." in between):
            return Reading(None, "refusal", "the text declines to answer")
    return None


def declines(text: str) -> Reading | None:
    """A refusal, where a folded text that commits to nothing says that it cannot."""
    return Reading(None, "refusal", "the text declines to answer") if next(refusals(text), None) else None


def committed_clause(text: str) -> Reading:
    """The one clause of a folded text that states the answer, without its reasons.

    >>> committed_clause("The lesion is dural. The answer is meningioma, because it is dural.").value
    'meningioma'
    """
    if refusal := next(refusals(text), None):
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
