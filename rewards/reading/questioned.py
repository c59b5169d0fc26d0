"""Which of several amounts a question asks for, by its words, its numbers and what it counts."""

import re
from collections.abc import Mapping

from rewards.reading.amounts import Amount
from rewards.reading.analytes import analytes
from rewards.reading.asked import WORD, asked_words, given_values, question_end
from rewards.reading.claims import BARE, Claim
from rewards.reading.number_cues import FILLER

NONE = re.compile(
    r"\W*(?:none\b|no\s+\w|nil\b|(?:there (?:is|are)|i (?:can )?see|it shows) (?:no|none)\b)", re.IGNORECASE
)
FEW = re.compile(r"\b(?:(?:single|solitary|sole|lone)(?= [a-z])|pair(?= of)|both(?= [a-z]))\b", re.IGNORECASE)
NO = re.compile(r"\bno((?: \w+){1,3})", re.IGNORECASE)
AFTER = re.compile(r"[^.,;:()\n]*?(?= and |[.,;:()\n]|$)")
COUNTED = re.compile(r"[a-z]{3}s$", re.IGNORECASE)


def counted(text: str, question: str) -> float | None:
    """How many a text without a number says there are: none of what is counted, a single one, a pair."""
    asked = asked_words(question)[0]
    if NONE.match(text) or any(word.lower() in asked for no in NO.findall(text) for word in no.split()):
        return 0.0
    said = {word[0].lower() for word in FEW.finditer(text)}
    return (1.0 if said.isdisjoint(("pair", "both")) else 2.0) if len(said) == 1 else None


def not_given(stated: list[Claim], question: str) -> list[Claim]:
    """The claims whose numbers do not stand in the question; all, if they all do."""
    given = given_values(question)
    new = [claim for claim in stated if not is_given(claim.amount, given)]
    return stated if not new or any(claim.chained for claim in new) else new  # 140, 104, 24, 12 is a list


def is_given(amount: Amount, given: Mapping[object, frozenset[str]]) -> bool:
    """Whether a question gives a number; "20 patients" are not its 20 %."""
    if amount.date:
        return any(day in given for day in (amount.date.mdy, amount.date.dmy))
    units = given.get(amount.parts[0].value) if amount.parts else None
    said = amount.parts[0].unit if units else ""
    return bool(units) and ("" in units or said in units or not (said or COUNTED.search(amount.noun)))


def on_the_question(stated: list[Claim], text: str, question: str) -> list[Claim]:
    """The claims whose subject the question asks for: most words in common, at least one; else all."""
    asked, initials = asked_words(question)
    substances = analytes(question_end(question))
    boundaries = {0, *(claim.subject for claim in stated if text[: claim.subject].rstrip()[-1:] in ".,;:!?\n")}
    scores = []
    for claim in stated:
        words = text[claim.subject : claim.amount.start]
        said = WORD.findall(words if claim.subject in boundaries else words.rpartition(" and ")[2])
        short = {word.lower() for word in said if word.isupper()}
        counted = {claim.amount.noun.lower(), *(part.unit.lower() for part in claim.amount.parts[-1:])}  # 12 lesions
        common = sum(asked.get(word, 0) for word in {word.lower() for word in said} | counted)
        common += 2 * bool(analytes(text[claim.subject : claim.amount.start]) & substances)
        scores.append(common + 2 * len(initials & short - asked.keys()))
    opening = [claim for claim in stated if claim.rank == BARE and FILLER.fullmatch(text, 0, claim.amount.start)]
    rest = [claim for claim in stated if claim not in opening]
    if opening and not any(FILLER.fullmatch(text, claim.subject, claim.amount.start) for claim in rest):
        return opening  # "12. The delta gap is 0."
    if len(set(scores)) == 1:  # "7 at 1 minute and 8 at 5 minutes"
        scores = [circumstances(claim, text, question) for claim in stated]
    most = max(scores)
    return [claim for claim, score in zip(stated, scores, strict=True) if score == most] if most else stated


def circumstances(claim: Claim, text: str, question: str) -> int:
    """How many words and numbers that follow an amount up to the next clause stand in the question."""
    after = AFTER.match(text, claim.amount.end)
    asked = frozenset(re.findall(r"[a-z]{3,}|\d+", question_end(question).lower()))
    return len(asked.intersection(re.findall(r"[a-z]{3,}|\d+", after[0].lower()))) if after else 0
