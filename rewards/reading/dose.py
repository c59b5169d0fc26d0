"""Doses in text: an amount, per kilogram or not, once or per time, with the frequency that stands beside it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# name -> (dimension, size in its base unit).  Kilograms are left out: what weighs kilograms is the patient.
UNITS: dict[str, tuple[str, float]] = {
    "g": ("mass", 1.0), "gm": ("mass", 1.0), "gram": ("mass", 1.0), "mg": ("mass", 1e-3),
    "milligram": ("mass", 1e-3), "mcg": ("mass", 1e-6), "ug": ("mass", 1e-6), "microgram": ("mass", 1e-6),
    "ng": ("mass", 1e-9), "l": ("volume", 1.0), "liter": ("volume", 1.0), "litre": ("volume", 1.0),
    "dl": ("volume", 0.1), "ml": ("volume", 1e-3), "cc": ("volume", 1e-3), "unit": ("activity", 1.0),
    "iu": ("activity", 1.0), "u": ("activity", 1.0), "meq": ("charge", 1.0), "mmol": ("amount", 1.0),
}  # fmt: skip
HOUR, DAY = 3600.0, 86400.0
PERIODS = {"d": DAY, "day": DAY, "24 h": DAY, "24 hours": DAY, "24h": DAY, "h": HOUR, "hr": HOUR, "hour": HOUR,
           "min": 60.0, "minute": 60.0, "wk": 7 * DAY, "week": 7 * DAY}  # fmt: skip
TIMES = {"once": 1, "one": 1, "twice": 2, "two": 2, "thrice": 3, "three": 3, "four": 4, "five": 5, "six": 6}
SHORT = {"od": DAY, "qd": DAY, "daily": DAY, "nightly": DAY, "qhs": DAY, "bd": DAY / 2, "bid": DAY / 2, "tds": DAY / 3,
         "tid": DAY / 3, "qid": DAY / 4, "qds": DAY / 4, "hourly": HOUR, "weekly": 7 * DAY}  # fmt: skip
AMOUNT = re.compile(
    r"(?:(?<![\w.])(?P<count>\d{1,2})\s?(?:x|tablets? of|capsules? of|doses? of)\s?)?"
    r"(?<![\w.,])(?P<value>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,7}(?:\.\d{1,6})?)\s?-?"
    rf"(?P<unit>{'|'.join(sorted(UNITS, key=len, reverse=True))})s?\b"
    r"(?P<kg>\s?(?:/|per)\s?kg\b)?"
    r"(?:\s?(?:/|\bper\b|\ba\b)\s?(?P<per>24 ?h(?:ours)?|days?|d|hours?|hr|h|minutes?|min|weeks?|wk)\b)?"
    r"(?!\s?/\s?[a-z])",  # mg/dL is a concentration
    re.IGNORECASE,
)
EVERY = re.compile(
    r"\bevery (?P<from>\d{1,2})(?: ?(?:-|to) ?\d{1,2})? ?(?:h|hr|hour)s?\b|\bq\.? ?(?P<q>\d{1,2})(?:-\d{1,2})? ?h\b"
    rf"|\b(?P<times>{'|'.join(TIMES)}|\d{{1,2}})(?: ?x| times)?(?: (?:a|per|each|every) day| daily|/day)"
    rf"|\b(?P<short>{'|'.join(SHORT)})\b|\bevery (?P<one>day|hour|week)\b",
    re.IGNORECASE,
)
REACH = 48  # characters after an amount in which its frequency stands


@dataclass(frozen=True)
class Dose:
    """amount in the dimension's base unit; period: seconds from one dose to the next, or of a rate; None if unsaid.

    rate: the amount is that of the whole period ("4 g per day"), not of one dose ("1 g every 6 hours").
    """

    amount: float
    dimension: str
    period: float | None
    rate: bool
    per_kg: bool
    start: int

    def exceeds(self, limit: "Dose", weight_kg: float | None) -> bool | None:
        """Whether this dose is above a limit; None where the two cannot be compared."""
        said, most = self.amount, limit.amount
        if self.dimension != limit.dimension or (self.per_kg != limit.per_kg and not weight_kg):
            return None
        if self.per_kg != limit.per_kg and weight_kg:
            said, most = (said * weight_kg, most) if self.per_kg else (said, most * weight_kg)
        if limit.period is None:
            return None if self.rate else said > most * (1 + 1e-9)
        whole = said * limit.period / self.period if self.period else said
        return max(whole, 0.0 if self.rate else said) > most * (1 + 1e-9)


def read_doses(text: str) -> Iterator[Dose]:
    """Every dose of a folded text; of a range of amounts the upper, of a range of hours the shorter.

    >>> [(round(d.amount * 1000), d.period) for d in read_doses("1 g every 6 hours, then 500 mg bid; 80 mg")]
    [(1000, 21600.0), (500, 43200.0), (80, None)]
    """
    amounts = list(AMOUNT.finditer(text))
    ends = [match.start() for match in amounts[1:]] + [len(text)]
    for match, end in zip(amounts, ends, strict=False):  # without amounts one end is left over
        dimension, size = UNITS[match["unit"].lower()]
        amount = float(match["value"].replace(",", "")) * size * int(match["count"] or 1)
        per = PERIODS.get(match["per"].lower().rstrip("s") if match["per"] else "")
        beside = text[match.end() : min(match.end() + REACH, end)]
        often = None if per else EVERY.search(re.split(r"[.;\n]", beside, maxsplit=1)[0])
        period = per or (frequency(often) if often else None)
        yield Dose(amount, dimension, period, bool(per), bool(match["kg"]), match.start())


def frequency(match: re.Match[str]) -> float | None:
    """Seconds from one dose to the next."""
    if hours := match["from"] or match["q"]:
        return int(hours) * HOUR or None
    if times := match["times"]:
        return DAY / (TIMES.get(times.lower()) or int(times) or 1)
    return SHORT[match["short"].lower()] if match["short"] else PERIODS[match["one"].lower()]


def one_dose(text: object) -> Dose | None:
    """A limit: a text that is nothing but one dose, such as "4 g/day", "1 g" or "15 mg/kg every 6 hours"."""
    found = list(read_doses(text)) if isinstance(text, str) else []
    return found[0] if len(found) == 1 and found[0].start == len(str(text)) - len(str(text).lstrip()) else None
