"""Creatinine clearance by Cockcroft and Gault, and the degree of renal impairment.

(140 - age) x weight / (72 x creatinine in mg/dL), times 0.85 in women: Cockcroft DW, Gault MH. Nephron 16:31 (1976).
With creatinine in µmol/L: (140 - age) x weight x 1.23 (men) or 1.04 (women) / creatinine (BNF). Below 30 mL/min severe,
30 to 59 moderate impairment: FDA guidance, pharmacokinetics in impaired renal function (2020 draft).
"""

from __future__ import annotations

import random

from data.clinic._item import Case, Item, ranged
from data.clinic._words import fixed, plain

NAME = "creatinine_clearance"
KINDS = ("numeric", "option", "yesno")
ABOUT = "creatinine clearance by Cockcroft and Gault"
FORMULA = "By Cockcroft and Gault, rounded to a whole number"
CLASSES = ("severe", "moderate", "mild or none")


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """Men of 72 kg and whole results (1), both sexes and any weight (2), µmol/L (3)."""
    aim = rng.uniform(*rng.choice(((12, 29), (30, 59), (60, 115))))
    if difficulty == 1:
        return _easy(rng, kind, aim)
    woman, age, weight = rng.random() < 0.5, rng.randint(25, 90), rng.randint(45, 110)
    return (_conventional if difficulty == 2 else _si)(rng, kind, woman, age, weight, aim)


def _easy(rng: random.Random, kind: str, aim: float) -> Item:
    """At 72 kg the weight and the 72 of the formula cancel; the age is such that the division leaves no rest."""
    halves = min(16, max(1, round(2 * 85 / aim)))
    rest = rng.randint(-(-50 // halves), 115 // halves) * halves  # 140 - age, divisible by twice the creatinine
    age, creatinine = 140 - rest, plain(halves / 2)
    value = str(2 * rest // halves)
    steps = f"140 minus {age} is {rest}, {rest} over {creatinine} is {value}"
    stem = f"Cockcroft: man, age {age}, 72 kg, creatinine {creatinine} mg/dL."
    return _ask(Case(rng, kind, stem, steps, f"{NAME} man {age} 72 {creatinine}"), value)


def _conventional(rng: random.Random, kind: str, woman: bool, age: int, weight: int, aim: float) -> Item:
    sex, factor = ("woman", 0.85) if woman else ("man", 1)
    creatinine = min(9.0, max(0.5, round((140 - age) * weight / (72 * aim) * factor, 1)))
    top, bottom = (140 - age) * weight, round(72 * creatinine, 1)
    value = fixed(top / bottom * factor, 0)
    steps = (
        f"140 minus {age} is {140 - age}, {140 - age} times {weight} is {top}, 72 times {plain(creatinine)} is "
        f"{plain(bottom)}, {top} over {plain(bottom)} is {plain(top / bottom)}"
    )
    steps += f", times 0.85 is {plain(top / bottom * 0.85)}" if woman else ""
    stem = f"{FORMULA}: {sex}, age {age}, {weight} kg, creatinine {plain(creatinine)} mg/dL."
    key = f"{NAME} {sex} {age} {weight} {plain(creatinine)}"
    return _ask(Case(rng, kind, stem, f"{steps}, rounded {value}", key), value)


def _si(rng: random.Random, kind: str, woman: bool, age: int, weight: int, aim: float) -> Item:
    factor, sex = (1.04, "woman") if woman else (1.23, "man")
    creatinine = max(40, round((140 - age) * weight * factor / aim))
    top = (140 - age) * weight
    value = fixed(top * factor / creatinine, 0)
    stem = f"{FORMULA}: {sex}, age {age}, {weight} kg, creatinine {creatinine} µmol/L, factor {factor}."
    steps = (
        f"140 minus {age} is {140 - age}, {140 - age} times {weight} is {top}, {top} times {factor} is "
        f"{plain(top * factor)}, {plain(top * factor)} over {creatinine} is {plain(top * factor / creatinine)}, "
        f"rounded {value}"
    )
    return _ask(Case(rng, kind, stem, steps, f"{NAME} SI {sex} {age} {weight} {creatinine}"), value)


def _ask(case: Case, value: str) -> Item:
    """The clearance as a number; the impairment as a class."""
    noun = "clearance" if case.kind == "numeric" else "impairment"
    return case.measured(ranged(noun, value, "mL/min", 6, ("30", "59"), CLASSES))
