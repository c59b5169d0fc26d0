"""The one amount that a text commits to."""

import re
from dataclasses import dataclass
from functools import lru_cache

from rewards.reading import Reading
from rewards.reading.amounts import NUMBER, Amount, Quantity
from rewards.reading.analytes import substance_factors
from rewards.reading.asked import PER_CENT
from rewards.reading.claims import BARE, MARKED, NEVER, PLAIN, RESULT, Claim, claims
from rewards.reading.fold import fold
from rewards.reading.number_cues import REFERENCE
from rewards.reading.numerals import digits, unambiguous
from rewards.reading.prose import REFUSAL, TURN, refusal
from rewards.reading.questioned import counted, not_given, on_the_question
from rewards.reading.units import convert, unit

__all__ = ["NUMBER", "Amount", "Quantity", "Stated", "gold_amount", "read_amount"]
COUNT = re.compile(r"\bhow many\b|\bnumber of\b", re.IGNORECASE)
RIVAL_END = re.compile(r"\s?(?:[)\]]|$|(?:if|with|without|when|including)\b)", re.IGNORECASE)
UNKNOWN = re.compile(
    r"\b(?:unknown|unclear|undetermined|indeterminate|not (?:stated|given|known|available))\b", re.IGNORECASE
)
ORDINAL = re.compile(r"\b(?:type|stage|grade|class|phase|level|degree)\s*$", re.IGNORECASE)
CODE = re.compile(r"\b(?:lambda|eval|exec|import|print|int|float|return|def)\s?[(:]|__\w+__|\)\s?\(\)")
ALTERNATIVE = re.compile(r"\s*[(\[]\s*(?:or|also|alternatively|otherwise|maybe|possibly|perhaps)\b", re.IGNORECASE)
OPEN_UNIT = re.compile(r"(?:(?:, ?| ?/ ?)[^\s,;()/]+){0,4},? or ([^\s\d,;()]+)(?=[\s,.;)]|$)")
UNLESS = re.compile(r"[^.;\d]{0,20}\b(?:unless|otherwise|or else|if not)\b[^.;\n]*\d", re.IGNORECASE)
UNABLE = re.compile(
    r"\b(?:can ?not|can't|could not|couldn't|unable to|impossible to|not able to)\b[^.;:\n]{0,40}?"
    r"\b(?:calculated?|computed?|work(?:ed)? (?:it |this |that )?out|"
    r"estimated?|measured?|derived?|quantif(?:y|ied)|count(?:ed)?)\b",
    re.IGNORECASE,
)
BRACKETED = re.compile(r"\s*[(\[]\s*(?:(?:or|maybe|possibly|perhaps|alternatively)\s|或)?\s*[~≈=]?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Stated:
    """An amount that a text commits to; bound: '' or '>' or '<'; text: the text, in plain digits; also: the same amount
    in other units or with fewer digits, where it is said twice."""

    amount: Amount
    bound: str
    text: str
    also: tuple[Amount, ...] = ()

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
    if stated is None or stated.amount.join == "expr":
        return None
    return None if ORDINAL.search(stated.text[: stated.amount.start]) else stated  # type 1 diabetes is no number


def read_amount(text: str, question: str | None = None, sort: str = "") -> tuple[Stated | None, Reading]:
    """The one amount that a folded text commits to; sort: a unit of what is asked, where it is known: amounts of other
    sorts beside one of this sort are not rivals ("75/min, PR 160 ms").

    >>> [str(read_amount(t)[0]) for t in ("140 - 104 - 24 = 12 mEq/L", "10-12", "CURB-65 is 3, not 2", "11 or 12")]
    ['12 mEq/L', '10-12', '3', 'None']
    """
    if CODE.search(text):
        return None, Reading(None, "expression", "a program is not run")
    declined = refusal(text, 0, firm=False)
    if declined or UNABLE.search(text):
        found = (REFUSAL if declined else UNABLE).search(text)
        turn = TURN.search(text, found.end()) if found else None
        if not turn:
            return None, declined or Reading(None, "refusal", "the text declines to answer")
        text = text[turn.end() :]
    return chosen(digits(text), question, sort)


def chosen(text: str, question: str | None, sort: str = "") -> tuple[Stated | None, Reading]:
    """The amount that the highest claims of a text in plain digits agree on."""
    found = claims(text)
    alive = of_sort([claim for claim in found if claim.rank > NEVER], sort, text, question)
    if not found and question and COUNT.search(question) and (count := counted(text, question)) is not None:
        return Stated(Amount(0, 0, (Quantity(count, 1.0, 1, False, ""),)), "", text), Reading(f"{count:g}", "count")
    if not alive:
        why = "every number in it is rejected, or an input or a reason" if found else "no number is stated"
        return None, Reading(None, "negated" if found else "unparsed", why)
    top = max(claim.rank for claim in alive)
    if top < PLAIN and (UNKNOWN.search(text) or question and usual(alive, text) and not REFERENCE.search(question)):
        return None, Reading(None, "refusal", "the text states no value of its own")
    best = spoken(alive, top, text, question)
    best = best if agree(best) else translated(best, sort, text, question)
    if not agree(best):
        shown = ", ".join(dict.fromkeys(str(claim.amount) for claim in best[:5]))
        return None, Reading(None, "conflict", f"several numbers: {shown}")
    claim = max(best, key=fullness)
    also = [other.amount for other in (*best, *(other for other in found if repeated(other, claim)))]
    if open_unit(claim.amount, text) or UNLESS.match(text, claim.amount.end):
        return None, Reading(None, "conflict", f"{claim.amount} is left open")
    if rival := contradicted(claim, found, text, question):
        return None, Reading(None, "conflict", f"{claim.amount} and {rival.amount}")
    rules = {MARKED: "marker", RESULT: "result", BARE: "number", PLAIN: "number"}
    stated = Stated(claim.amount, claim.bound, text, tuple(amount for amount in also if amount != claim.amount))
    return stated, Reading(str(stated), rules.get(claim.rank, "aside"))


def usual(alive: list[Claim], text: str) -> bool:
    """Whether a text only says what is normal."""
    return all(REFERENCE.search(text, max(0, claim.amount.start - 30), claim.amount.start) for claim in alive)


def of_sort(alive: list[Claim], sort: str, text: str, question: str | None) -> list[Claim]:
    """The claims in units that can be the asked one, and without a unit; all if there are none in such a unit."""
    wanted = unit(sort) if sort else None
    if len(alive) < 2:
        return alive
    if wanted is None:  # a score, a ratio: a percentage beside it is a risk
        bare = [claim for claim in alive if not (claim.amount.parts and claim.amount.parts[-1].unit == "%")]
        scored = any(claim.rank >= PLAIN and claim.amount.parts and not claim.amount.parts[-1].unit for claim in bare)
        return bare if scored and question and not PER_CENT.search(question) else alive
    fits: list[Claim] = []
    for claim in alive:
        mine = unit(claim.amount.parts[-1].unit) if claim.amount.parts and claim.amount.parts[-1].unit else None
        if (
            not mine
            or mine.dims == wanted.dims
            or claim.chained
            or substance_factors(mine, wanted, text, question or "")
        ):
            fits.append(claim)
    return fits if any(claim.amount.parts and claim.amount.parts[-1].unit for claim in fits) else alive


def spoken(alive: list[Claim], top: int, text: str, question: str | None) -> list[Claim]:
    """The claims that speak for a text.  Marked ones, if there are; else those on what the question names; else the
    last result, with which a bare number must agree; else all that is stated.  Of "name = value" the last; values
    before expressions."""
    stated = [claim for claim in alive if claim.rank >= min(top, PLAIN)]
    if top < MARKED and question and not agree(stated):
        news = not_given(stated, question)
        stated = on_the_question(news, text, question)
        if news[-1].worked and news[-1].rank == RESULT and (stated[0].rank < RESULT or not agree(stated)):
            stated = news[-1:]  # what a calculation or a table comes to in the end
        top = max(claim.rank for claim in stated)
    best = [claim for claim in stated if claim.rank == top]
    best = [claim for claim in best if claim.amount.join != "expr"] or best
    if top == RESULT:
        return [*(claim for claim in stated if claim.rank == BARE and claim.amount.join != "expr"), *last_of(best)]
    if top == PLAIN and all(claim.named for claim in best) and not agree(best):
        names = {text[claim.subject : claim.amount.start] for claim in best}
        return last_of(best) if len(names) == len(best) else best
    return best


def last_of(best: list[Claim]) -> list[Claim]:
    """The last claim, with those that it is an alternative to."""
    first = len(best) - 1
    while first and best[first].chained:
        first -= 1
    return best[first:]


def fullness(claim: Claim) -> tuple[bool, int]:
    """How much a claim says: whether it has a unit, and its digits."""
    return bool(claim.amount.parts and claim.amount.parts[-1].unit), sum(part.digits for part in claim.amount.parts)


def translated(best: list[Claim], sort: str, text: str, question: str | None) -> list[Claim]:
    """The claims in the asked unit, where the others say the same in units of the substance: 115 umol/L, i.e. 1.3
    mg/dL."""
    wanted = unit(sort) if sort else None
    own, others = [], []
    for claim in best:
        mine = unit(claim.amount.parts[0].unit) if len(claim.amount.parts) == 1 else None
        if wanted is None or mine is None:
            return best
        (own if mine.dims == wanted.dims else others).append(claim)
    apart = [other for other in others for claim in own if unlike(other.amount, claim.amount, text, question or "")]
    return best if apart or not own else own


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


def repeated(other: Claim, claim: Claim) -> bool:
    """Whether a bare claim is said again with its unit: 0.90 (90 %)."""
    if other.rank == NEVER or not (other.amount.parts and other.amount.parts[-1].unit) or not claim.amount.parts:
        return False
    return not claim.amount.parts[-1].unit and same(other.amount, claim.amount)


def contradicted(claim: Claim, found: list[Claim], text: str, question: str | None) -> Claim | None:
    """An aside right after the claim that states another value, bare or as an alternative."""
    for other in found:
        gap = text[claim.amount.end : other.amount.start]
        if other.rank == NEVER or not other.aside or other.amount.start < claim.amount.end or claim.aside:
            continue
        bare = ALTERNATIVE.match(gap) or BRACKETED.fullmatch(gap) and RIVAL_END.match(text, other.amount.end)
        differs = other.amount.join == claim.amount.join and not same(other.amount, claim.amount)
        if bare and differs and unlike(other.amount, claim.amount, text, question or ""):
            return other
    return None


def open_unit(amount: Amount, text: str) -> bool:
    """Whether an amount is stated in this unit or in another: "0.4 mg or g"."""
    said = unit(amount.parts[-1].unit) if amount.parts and amount.parts[-1].unit else None
    other = OPEN_UNIT.match(text, amount.end) if said else None
    rival = unit(other[1]) if other else None
    return bool(
        said
        and rival
        and (said.dims, said.factor) != (rival.dims, rival.factor)
        and len(said.dims) == len(rival.dims)
        and not {"[charge]"} & {name for name, _ in (*said.dims, *rival.dims)}
    )


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
