"""Numbers with units: one committed value, compared with a gold in the gold's own unit and precision."""

import re
from dataclasses import dataclass
from functools import lru_cache

from rewards.reading import Reading
from rewards.reading.fold import canon, fold
from rewards.reading.prose import committed_clause
from rewards.reading.units import SPELT, unit

NUMBER = re.compile(
    r"(?<![\w.,^])(?<![A-Za-z]-)(?P<sign>[-+]?)(?P<digits>\d{1,3}(?:,\d{3})+|\d+|(?=\.\d))(?P<places>\.\d+)?"
    r"(?:\s*[x*]\s*10\s*\^?\s*\{?(?P<power>[-+]?\d+)\}?|[eE](?P<e>[-+]?\d+))?(?!\d)(?!-?[A-Za-z]\w*-\d)"
)
DECIMAL_COMMA = re.compile(r"(?<![\d.,])(\d+),(\d{1,2}|\d{4,})(?![\d,])")
EXPRESSION = re.compile(r"\d\s*(?:[+*/÷]|x(?!\s*10)| - )\s*\(?\d|\)\s*[*/]|\d\s*:\s*\d")
RANGE = re.compile(
    r"\d\s*[a-zA-Z%/]{0,8}\s*(?:-|~|\bto\b)\s*[-+]?\d|\bbetween\b|\bor\b|\bmore than\b|\bless than\b|[<>≥≤]|±"
)
EQUALS = re.compile(r"[=≈]|\b(?:equals|is|are|was|of|about|approximately|roughly|around)\b\s*:?|:\s")
ASIDE = re.compile(r"(?<=\S)\s*\([^()]*\)")
OUT_OF = re.compile(r"\bout of (?:a (?:possible|total|maximum) (?:of )?)?\d+")
WORDS: dict[str, int] = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
WORD = re.compile(rf"\b(?:{'|'.join(WORDS)})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Quantity:
    """value in its own unit; places: decimals printed (negative powers of ten count); digits: significant digits."""

    value: float
    step: float
    digits: int
    decimal: bool
    unit: str

    def __str__(self) -> str:
        return f"{self.value:.10g} {self.unit}".strip()


def plain(text: str) -> str:
    """Folded text with decimal points instead of commas, and no body-surface number inside a unit."""
    return SPELT[1].sub("bsa", DECIMAL_COMMA.sub(r"\1.\2", text))


@lru_cache(maxsize=4096)
def gold_quantity(text: str) -> Quantity | None:
    """A gold answer as a quantity: one number, then nothing but its unit; None if it is not that."""
    folded = plain(fold(text))
    match = NUMBER.match(folded)
    return quantity(match, folded[match.end() :].strip(" .")) if match else None


def quantity(match: re.Match[str], rest: str) -> Quantity:
    """A matched number with the text after it as its unit."""
    digits, places = match["digits"].replace(",", "") or "0", match["places"] or ""
    power = int(match["power"] or match["e"] or 0)
    value = float(f"{match['sign']}{digits}{places}") * 10.0 ** max(-300, min(power, 300))
    step = 10.0 ** (max(-300, min(power, 300)) - max(0, len(places) - 1))
    shown = (digits + places[1:]).lstrip("0")
    return Quantity(value, step, len(shown), bool(places) or bool(power), rest)


def read_quantity(text: str) -> tuple[Quantity | None, Reading]:
    """The one quantity a folded text commits to; ranges, lists and unevaluated expressions are none.

    >>> [str(read_quantity(text)[0]) for text in ("140 - 104 - 24 = 12 mEq/L", "10-12", "24/2", "CURB-65 is 3")]
    ['12 mEq/L', 'None', 'None', '3']
    """
    clause = committed_clause(text)
    if clause.value is None:
        return None, clause
    said = OUT_OF.sub("", ASIDE.sub("", plain(clause.value)))
    said = re.sub(r"\bnot [^,.;]{1,40}? but\b", "", said)
    parts = said
    for match in re.finditer(r"[=≈]", said):
        parts = said[match.end() :]
    numbers = list(NUMBER.finditer(parts))
    if len({match[0].strip() for match in numbers}) > 1:
        ends = [match.end() for match in EQUALS.finditer(parts)]
        parts = parts[ends[-1] :] if ends else parts
        numbers = list(NUMBER.finditer(parts))
    masked = NUMBER.sub("0", parts)  # 5e-2 is no range
    if not numbers and not RANGE.search(parts) and (word := set(map(str.lower, WORD.findall(parts)))):
        return (None, Reading(None, "conflict", "several numbers")) if len(word) > 1 else word_quantity(word.pop())
    if not numbers:
        return None, Reading(None, "unparsed", "no number is stated")
    if EXPRESSION.search(masked):
        return None, Reading(None, "expression", "an expression is not evaluated")
    if len({match[0].strip() for match in numbers}) > 1 or RANGE.search(masked):
        return None, Reading(None, "conflict", "several numbers, a bound or a range")
    if re.search(r"\b(?:not|never|isn't)\b[^.]*$", parts[: numbers[0].start()]):
        return None, Reading(None, "negated", "the number is negated")
    found = quantity(numbers[0], unit_text(parts[numbers[0].end() :]))
    return found, Reading(str(found), "number")


def word_quantity(word: str) -> tuple[Quantity, Reading]:
    """A number word as a quantity without a unit."""
    value = WORDS[word]
    return Quantity(float(value), 1.0, 2, False, ""), Reading(str(value), "number_word")


def unit_text(rest: str) -> str:
    """The unit at the start of the text after a number: the longest run of up to four words that is one, else all."""
    words = rest.strip(" .,;:\"'").split()
    for size in range(min(4, len(words)), 0, -1):
        if unit(" ".join(words[:size])):
            return " ".join(words[:size]).rstrip(" .,;:")
    return " ".join(words[:3])


def compare(said: Quantity, gold: Quantity, tolerance: float, need_unit: bool) -> tuple[bool, str]:
    """(right, why).  An integer gold wants the exact value; a decimal one allows `tolerance` (relative) and rounding:
    the more precise of the two may be rounded to the other, which must show at least two significant digits."""
    factor, problem = conversion(said.unit, gold.unit, need_unit, gold.value)
    if problem:
        return False, problem
    value, step = said.value * factor, said.step * factor
    gap = abs(value - gold.value)
    allowed = abs(gold.value) * 1e-9
    if factor != 1.0:
        allowed = max(allowed, 0.5 * gold.step)
    if gold.decimal:
        allowed = max(allowed, abs(gold.value) * tolerance, 0.5 * gold.step if step < gold.step else 0.0)
        if step > gold.step and said.digits >= min(2, gold.digits):
            allowed = max(allowed, 0.5 * step)
    if gap <= allowed * (1 + 1e-9):
        return True, f"{said} matches {gold}"
    return False, f"{said} is not {gold}"


def conversion(said: str, gold: str, need_unit: bool, value: float) -> tuple[float, str]:
    """(factor from the said unit to the gold's, problem or '')."""
    if not said or not gold:
        if gold and need_unit:
            return 1.0, f"no unit, {gold} is asked"
        if said == "%" and abs(value) < 1:
            return 1.0, "a percentage is not a fraction"
        return 1.0, ""
    if said == gold:
        return 1.0, ""
    mine, wanted = unit(said), unit(gold)
    if mine and wanted and mine[0] == wanted[0]:
        return mine[1] / wanted[1], ""
    if mine is None and (
        wanted is None
        and canon(said)[:1] == canon(gold)[:1]
        or wanted is not None
        and need_unit is False
        and not looks_like_unit(said)
    ):
        return 1.0, ""
    return 1.0, f"unit {said} is not {gold}"


def looks_like_unit(text: str) -> bool:
    """Whether a text that is no known unit is written like one: a slash, or one short word."""
    return "/" in text or "%" in text or len(text) <= 5
