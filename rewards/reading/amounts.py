"""Amounts in text: numbers with their units, joined to ranges, ratios, pairs, sizes, durations and dates."""

import re
from collections import deque
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from rewards.reading.dates import Dated, dates
from rewards.reading.units import unit

NUMBER = re.compile(
    r"(?<![A-Za-z0-9_^])(?<!\d\.)(?<![A-Za-z]-)(?P<sign>[-+]?)"
    r"(?:10\^[({]?(?P<ten>[-+]?\d{1,3})[)}]?|(?P<digits>\d{1,3}(?:,\d{3}){1,6}(?!\d)|\d{1,2}(?:,\d{2}){1,5},\d{3}(?!\d)|\d{1,3}(?:'\d{3}){1,6}(?!\d)|"
    r"\d{1,3}(?: \d{3}){1,6}(?![\d,.])|\d+|(?=\.\d))(?P<places>\.\d+)?"
    r"(?:\s?[x*]\s?10(?:\s?(?:\^|\*\*|[eE])\s?[({]?(?P<power>[-+]?\d{1,4})[)}]?|(?P<lost>\d{1,2})(?=\s?/\s?[A-Za-z]))|"
    r"[eE](?P<e>[-+]?\d{1,4})(?!\d))?)"
    r"(?!\d)(?!-?[A-Za-z]\w*-\d)"
)
UNIT_RUN = re.compile(
    r"\s?[-]?\s?(?P<run>\(?\[?(?:[x*]\s?10\^?\{?\d{1,2}\}?\s?)?[A-Za-z%‰°Å/][^\s,;:=<>≈→!?\"±~|+]*"
    r"(?: [^\s,;:=<>≈→!?\"±~|+]+){0,4})"
)
SPLIT_UNIT = re.compile(r"([A-Za-z]{1,4}) [A-Za-z][A-Za-z0-9]{0,11}(/[A-Za-z]{1,3}\b)")
TIMED = re.compile(
    r"\s?(?:once |each |every |an? |per )?(?P<each>dai?ly|day|hourly|hour|weekly|week|24 ?h(?:ours)?)\b", re.IGNORECASE
)
EACH = {
    "daily": "/day",
    "day": "/day",
    "dayly": "/day",
    "hourly": "/h",
    "hour": "/h",
    "weekly": "/week",
    "week": "/week",
}
COUNTED = re.compile(r"\s?(?:/|(?:cells?|copies|platelets|leukocytes|CFU|per)\b)")
LINKS = (
    (
        "/",
        re.compile(
            r"\s?,?\s(?:and |over |with )?(?:an? |the )?diastolic(?: (?:of|is|was|blood|pressure|value))*:? ", re.I
        ),
    ),
    ("/", re.compile(r"\s?/\s?|\s(?:over|/)\s")),
    (
        "of",
        re.compile(
            r"(?:\s?(?:points?|marks?|pts))?\s(?:out of|of)(?: an?| the)?(?: (?:possible|maximum|max|total))*"
            r"(?: of)?(?: a)?\s"
        ),
    ),
    (":", re.compile(r":|\s:\s")),
    ("-", re.compile(r"\s?(?:-|~)\s?|\s?(?:to|through|until)\s|\s?(?:至|到)\s?")),
    ("x", re.compile(r"\s?[x*]\s?|\sby\s")),
    ("±", re.compile(r"\s?[(\[]?\s?±\s?")),
    ("expr", re.compile(r"[\s()\[\]{}^]*(?:[-+*/x÷^]|\*\*)[\s()\[\]{}^]*|[\s()]*\^[\s()]*|\)\s?\(|\(")),
)
BETWEEN = re.compile(r"\bbetween\s*$", re.IGNORECASE)
AND = re.compile(r"\s?(?:,|;)?\s?(?:and|&|\+)?\s?")
TUPLE = re.compile(r"['\")(\s]*,['\"(\s]*")
LARGER = {"[calendar]": 0, "[time]": 0, "[mass]": 0, "[length]": 0}
MOST = 80  # numbers of a text, from its end, that are looked at


