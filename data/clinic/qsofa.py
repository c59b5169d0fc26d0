"""qSOFA: quick bedside score for suspected sepsis.

Singer M et al., JAMA 315:801 (2016): one point each for a respiratory rate of 22/min or more, altered mentation (GCS
below 15), systolic pressure of 100 mmHg or less; 2 or more is positive.
"""

from __future__ import annotations

import random

from data.clinic._item import Case, Item, Measure
from data.clinic._words import flag, listed, running

NAME = "qsofa"
KINDS = ("option", "numeric", "yesno")
ABOUT = "qSOFA score in suspected infection"
CLASSES = ("negative", "positive")


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """Three findings with altered mentation said (1), a sentence with GCS (2), with other signs beside them (3)."""
    points = _points(rng, rng.choice(CLASSES))
    rate = rng.randint(22, 40) if points[0] else rng.randint(10, 21)
    gcs = rng.randint(9, 14) if points[1] else 15
    systolic = rng.randint(70, 100) if points[2] else rng.randint(101, 160)
    mind = ("confusion", flag(points[1])) if difficulty == 1 else ("GCS", str(gcs))
    shown = (("rate", str(rate)), mind, ("systolic", str(systolic)))
    total = sum(points)
    steps = f"{running(shown, points)}, total {total}"
    key = f"{NAME} {rate} {gcs if difficulty > 1 else points[1]} {systolic}"
    found = Measure("total" if kind == "numeric" else "score", str(total), "", 1, CLASSES, CLASSES[total >= 2],
                    f"{total} {'below' if total < 2 else 'not below'} 2")  # fmt: skip
    return Case(rng, kind, _stem(rng, difficulty, shown), steps, key).measured(found)


def _stem(rng: random.Random, difficulty: int, shown: tuple[tuple[str, str], ...]) -> str:
    if difficulty == 1:
        return f"qSOFA: {listed(shown)}."
    more = f", temperature {rng.randint(360, 400) / 10} °C, pulse {rng.randint(70, 140)}/min" if difficulty == 3 else ""
    rate, gcs, systolic = (value for _, value in shown)
    return f"Suspected infection: respiratory rate {rate}/min, GCS {gcs}, systolic {systolic} mmHg{more}. Score qSOFA."


def _points(rng: random.Random, aim: str) -> list[bool]:
    while True:
        points = [rng.random() < 0.5 for _ in range(3)]
        if (sum(points) >= 2) == (aim == "positive"):
            return points
