"""Body mass index and its class in adults.

Weight in kg over height in m squared; below 18.5 underweight, 18.5-24.9 normal, 25.0-29.9 overweight, 30.0 and more
obese: WHO Technical Report Series 894 (2000). Pounds and inches: factor 703 (CDC).
"""

from __future__ import annotations

import random

from data.clinic._item import Case, Item, Measure
from data.clinic._words import fixed, plain

NAME = "bmi"
KINDS = ("numeric", "option", "yesno")
ABOUT = "body mass index and its WHO class"
CLASSES = ("underweight", "normal", "overweight", "obese")
AIMS = {"underweight": (15, 18), "normal": (19, 24.5), "overweight": (25.5, 29.5), "obese": (30.5, 42)}


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """Height in tenths of a metre (1), in centimetres (2), in inches with pounds (3)."""
    aim = rng.uniform(*AIMS[rng.choice(CLASSES)])
    if difficulty == 3:
        return _pounds(rng, kind, aim)
    height = rng.choice((1.5, 1.6, 1.7, 1.8)) if difficulty == 1 else rng.randint(148, 198) / 100
    weight = round(aim * height**2)
    value = fixed(weight / height**2, 1)
    square = plain(height**2)
    shown = f"{height} m" if difficulty == 1 else f"{round(height * 100)} cm"
    steps = f"{plain(height)} times {plain(height)} is {square}, {weight} over {square} is {value}"
    stem = f"weight {weight} kg, height {shown}."
    return Case(rng, kind, stem, steps, f"{NAME} {weight} {shown}").measured(_measure(value))


def _pounds(rng: random.Random, kind: str, aim: float) -> Item:
    inches = rng.randint(58, 78)
    pounds = round(aim * inches**2 / 703)
    value = fixed(703 * pounds / inches**2, 1)
    stem = f"An adult weighs {pounds} lb and is {inches} inches tall; the factor is 703."
    steps = (
        f"{inches} times {inches} is {inches**2}, 703 times {pounds} is {703 * pounds}, "
        f"{703 * pounds} over {inches**2} is {value}"
    )
    return Case(rng, kind, stem, steps, f"{NAME} {pounds} lb {inches} in").measured(_measure(value))


def _measure(value: str) -> Measure:
    """The index rounded to one decimal, judged as it is shown."""
    limits = ("18.5", "25.0", "30.0")
    passed = [limit for limit in limits if float(value) >= float(limit)]
    right = CLASSES[len(passed)]
    against = f"{value} below 18.5" if not passed else f"{value} not below {passed[-1]}"
    if 0 < len(passed) < 3:
        against += f", {value} below {limits[len(passed)]}"
    return Measure("BMI", value, "kg/m²", 1.5, CLASSES, right, against)
