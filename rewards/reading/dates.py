"""Calendar dates as they are written; a date of digits may have two readings."""

import re
from dataclasses import dataclass
from datetime import date

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (r"(?P<{0}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
          r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?")  # fmt: skip
DATE = re.compile(
    r"(?<![\d./-])(?:"
    r"(?P<y1>\d{4})\s?[-/.年]\s?(?P<m1>\d{1,2})\s?[-/.月]\s?(?P<d1>\d{1,2})(?:\s?日)?"
    r"|(?P<a>\d{1,2})\s?(?P<sep>[-/.])\s?(?P<b>\d{1,2})\s?(?P=sep)\s?(?P<y2>\d{4}|\d{2})"
    rf"|\b{_MONTH.format('n1')}\s?(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?,?\s?(?P<y3>\d{{4}})"
    rf"|(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?[\s-]?(?:of\s)?{_MONTH.format('n2')}[\s,-]{{0,2}}(?P<y4>\d{{4}})"
    r")(?![\d/]|[-.]\d)",
    re.IGNORECASE,
)
LOOKS_DATED = re.compile(
    r"\d\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d\d|\d{4}年|[a-z]{3}\.?[\s,-]{0,2}(?:\d{1,2}(?:st|nd|rd|th)?,? )?\d{4}", re.I
)
ORDERS = (
    ("dmy", re.compile(r"\bDD?\s?[-/.]\s?MM?\s?[-/.]\s?YY?", re.I)),
    ("mdy", re.compile(r"\bMM?\s?[-/.]\s?DD?\s?[-/.]\s?YY?", re.I)),
)


@dataclass(frozen=True)
class Dated:
    """A date in a text: month first (mdy), day first (dmy), either of them None where it is impossible; a date that
    can be read in one way only has it in both."""

    start: int
    end: int
    mdy: date | None
    dmy: date | None


def dates(text: str) -> list[Dated]:
    """All dates of a text.

    >>> [str(d.mdy) for d in dates("09/23/2014, 23 Sept 2014, September 23rd, 2014, 2014-09-23")]
    ['2014-09-23', '2014-09-23', '2014-09-23', '2014-09-23']
    """
    if not LOOKS_DATED.search(text):
        return []
    found = []
    for match in DATE.finditer(text):
        if match["a"]:
            year = int(match["y2"]) + (0 if len(match["y2"]) == 4 else 2000 if int(match["y2"]) < 50 else 1900)
            mdy, dmy = valid(year, match["a"], match["b"]), valid(year, match["b"], match["a"])
            mdy, dmy = mdy or dmy, dmy or mdy
        elif match["y1"]:
            mdy = dmy = valid(int(match["y1"]), match["m1"], match["d1"])
        else:
            name, day = match["n1"] or match["n2"], match["d3"] or match["d4"]
            mdy = dmy = valid(int(match["y3"] or match["y4"]), str(MONTHS.index(name[:3].lower()) + 1), day)
        if mdy or dmy:
            found.append(Dated(match.start(), match.end(), mdy, dmy))
    return found


def valid(year: int, month: str, day: str) -> date | None:
    """A date, or None if there is no such day."""
    try:
        return date(year, int(month), int(day))
    except ValueError:
        return None


def order_of(question: str | None) -> str:
    """The order that a question names, "mdy" or "dmy"; '' if none."""
    return next((order for order, pattern in ORDERS if question and pattern.search(question)), "")


def same_date(said: Dated, gold: Dated, question: str | None) -> bool:
    """Whether a date is the gold one, both read in the order that the question names, else in any one order."""
    order = order_of(question)
    return any(getattr(said, way) == getattr(gold, way) for way in ((order,) if order else ("mdy", "dmy")))
