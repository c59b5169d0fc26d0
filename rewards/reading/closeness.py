"""Whether a stated amount is the gold one: its unit, its precision, its limits."""

import math
import re
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation

from rewards.reading.amounts import Quantity
from rewards.reading.analytes import substance_factors
from rewards.reading.asked import PER_CENT, asked_unit, given_values
from rewards.reading.dates import same_date
from rewards.reading.quantity import Stated
from rewards.reading.units import Unit, convert, unit

MOST_ROUNDED = 0.1  # a rounded value is never further off than this share
DAILY = re.compile(r"\bdaily\b|\bper day\b|\ba day\b", re.IGNORECASE)
EITHER = re.compile(
    r"(?:%|percent(?:age)?) or (?:as )?(?:an? )?(?:fraction|proportion|decimal|ratio)|"
    r"(?:fraction|proportion|decimal|ratio) or (?:as )?(?:an? )?(?:%|percent)",
    re.IGNORECASE,
)
SCORE = re.compile(
    r"\b(?:scores?|scale|points?|gcs|glasgow|apgar|index|grade|strength|mmse|moca|criteria|curb|pain|items?|q?sofa|meld|"
    r"wells|news2?|centor|alvarado|apache|nihss|bishop|braden|ecog|phq|gad|epds|timi|caprini|child-pugh|has-bled)\b",
    re.IGNORECASE,
)
MAXIMA = frozenset((5.0, 10.0, 15.0, 30.0, 100.0))
WEEKS_DAYS = re.compile(r"\d{1,2} ?\+ ?[0-6]")


@dataclass(frozen=True)
class Terms:
    """What a comparison allows.  tolerance: relative, for decimals; lower and upper: limits in the gold's unit, in
    either order, used instead; need_unit: a bare number is wrong where the gold has a unit; question: for units,
    substances, formats."""

    tolerance: float = 0.0
    need_unit: bool = False
    lower: float | None = None
    upper: float | None = None
    question: str | None = None


def compare(said: Stated, gold: Stated, terms: Terms) -> tuple[bool, str]:
    """(right, why), in whichever of its forms the amount is the gold's."""
    for amount in said.also[:4]:
        right, why = compare_one(replace(said, amount=amount), gold, terms)
        if right:
            return right, why
    return compare_one(said, gold, terms)


def compare_one(said: Stated, gold: Stated, terms: Terms) -> tuple[bool, str]:
    """(right, why) of an amount in one form."""
    mine, wanted = said.amount, gold.amount
    if said.bound != gold.bound:
        return False, f"{said} is a bound" if said.bound else f"{said} is no bound"
    if wanted.date or mine.date:
        if not (wanted.date and mine.date):
            return False, f"{said} is {'a' if mine.date else 'no'} date"
        return told(same_date(mine.date, wanted.date, terms.question), said, gold)
    if wanted.join in ("/", ":", "of"):
        return told(same_ratio(said, gold, terms), said, gold)
    if wanted.join in ("-", "x"):
        return told(same_parts(said, gold, terms), said, gold)
    if wanted.join == "±" and mine.join == "±":
        return told(same_parts(said, gold, terms), said, gold)
    part = point(said, wanted.parts[0], terms)
    if part is None:
        names = {"-": "a range", "expr": "an expression that is not worked out", "±": "too wide", "x": "a size"}
        return False, f"{said} is {names.get(mine.join, 'not one number')}"
    return same_quantity(part, mine.noun, wanted.parts[0], wanted.noun, terms, said.text)


def told(right: bool, said: Stated, gold: Stated) -> tuple[bool, str]:
    """(right, why in words)."""
    return right, f"{said} {'matches' if right else 'is not'} {gold}"


def point(said: Stated, gold: Quantity, terms: Terms) -> Quantity | None:
    """The single value of an amount: the number, the points of a score, the middle of a spread within the tolerance."""
    amount = said.amount
    first = amount.parts[0]
    if amount.join == "of" and gold.unit == "%" and not first.unit:  # 80 out of 1000
        return None
    if amount.join in ("", "of"):
        return first
    written = said.text[amount.start : amount.end]
    if amount.join == "expr" and gold.unit == "days" and WEEKS_DAYS.fullmatch(written):  # 32+4, as obstetricians write
        return Quantity(7 * first.value + amount.parts[1].value, 1.0, 3, False, "days")
    if amount.join == "/" and len(amount.parts) == 2:
        most = amount.parts[1]
        if gold.unit == "%" and most.value and EITHER.search(terms.question or ""):
            return replace(first, value=first.value / most.value, step=1e-9, decimal=True)
        if not gold.unit and not most.unit and most.value >= 100 and most.value in given_values(terms.question or ""):
            return first  # 12/100,000, where a rate per 100,000 is asked for
        scored = SCORE.search(said.text) or terms.question and SCORE.search(terms.question)
        if (
            not gold.unit
            and 0 <= first.value <= most.value
            and not most.unit
            and (scored or first.value < most.value in MAXIMA)
        ):
            return first
    if amount.join == "±" and len(amount.parts) == 2:
        spread = amount.parts[1]
        if spread.unit == "%" != first.unit:
            return first if spread.value <= 100 * terms.tolerance else None
        return first if spread.value <= terms.tolerance * abs(gold.value) else None
    return None


