"""Is a laboratory value low, normal or high against the reference interval printed beside it?

Adult reference intervals as laboratories report them: NHS Pathology Harmony (2011; sodium 133-146, potassium 3.5-5.3,
urea 2.5-7.8, phosphate 0.8-1.5, magnesium 0.7-1.0, albumin 35-50, total protein 60-80, adjusted calcium 2.20-2.60);
Kratz et al., N Engl J Med 351:1548 (2004), Laboratory reference values; Tietz Fundamentals of Clinical Chemistry,
7th ed. (2014); American Board of Internal Medicine, laboratory reference ranges (uric acid 2.5-8.0 mg/dL).
Intervals differ between laboratories, so each test has several: the reader must compare, not remember.
"""

from __future__ import annotations

import random

from data.clinic._item import Case, Item, band
from data.clinic._words import fixed

NAME = "lab_range"
KINDS = ("option", "yesno", "text")
ABOUT = "a laboratory value against its reference interval"
CLASSES = ("low", "normal", "high")

# name: (unit, decimals, lowest and highest value drawn, reference intervals)
SHORT = {
    "potassium": ("mmol/L", 1, 1.5, 7.5, ((3.5, 5.0), (3.5, 5.3))),
    "glucose": ("mmol/L", 1, 1.5, 9.9, ((3.9, 5.6), (3.9, 6.1))),
    "urea": ("mmol/L", 1, 1.0, 9.9, ((2.5, 7.8), (2.5, 6.7), (2.9, 8.2))),
    "urate": ("mg/dL", 1, 1.0, 9.9, ((2.5, 8.0),)),
    "albumin": ("g/L", 0, 15, 75, ((35, 50), (35, 55))),
    "protein": ("g/L", 0, 35, 99, ((60, 80),)),
}
LONG = {
    "phosphate": ("mmol/L", 1, 0.2, 2.9, ((0.8, 1.5), (0.8, 1.4))),
    "magnesium": ("mmol/L", 1, 0.2, 2.0, ((0.7, 1.0), (0.8, 1.2))),
    "lactate": ("mmol/L", 1, 0.1, 6.0, ((0.5, 2.0), (0.5, 1.6))),
    "bicarbonate": ("mmol/L", 0, 10, 45, ((22, 29), (22, 28), (21, 30))),
    "sodium": ("mmol/L", 0, 118, 165, ((133, 146), (135, 145), (136, 142))),
    "chloride": ("mmol/L", 0, 80, 125, ((95, 108), (98, 106))),
    "calcium": ("mmol/L", 2, 1.50, 3.50, ((2.20, 2.60), (2.10, 2.55))),
    "hemoglobin": ("g/dL", 1, 6.0, 20.0, ((12.0, 16.0), (13.5, 17.5))),
    "creatinine": ("µmol/L", 0, 20, 400, ((49, 90), (64, 104))),
    "platelets": ("10^9/L", 0, 20, 800, ((150, 400), (150, 450))),
    "pH": ("", 2, 6.90, 7.70, ((7.35, 7.45), (7.36, 7.44))),
}


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """One value and one interval. At difficulty 1 the first digit decides; from 2 on more tests, also of three digits,
    and values close to the limits; at 3 values at the limit itself."""
    labs = SHORT if difficulty == 1 else SHORT | LONG
    lab = rng.choice(list(labs))
    unit, places, lowest, highest, intervals = labs[lab]
    low, high = rng.choice(intervals)
    value = _value(rng, difficulty, rng.choice(CLASSES), (lowest, low, high, highest), 10.0**-places)
    shown, lower, upper = (fixed(x, places) for x in (value, low, high))
    steps = f"{_compare(shown, lower)}, {_compare(shown, upper)}"
    stem = f"{lab} {shown} {unit}, reference {lower} to {upper}.".replace(" ,", ",")
    key = f"{NAME} {lab} {shown} {lower} {upper}"
    return Case(rng, kind, stem, steps, key).classed("value", CLASSES, band(float(shown), low, high))


def _value(
    rng: random.Random, difficulty: int, aim: str, marks: tuple[float, float, float, float], unit: float
) -> float:
    """A value in the class aimed at: clear of the limits at difficulty 1 and 2, up to them at 3."""
    if difficulty == 1:
        return rng.choice([x * unit for x in _told_by_first_digit(aim, marks, unit)])
    lowest, low, high, highest = (round(mark / unit) for mark in marks)
    inside = 0 if difficulty == 3 else 1
    if aim == "low":
        return rng.randint(lowest, low - 1) * unit
    if aim == "high":
        return rng.randint(high + 1, highest) * unit
    return rng.randint(low + inside, high - inside) * unit


def _told_by_first_digit(aim: str, marks: tuple[float, float, float, float], unit: float) -> list[int]:
    """Values of two digits, in units of the last, whose first digit is neither limit's."""
    lowest, low, high, highest = (round(mark / unit) for mark in marks)
    spans = {"low": range(lowest, low), "normal": range(low, high), "high": range(high, highest + 1)}
    return [x for x in spans[aim] if x // 10 not in (low // 10, high // 10)]


def _compare(value: str, limit: str) -> str:
    """`5.9 against 5.0 above`: both numbers stand before the verdict, which a model writes word by word."""
    gap = float(value) - float(limit)
    return f"{value} against {limit} {'above' if gap > 0 else 'below' if gap < 0 else 'equal'}"