@dataclass(frozen=True)
class Quantity:
    """value in its own unit; step: of the last printed digit; digits: significant digits; decimal: a point or a power
    of ten was printed; unit: as written; power: the power of ten that was printed as part of a number."""

    value: float
    step: float
    digits: int
    decimal: bool
    unit: str
    power: int = 0

    @cached_property
    def shown(self) -> str:
        """The value with its unit."""
        return f"{self.value:.10g} {self.unit}" if self.unit else f"{self.value:.10g}"

    def __str__(self) -> str:
        return self.shown


@dataclass(frozen=True)
class Amount:
    """One amount of a text from `start` to `end`: a single number (join ''), or several joined as "/", ":", "of" (3 out
    of 5), "-" (a range), "x" (a size), "±", "expr" (an unevaluated expression), or a date."""

    start: int
    end: int
    parts: tuple[Quantity, ...]
    join: str = ""
    date: Dated | None = None
    noun: str = ""

    def __str__(self) -> str:
        if self.date:
            return str(self.date.mdy or self.date.dmy)
        mark = {"of": " of ", "expr": " ? ", "±": " ± "}.get(self.join, self.join)
        return mark.join(map(str, self.parts))


def quantity(match: re.Match[str], unit_text: str) -> Quantity:
    """A matched number with its unit as a quantity."""
    shown, places = re.sub(r"[,' ]", "", match["digits"] or ""), match["places"] or ""
    power = int(match["power"] or match["lost"] or match["e"] or match["ten"] or 0)
    mantissa = f"{match['sign']}{shown or ('1' if match['ten'] else '0')}{places}"
    bounded = max(-300, min(power, 300))
    value = float(f"{mantissa[:400]}e{bounded}")
    step = 10.0 ** max(-300, bounded - max(0, len(places) - 1))
    digits = len((shown + places[1:]).lstrip("0"))
    return Quantity(value, step, digits, bool(places) or bool(power), unit_text, power)


@lru_cache(maxsize=8192)
def unit_of(rest: str) -> tuple[str, int]:
    """(unit, characters it takes) at the start of the text after a number; ('', 0) if there is none."""
    match = UNIT_RUN.match(rest)
    if not match:
        return "", 0
    run = match["run"]
    if (split := SPLIT_UNIT.match(run)) and unit(split[1] + split[2]):  # mL O2/dL
        return split[1] + split[2], match.start("run") + split.end()
    ends = [place.start() for place in re.finditer(r" |$", run)]
    for end in reversed(ends):
        said = run[:end].rstrip(".,;:'")
        said = said.rstrip(")]}") if said.count("(") < said.count(")") or said.count("[") < said.count("]") else said
        if unit(said) and not (said.lower() == "in" and run[2:3] == " "):  # "5 lesions in 2 lobes" has no inches
            return said, match.start("run") + len(said)
    said = re.match(r"[A-Za-z%°µ]+", run)
    if said and said[0].lower() != "in" and unit(said[0]) and not run[said.end() :][:1].isalnum():
        return said[0], match.start("run") + said.end()
    return "", 0


def tokens(text: str, skip: list[Dated]) -> list[Amount]:
    """Every number of a text with its unit, outside dates."""
    found: list[Amount] = []
    spans = iter(skip)
    hole = next(spans, None)
    for match in deque(NUMBER.finditer(text), MOST):
        while hole and hole.end <= match.start():
            hole = next(spans, None)
        if hole and hole.start < match.end() or found and match.start() < found[-1].end:
            continue
        found.append(token(match, text))
    return found


def token(match: re.Match[str], text: str) -> Amount:
    """One number with its unit; a power of ten before "/L" and the like is part of the unit."""
    rest = text[match.end() : match.end() + 48]
    unit_text, size = unit_of(rest)
    said = quantity(match, unit_text)
    if 0 < abs(said.power) <= 30 and unit_text and COUNTED.match(rest) and not match["e"]:
        said = replace(quantity(match, f"10^{said.power}{unit_text if unit_text.startswith('/') else ' ' + unit_text}"))
        scale = 10.0**said.power
        said = replace(said, value=said.value / scale, step=said.step / scale, decimal=bool(match["places"]), power=0)
    noun = ""
    if not unit_text and (word := re.match(r"[\s-]?([A-Za-z][A-Za-z/]*)", rest)):
        noun = word[1] if rest[:1] == " " else "-" + word[1]
    elif unit_text and (timed := TIMED.match(rest, size)):
        noun = EACH.get(timed["each"].lower(), "/day")
    return Amount(match.start(), match.end() + size, (said,), "", None, noun)