def same_parts(said: Stated, gold: Stated, terms: Terms) -> bool:
    """Ranges, sizes and spreads: every part is the gold's; the sides of a size in any order."""
    mine, wanted = said.amount.parts, gold.amount.parts
    if said.amount.join != gold.amount.join or len(mine) != len(wanted):
        return False
    if gold.amount.join == "x":
        mine, wanted = sorted(mine, key=lambda part: part.value), sorted(wanted, key=lambda part: part.value)
    return all(
        same_quantity(part, said.amount.noun, want, gold.amount.noun, terms, said.text)[0]
        for part, want in zip(mine, wanted, strict=True)
    )


def same_ratio(said: Stated, gold: Stated, terms: Terms) -> bool:
    """Ratios and fractions: the same parts or the same quotient; parts with a unit (120/80 mmHg) one by one."""
    mine, wanted = said.amount, gold.amount
    if len(wanted.parts) != 2 or any(part.unit for part in wanted.parts):
        return same_parts(replace_join(said, wanted.join), gold, terms)
    top, bottom = (part.value for part in wanted.parts)
    in_words = mine.join == "-" and " to " in said.text[mine.start : mine.end]
    if (mine.join in ("/", ":", "of") or in_words) and len(mine.parts) == 2:
        return math.isclose(mine.parts[0].value * bottom, top * mine.parts[1].value, rel_tol=1e-9)
    if mine.join or not bottom:
        return False
    value = mine.parts[0]
    if value.unit and unit(value.unit):
        return False
    if value.value == top and bottom >= 100 and bottom in given_values(terms.question or ""):
        return True
    if value.value == top and bottom in MAXIMA and SCORE.search(f"{said.text} {terms.question}"):
        return True
    return rounded(top / bottom, value) if value.digits > 1 else math.isclose(value.value, top / bottom, rel_tol=1e-9)


def replace_join(said: Stated, join: str) -> Stated:
    """The same amount, a pair written with another mark."""
    pair = said.amount.join in ("/", ":", "of")
    return replace(said, amount=replace(said.amount, join=join)) if pair else said


def same_quantity(
    said: Quantity, noun: str, gold: Quantity, gold_noun: str, terms: Terms, text: str
) -> tuple[bool, str]:
    """(right, why) of one value against another, units and all."""
    wanted_text = gold.unit or (asked_unit(terms.question) if terms.question and not gold_noun else "")
    mine, wanted = unit(said.unit) if said.unit else None, unit(wanted_text) if wanted_text else None
    if said.unit == "%" or wanted_text == "%":
        percent = percentage(said, gold, wanted_text, terms)
        if percent is not None:
            return percent
    if mine is None:
        if terms.need_unit and gold.unit:
            return False, f"no unit, {gold.unit} is asked"
        if "/" in noun and wanted:
            return False, f"unit {noun} is not {wanted_text}"
        return told_value(near(bare(said, gold), gold, terms), said, gold)
    if wanted is None:
        right = not gold_noun or not looks_like_unit(gold_noun)
        return told_value(near(said, gold, terms), said, gold) if right else (False, f"{said} is not in {gold_noun}")
    if mine == wanted and not noun:
        return told_value(near(said, gold, terms), said, gold)
    timed = unit(said.unit + noun) if noun.startswith("/") else None
    daily = unit(wanted_text + "/day") if terms.question and DAILY.search(terms.question) else None
    ways = [(mine, wanted), (timed, wanted), (mine, daily)]
    changed = [change for way, to in ways if way and to for change in converted(said, way, to, text, terms)]
    if not changed:
        return False, f"unit {said.unit} is not {wanted_text}"
    return told_value(any(near(value, gold, terms, lossy) for value, lossy in changed), said, gold)


