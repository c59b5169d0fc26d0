"""CURB-65: severity of community-acquired pneumonia.

Lim WS et al., Thorax 58:377 (2003); BTS guideline, Thorax 64 suppl 3 (2009). One point each: confusion; urea above
7 mmol/L; respiratory rate 30/min or more; systolic pressure below 90 or diastolic 60 mmHg or less; age 65 or more.
Risk of death: 0-1 low, 2 moderate, 3-5 high.
"""

from __future__ import annotations

import random

from data.clinic._item import Case, Item, Measure
from data.clinic._words import flag, listed, running

NAME = "curb65"
KINDS = ("option", "numeric", "yesno")
ABOUT = "CURB-65 score and risk in pneumonia"
CLASSES = ("low", "moderate", "high")


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """Five short findings (1), a sentence of findings (2), and findings that do not count among them (3)."""
    points = _points(rng, rng.choice(CLASSES))
    clear = difficulty == 1
    confused = points[0]
    urea = _side(rng, points[1], (3, 7), (8, 15) if not clear else (8, 9))
    rate = _side(rng, points[2], (12, 29), (30, 45))
    systolic, diastolic = _pressure(rng, points[3])
    age = _side(rng, points[4], (20, 64), (65, 95))
    total = sum(points)
    shown = (("confusion", flag(confused)), ("urea", f"{urea}"), ("rate", f"{rate}"),
             ("pressure", f"{systolic}/{diastolic}"), ("age", f"{age}"))  # fmt: skip
    key = f"{NAME} {confused} {urea} {rate} {systolic}/{diastolic} {age}"
    stem = _stem(rng, difficulty, shown)
    steps = running(shown, points)
    if kind == "numeric":
        return Case(rng, kind, stem, steps, key).number(Measure("total", str(total), "", 1))
    return Case(rng, kind, stem, f"{steps}, total {total}", key).classed("risk", CLASSES, risk(total))


def risk(total: int) -> str:
    """The class of a total of 0 to 5."""
    return "low" if total <= 1 else "moderate" if total == 2 else "high"


def _points(rng: random.Random, aim: str) -> list[bool]:
    """Which criteria are met, uniform over the patterns of the wanted risk."""
    while True:
        points = [rng.random() < 0.5 for _ in range(5)]
        if risk(sum(points)) == aim:
            return points


def _side(rng: random.Random, met: bool, below: tuple[int, int], above: tuple[int, int]) -> int:
    return rng.randint(*(above if met else below))


def _pressure(rng: random.Random, met: bool) -> tuple[int, int]:
    """mmHg; a low pressure is low in its systolic or its diastolic part or both."""
    if not met:
        return rng.randint(105, 160), rng.randint(61, 95)
    if rng.random() < 0.5:
        return rng.randint(70, 89), rng.randint(35, 60)
    return rng.randint(90, 130), rng.randint(40, 60)


def _stem(rng: random.Random, difficulty: int, shown: tuple[tuple[str, str], ...]) -> str:
    if difficulty == 1:
        return f"CURB-65: {listed(shown)}."
    confusion, urea, rate, pressure, age = (value for _, value in shown)
    more = f" Pulse {rng.randint(70, 130)}/min, temperature {rng.randint(365, 400) / 10} °C." if difficulty == 3 else ""
    state = "with new confusion" if confusion == "yes" else "without confusion"
    return (
        f"A {age}-year-old patient {state} has pneumonia: urea {urea} mmol/L, respiratory rate {rate}/min, "
        f"blood pressure {pressure} mmHg.{more} Score CURB-65."
    )
