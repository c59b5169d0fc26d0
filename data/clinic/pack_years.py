"""Pack-years of smoking, and whether they reach the screening threshold.

Packs of 20 cigarettes a day times years. Lung cancer screening from 20 pack-years on (at 50 to 80 years of age, smoking
within 15 years): US Preventive Services Task Force, JAMA 325:962 (2021).
"""

from __future__ import annotations

import random

from data.clinic._item import Case, Item, Measure
from data.clinic._words import plain

NAME = "pack_years"
KINDS = ("numeric", "option", "yesno")
ABOUT = "pack-years of smoking against the screening threshold"
CLASSES = ("low", "enough")


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """Packs and years (1), cigarettes and years (2), two periods (3)."""
    aim = rng.choice(CLASSES)
    parts = [_period(rng, difficulty, aim) for _ in range(2 if difficulty == 3 else 1)]
    total = sum(packs * years for packs, years in parts)
    value = plain(total)
    said = [_said(packs, years, difficulty) for packs, years in parts]
    steps = ", ".join(_step(packs, years, difficulty) for packs, years in parts)
    if difficulty == 3:
        steps += f", {plain(parts[0][0] * parts[0][1])} plus {plain(parts[1][0] * parts[1][1])} is {value}"
    right = CLASSES[total >= 20]
    against = f"{value} {'below' if total < 20 else 'not below'} 20"
    found = Measure("exposure", value, "pack-years", 5, CLASSES, right, against)
    key = f"{NAME} {' '.join(f'{packs}x{years}' for packs, years in parts)}"
    return Case(rng, kind, f"{', then '.join(said)}. Threshold 20 pack-years.", steps, key).measured(found)


def _period(rng: random.Random, difficulty: int, aim: str) -> tuple[float, int]:
    """Packs a day and years; with the other periods below 20 pack-years, or from there on."""
    share = 10 if difficulty == 3 else 20
    while True:
        packs = rng.choice((0.5, 1.0, 1.5, 2.0)) if difficulty == 1 else rng.randint(4, 40) / 20
        years = rng.randint(3, 45)
        if (packs * years >= share) == (aim == "enough"):
            return packs, years


def _said(packs: float, years: int, difficulty: int) -> str:
    return (
        f"{plain(packs)} packs a day, {years} years"
        if difficulty == 1
        else f"{round(packs * 20)} cigarettes a day for {years} years"
    )


def _step(packs: float, years: int, difficulty: int) -> str:
    product = f"{plain(packs)} times {years} is {plain(packs * years)}"
    return product if difficulty == 1 else f"{round(packs * 20)} over 20 is {plain(packs)}, {product}"