def told_value(right: bool, said: Quantity, gold: Quantity) -> tuple[bool, str]:
    """(right, why in words)."""
    return right, f"{said} {'matches' if right else 'is not'} {gold}"


def looks_like_unit(noun: str) -> bool:
    """Whether an unknown word is written like a unit."""
    return "/" in noun or "%" in noun


def bare(said: Quantity, gold: Quantity) -> Quantity:
    """A number without a unit; its own power of ten is the one in the gold's unit (250 x 10^9 for 250 x 10^9/L)."""
    if said.power and gold.unit.startswith(f"10^{said.power}"):
        scale = 10.0**said.power
        return replace(said, value=said.value / scale, step=said.step / scale)
    return said


def percentage(said: Quantity, gold: Quantity, wanted: str, terms: Terms) -> tuple[bool, str] | None:
    """(right, why) where one side is a percentage and the other a bare number; None where that makes no difference."""
    question = terms.question or ""
    either = bool(EITHER.search(question))
    if said.unit == "%" and wanted == "%" or said.unit not in ("%", "") or wanted not in ("%", ""):
        return None
    if said.unit == "%":  # the gold is bare
        if either and not near(said, gold, terms):
            return told_value(near(scaled(said, said.value / 100, 0.01), gold, terms), said, gold)
        if abs(gold.value) < 1 and gold.decimal and not PER_CENT.search(question):
            return False, "a percentage is not a fraction"
        return None
    if either and not near(said, gold, terms):
        return told_value(near(scaled(said, said.value * 100, 100.0), gold, terms), said, gold)
    return None


def converted(said: Quantity, mine: Unit, wanted: Unit, text: str, terms: Terms) -> list[tuple[Quantity, bool]]:
    """(the quantity in the wanted unit, whether digits may have been lost) by every way there is."""
    if wanted.scale and mine == unit("degrees"):
        return [(said, False)]
    value = convert(said.value, mine, wanted)
    if value is None:
        found = substance_factors(mine, wanted, text, terms.question or "")
        return [(scaled(said, said.value * size, size), size not in (1.0, 2.0, 0.5)) for size in found]
    if mine.scale != wanted.scale:
        return [(scaled(said, value, 5 / 9 if wanted.scale.endswith("Celsius") else 9 / 5), True)]
    factor = mine.factor / wanted.factor
    tens = math.log10(factor)
    exact = abs(tens - round(tens)) < 1e-9 or len(wanted.dims) == 1 and wanted.dims[0][0] in ("[time]", "[calendar]")
    return [(scaled(said, value, factor), not exact)]


def scaled(said: Quantity, value: float, factor: float) -> Quantity:
    """A quantity with another value and the size of its last digit by the factor."""
    return replace(said, value=value, step=said.step * factor)


def near(said: Quantity, gold: Quantity, terms: Terms, lossy: bool = False) -> bool:
    """Whether a value in the gold's unit is the gold's, exactly, within the limits or tolerance, or rounded."""
    gap, size = abs(said.value - gold.value), abs(gold.value)
    if gap <= 1e-9 * size or said.value == gold.value:
        return True
    limited = terms.lower is not None and terms.upper is not None and terms.lower != terms.upper
    if limited and terms.lower is not None and terms.upper is not None:
        low, high = sorted((terms.lower, terms.upper))
        if low - 1e-9 * abs(low) <= said.value <= high + 1e-9 * abs(high):
            return True
    if lossy:
        finer = gap <= 0.5 * gold.step * (1 + 1e-9)
        return finer or said.digits > 1 and gap <= 0.5 * said.step * (1 + 1e-9) and gap <= MOST_ROUNDED * size
    if not gold.decimal:
        return False
    if not limited and gap <= size * terms.tolerance * (1 + 1e-9):
        return True
    if said.step < gold.step * (1 - 1e-9):
        return not limited and gap <= 0.5 * gold.step * (1 + 1e-9)
    return rounded(gold.value, said)


def rounded(value: float, said: Quantity) -> bool:
    """Whether a value rounds to what is said at the digits that are said, half up or half to even."""
    try:
        place = Decimal(1).scaleb(round(math.log10(said.step)))
        exact, shown = Decimal(repr(value)), Decimal(repr(said.value))
        fits = any(
            exact.quantize(place, rounding=way) == shown.quantize(place) for way in (ROUND_HALF_UP, ROUND_HALF_EVEN)
        )
    except (InvalidOperation, ValueError, OverflowError):
        return False
    return fits and abs(said.value - value) <= MOST_ROUNDED * abs(value) * (1 + 1e-9)
