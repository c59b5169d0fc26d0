"""The one amount that a text commits to."""

import re
from dataclasses import dataclass
from functools import lru_cache

from rewards.reading import Reading
from rewards.reading.amounts import NUMBER, Amount, Quantity
from rewards.reading.analytes import substance_factors
from rewards.reading.claims import BARE, MARKED, NEVER, PLAIN, RESULT, Claim, claims
from rewards.reading.fold import fold
from rewards.reading.numerals import digits, unambiguous
from rewards.reading.prose import REFUSAL, TURN
from rewards.reading.units import convert, unit

__all__ = ["NUMBER", "Amount", "Quantity", "Stated", "gold_amount", "read_amount"]
SENTENCE = re.compile(r"[.?!](?=\s|$)|\n")
GIVEN = re.compile(r"[A-Za-z][\w+-]*(?: (?:of|is|=))? (?=[<>]?\d)")  # an input with its value
WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]*|[\u4e00-\u9fff]")
COMMON = frozenset("the what which how patient patients his her this that for with and your answer using based value is are of in "
                   "many much terms level per above below from calculate compute give".split())  # fmt: skip
FORMAT = re.compile(r"\s*(?:round|answer|your|express|report|please|use|assume|note|show|state your|write|you)\b", re.IGNORECASE)
COUNT = re.compile(r"\bhow many\b|\bnumber of\b", re.IGNORECASE)
NONE = re.compile(r"\W*(?:none\b|no\s+\w|nil\b|(?:there (?:is|are)|i (?:can )?see|it shows) (?:no|none)\b)", re.IGNORECASE)
OR = re.compile(r"\b(?:or|maybe|possibly|perhaps|alternatively)\b|或", re.IGNORECASE)


@dataclass(frozen=True)
class Stated:
    """An amount that a text commits to; bound: '' or '>' or '<'; text: the text, in plain digits."""

    amount: Amount
    bound: str
    text: str

    def __str__(self) -> str:
        return f"{self.bound} {self.amount}".strip()


@lru_cache(maxsize=4096)
def gold_amount(text: str) -> Stated | None:
    """A gold answer as an amount; None if it states none or several, or has no digit.

    >>> str(gold_amount("12 mEq/L")), str(gold_amount("('2 weeks', '3 days')")), gold_amount("five")
    ('12 mEq/L', '17 days', None)
    """
    folded = fold(unambiguous(text))
    if not any(char.isdigit() for char in folded):
        return None
    stated, _ = chosen(digits(folded), None)
    return stated if stated and stated.amount.join != "expr" else None


def read_amount(text: str, question: str | None = None) -> tuple[Stated | None, Reading]:
    """The one amount that a folded text commits to.

    >>> [str(read_amount(t)[0]) for t in ("140 - 104 - 24 = 12 mEq/L", "10-12", "CURB-65 is 3, not 2", "11 or 12")]
    ['12 mEq/L', '10-12', '3', 'None']
    """
    if refusal := REFUSAL.search(text):
        turn = TURN.search(text, refusal.end())
        if not turn:
            return None, Reading(None, "refusal", "the text declines to answer")
        text = text[turn.end() :]
    return chosen(digits(text), question)


def chosen(text: str, question: str | None) -> tuple[Stated | None, Reading]:
    """The amount that the highest claims of a text in plain digits agree on."""
    found = claims(text)
    alive = [claim for claim in found if claim.rank > NEVER]
    if not found and question and COUNT.search(question) and NONE.match(text):
        return Stated(Amount(0, 0, (Quantity(0.0, 1.0, 1, False, ""),)), "", text), Reading("0", "none")
    if not alive:
        why = "every number in it is rejected, or an input or a reason" if found else "no number is stated"
        return None, Reading(None, "negated" if found else "unparsed", why)
    top = max(claim.rank for claim in alive)
    best = spoken(alive, top, text, question)
    if not agree(best):
        shown = ", ".join(dict.fromkeys(str(claim.amount) for claim in best[:5]))
        return None, Reading(None, "conflict", f"several numbers: {shown}")
    claim = max(best, key=fullness)
    if rival := contradicted(claim, found, text, question):
        return None, Reading(None, "conflict", f"{claim.amount} and {rival.amount}")
    rules = {MARKED: "marker", RESULT: "result", BARE: "number", PLAIN: "number"}
    stated = Stated(claim.amount, claim.bound, text)
    return stated, Reading(str(stated), rules.get(claim.rank, "aside"))


def spoken(alive: list[Claim], top: int, text: str, question: str | None) -> list[Claim]:
    """The claims that speak for a text.  Marked ones, if there are; else those on what the question names; else the
    last result, with which a bare number must agree; else all that is stated.  Of "name = value" the last; values
    before expressions."""
    stated = [claim for claim in alive if claim.rank >= min(top, PLAIN)]
    if top < MARKED and question and not agree(stated):
        stated = on_the_question(stated, text, question)
        top = max(claim.rank for claim in stated)
    best = [claim for claim in stated if claim.rank == top]
    best = [claim for claim in best if claim.amount.join != "expr"] or best
    if top == RESULT:
        return [*(claim for claim in stated if claim.rank == BARE and claim.amount.join != "expr"), best[-1]]
    if top == PLAIN and all(claim.named for claim in best) and not agree(best):
        names = {text[claim.subject : claim.amount.start] for claim in best}
        return best[-1:] if len(names) == len(best) else best
    return best


