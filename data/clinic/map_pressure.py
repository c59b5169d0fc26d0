"""Mean arterial pressure from a cuff reading, and whether it reaches the target in septic shock.

MAP = diastolic + (systolic - diastolic) / 3, textbook physiology (Guyton and Hall, 14th ed., 2020). Target 65 mmHg or
more: Evans L et al., Surviving Sepsis Campaign, Crit Care Med 49:e1063 (2021).
"""

from __future__ import annotations

import random

from data.clinic._item import Case, Item, Measure
from data.clinic._words import fixed, plain

NAME = "map_pressure"
KINDS = ("numeric", "option", "yesno")
ABOUT = "mean arterial pressure and the target of 65 mmHg"
CLASSES = ("low", "enough")


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """A pulse pressure divisible by three (1), any (2), and two readings to be averaged (3)."""
    systolic, diastolic = _reading(rng, 3 if difficulty == 1 else 1)
    stem, key = f"pressure {systolic}/{diastolic} mmHg, target 65.", f"{NAME} {systolic}/{diastolic}"
    steps, mean = _mean(systolic, diastolic)
    if difficulty > 1:
        pulse = rng.randint(80, 140)
        stem = f"Septic shock, blood pressure {systolic}/{diastolic} mmHg, pulse {pulse}/min; target 65 mmHg."
    if difficulty == 3:
        again = _reading(rng, 1)
        more, second = _mean(*again)
        stem = f"{stem} A second reading is {again[0]}/{again[1]} mmHg; take the average of both means."
        steps, mean, key = f"{steps}, {more}", (mean + second) / 2, f"{key} {again[0]}/{again[1]}"
        steps += f", the average is {plain(mean)}"
    value = fixed(mean, 0)
    steps = steps if difficulty == 1 else f"{steps}, rounded {value}"
    right = CLASSES[int(value) >= 65]
    against = f"{value} {'below' if right == 'low' else 'not below'} 65"
    found = Measure("mean pressure", value, "mmHg", 4, CLASSES, right, against)
    return Case(rng, kind, stem, steps, key).measured(found)


def _reading(rng: random.Random, step: int) -> tuple[int, int]:
    """Systolic and diastolic in mmHg, their difference a multiple of step, on both sides of the target."""
    pulse = rng.randint(20 // step, 70 // step) * step
    aim = rng.randint(45, 64) if rng.random() < 0.5 else rng.randint(65, 90)
    diastolic = aim - pulse // 3
    return diastolic + pulse, diastolic


def _mean(systolic: int, diastolic: int) -> tuple[str, float]:
    pulse = systolic - diastolic
    third, mean = plain(pulse / 3), diastolic + pulse / 3
    steps = f"{systolic} minus {diastolic} is {pulse}, {pulse} over 3 is {third}"
    return f"{steps}, {diastolic} plus {third} is {plain(mean)}", mean
