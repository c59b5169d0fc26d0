"""Serum sodium corrected for hyperglycaemia.

1.6 mmol/L for each 100 mg/dL of glucose above 100: Katz MA, N Engl J Med 289:843 (1973); 2.4 was measured by Hillier TA
et al., Am J Med 106:399 (1999). Reference 135-145 mmol/L: Kratz A et al., N Engl J Med 351:1548 (2004).
"""

from __future__ import annotations

import random

from data.clinic._item import Case, Item, ranged
from data.clinic._words import fixed, plain

NAME = "corrected_sodium"
KINDS = ("numeric", "option", "yesno")
ABOUT = "serum sodium corrected for high glucose"


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """Glucose in whole hundreds (1), in tens (2), and with either published factor (3)."""
    factor = rng.choice((1.6, 2.4)) if difficulty == 3 else 1.6
    glucose = rng.randint(2, 9) * 100 if difficulty == 1 else rng.randint(15, 120) * 10
    hundreds = (glucose - 100) / 100
    aim = rng.choice(((120, 134), (135, 145), (146, 155)))
    sodium = round(rng.randint(*aim) - factor * hundreds)
    value = fixed(sodium + factor * hundreds, 1)
    stem = f"sodium {sodium} mmol/L, glucose {glucose} mg/dL, {factor} for each 100 above 100."
    if difficulty > 1:
        stem = (
            f"Hyperglycaemia: sodium {sodium} mmol/L, glucose {glucose} mg/dL. Correct the sodium: add {factor} mmol/L "
            "for each 100 mg/dL of glucose above 100."
        )
    added = plain(factor * hundreds)
    steps = (
        f"{glucose} minus 100 is {glucose - 100}, {factor} times {plain(hundreds)} is {added}, "
        f"{sodium} plus {added} is {value}"
    )
    found = ranged("corrected sodium", value, "mmol/L", 1.6, ("135", "145"))
    return Case(rng, kind, stem, steps, f"{NAME} {sodium} {glucose} {factor}").measured(found)
