"""Fluid for the first 24 hours after a burn (Parkland formula).

4 mL x weight in kg x percent of body surface burnt, half of it in the first 8 hours: Baxter CR, Shires T. Ann N Y Acad
Sci 150:874 (1968). Second and third degree burns count, first degree does not.
"""

from __future__ import annotations

import random

from data.clinic._item import Case, Item, Measure
from data.clinic._words import plain

NAME = "parkland"
KINDS = ("numeric", "option", "yesno")
ABOUT = "burn fluid by the Parkland formula"


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """Round numbers, 24 hours (1), the first 8 hours (2), their hourly rate with a part that does not count (3)."""
    weight, burn = (rng.randint(2, 22) * 5, rng.randint(2, 12) * 5) if difficulty == 1 else (
        rng.randint(40, 110), rng.randint(10, 60))  # fmt: skip
    total = 4 * weight * burn
    key = f"{NAME} {weight} {burn}"
    steps = f"4 times {weight} is {4 * weight}, {4 * weight} times {burn} is {total}"
    stem = f"Parkland: weight {weight} kg, burn {burn} percent, 4 mL."
    found = Measure("fluid", str(total), "mL", 4 * weight)
    if difficulty > 1:
        stem = f"Parkland formula (4 mL): weight {weight} kg, second degree burns of {burn} percent."
        steps += f", half is {total // 2}"
        found = Measure("fluid of the first 8 hours", str(total // 2), "mL", 4 * weight)
    if difficulty == 3:
        stem = f"{stem} First degree burns of another {rng.randint(2, 20)} percent."
        rate = plain(total / 16)
        steps += f", {total // 2} over 8 is {rate}"
        found = Measure("rate in the first 8 hours", rate, "mL/h", weight)
    return Case(rng, kind, stem, steps, key).number(found)