def fullness(claim: Claim) -> tuple[bool, int]:
    """How much a claim says: whether it has a unit, and its digits."""
    return bool(claim.amount.parts and claim.amount.parts[-1].unit), sum(part.digits for part in claim.amount.parts)


def on_the_question(stated: list[Claim], text: str, question: str) -> list[Claim]:
    """The claims whose subject the question asks for: most words in common, at least one; else all."""
    asked, initials = asked_words(question)
    scores = []
    for claim in stated:
        said = WORD.findall(text[claim.subject : claim.amount.start])
        short = {word.lower() for word in said if word.isupper()}
        counted = 2 * (claim.amount.noun.lower() in asked)  # how many lesions? 12 lesions
        scores.append(len(asked & {word.lower() for word in said}) + len(initials & short - asked) + counted)
    most = max(scores)
    return [claim for claim, score in zip(stated, scores, strict=True) if score == most] if most else stated


@lru_cache(maxsize=2048)
def asked_words(question: str) -> tuple[frozenset[str], frozenset[str]]:
    """(the words of what a question asks for, their initials); a total is always asked for, an input never."""
    sentences = [part for part in SENTENCE.split(fold(question[-1500:])) if part.strip() and not FORMAT.match(part)]
    sentences = sentences or [""]
    sentence = GIVEN.sub(" ", sentences[-1].partition(":")[0])
    plain = [word.lower() for word in WORD.findall(sentence) if len(word) > 2 and word.lower() not in COMMON]
    letters = "".join(word[0] for word in plain)
    short = {letters[i : i + n] for n in (2, 3, 4) for i in range(len(letters) - n + 1)}
    return frozenset((*plain, "total")), frozenset(short)


def agree(best: list[Claim]) -> bool:
    """Whether all claims state one amount, in whatever unit and to however many digits."""
    first = max(best, key=fullness)
    return all(claim.bound == first.bound and same(claim.amount, first.amount) for claim in best if claim is not first)


def same(one: Amount, other: Amount) -> bool:
    """Whether two amounts of a text are one."""
    if one.date or other.date:
        return bool(one.date and other.date and (one.date.mdy, one.date.dmy) == (other.date.mdy, other.date.dmy))
    if {one.join, other.join} == {"", "of"} or {one.join, other.join} == {"", "/"}:
        return one.parts[0].value == other.parts[0].value
    return one.join == other.join and len(one.parts) == len(other.parts) and all(map(close, one.parts, other.parts))


def close(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities are one value: equal, or the one with fewer digits is rounded from the other."""
    mine, wanted = unit(one.unit) if one.unit else None, unit(other.unit) if other.unit else None
    value: float | None = one.value
    size = 1.0
    if one.unit != other.unit and "%" in (one.unit, other.unit) and not (one.unit and other.unit):
        value, size = (100 * one.value, 100.0) if other.unit else (one.value / 100, 0.01)  # 0.20, i.e. 20 %
    elif mine and wanted:
        value = convert(one.value, mine, wanted)
        size = mine.factor / wanted.factor
    if value is None:
        return False
    slack = 0.5 * max(one.step * size, other.step) if one.decimal or other.decimal else 0.0
    return abs(value - other.value) <= max(slack, 1e-9 * abs(other.value)) * (1 + 1e-9)


def contradicted(claim: Claim, found: list[Claim], text: str, question: str | None) -> Claim | None:
    """An aside right after the claim that states another value, bare or as an alternative."""
    for other in found:
        gap = text[claim.amount.end : other.amount.start]
        if other.rank == NEVER or not other.aside or other.amount.start < claim.amount.end or claim.aside:
            continue
        inside = re.fullmatch(r"\s*[(\[]\s*(\w*)\s*[~≈=]?\s*", gap)
        closed = text[other.amount.end :][:1] in ")]"
        if inside and closed and (not inside[1] or OR.search(inside[1])) and other.amount.join == claim.amount.join:
            if not same(other.amount, claim.amount) and unlike(other.amount, claim.amount, text, question or ""):
                return other
    return None


def unlike(one: Amount, other: Amount, text: str, question: str) -> bool:
    """Whether two amounts that are not the same are of one sort all the same, so that they contradict each other."""
    if not one.parts or not other.parts:
        return bool(one.date and other.date)
    mine, wanted = unit(one.parts[0].unit), unit(other.parts[0].unit)
    if not mine or not wanted or mine.dims == wanted.dims:
        return True
    values = [one.parts[0].value * factor for factor in substance_factors(mine, wanted, text, question)]
    target = other.parts[0].value
    return bool(values) and all(abs(value - target) > 0.05 * abs(target) for value in values)