def amounts(text: str) -> list[Amount]:
    """All amounts of a text whose numbers are plain digits, in order.

    >>> [str(a) for a in amounts("120/80 mmHg, 3-5 cm, 2 weeks and 3 days, 14 out of 15, 1.2 x 10^3 mL, 24/2")]
    ['120 mmHg/80 mmHg', '3 cm-5 cm', '17 days', '14 of 15', '1200 mL', '24/2']
    """
    skip = dates(text)
    found: list[Amount] = []
    for token in tokens(text, skip):
        last = found[-1] if found else None
        link = linked(text, last, token) if last else ""
        if last and link == "sum":
            found[-1] = summed(last, token)
        elif last and link:
            found[-1] = joined(last, token, link)
        else:
            found.append(token)
    dated = [Amount(d.start, d.end, (), "date", d) for d in skip]
    return sorted(found + dated, key=lambda amount: amount.start) if dated else found


def linked(text: str, last: Amount, token: Amount) -> str:
    """How a number is tied to the amount before it; '' if it is not."""
    gap = text[last.end : token.start]
    if len(gap) > 40 or last.date:
        return ""
    if not last.join and (AND.fullmatch(gap) or TUPLE.fullmatch(gap)) and smaller(token.parts[0], last.parts[-1]):
        return "sum"
    if not gap.strip() and text[token.start] in "+-" and gap:
        return "expr"
    for name, pattern in LINKS:
        if pattern.fullmatch(gap):
            if gap == " over " and last.parts[-1].unit:  # 2 L over 24 hours
                return ""
            if (
                name == "of" and last.parts[-1].unit and last.parts[-1].unit != token.parts[0].unit
            ):  # 5 mL of 250 mg/5 mL
                return ""
            if name == ":" and (last.parts[-1].unit or last.join not in ("", ":")):
                return ""
            return name
    if re.fullmatch(r"\s?and\s", gap) and BETWEEN.search(text[max(0, last.start - 12) : last.start]):
        return "-"
    if last.parts[-1].value == 1 and not last.parts[-1].unit and re.fullmatch(r" in (?:every )?", gap):
        return "/"
    if gap == " per " and token.parts[0].value >= 10 and not token.parts[0].unit:  # 12 per 100,000
        return "/"
    return ""


def smaller(said: Quantity, before: Quantity) -> bool:
    """Whether a quantity can continue one before it, as days continue weeks, with at most one whole of it."""
    mine, other = unit(said.unit), unit(before.unit)
    if not mine or not other or said.value < 0 or before.decimal:
        return False
    kin = mine.dims == other.dims and len(mine.dims) == 1 and mine.dims[0][0] in LARGER and mine.dims[0][1] == 1
    return kin and mine.factor < other.factor and said.value * mine.factor < other.factor * 1.0001


def summed(last: Amount, token: Amount) -> Amount:
    """Weeks and days, hours and minutes and the like as one quantity in the smaller unit."""
    big, small = last.parts[-1], token.parts[0]
    larger, lesser = unit(big.unit), unit(small.unit)
    if larger is None or lesser is None:
        return token
    ratio = larger.factor / lesser.factor
    value = abs(big.value) * ratio + small.value
    total = Quantity(value if big.value >= 0 else -value, small.step, small.digits + 1, small.decimal, small.unit)
    return Amount(last.start, token.end, (total,), "")


def joined(last: Amount, token: Amount, link: str) -> Amount:
    """An amount and the number tied to it; ties of two sorts make an expression."""
    parts, join = (*last.parts, *token.parts), link
    if last.join and (last.join != link or link not in ("x", ":")):
        join = "expr"
    if (
        token.parts[0].unit
        and not last.parts[-1].unit
        and (join in ("/", "-", "x") or join == "±" and token.parts[0].unit != "%")
    ):
        parts = (*(replace(part, unit=token.parts[0].unit) for part in last.parts), *token.parts)
    return Amount(last.start, token.end, parts, join, None, token.noun)
