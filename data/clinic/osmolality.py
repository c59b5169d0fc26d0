"""Calculated serum osmolality.

2 x Na + glucose + urea in mmol/L: Worthley LIG et al., Anaesth Intensive Care 15:199 (1987); in mg/dL
2 x Na + glucose / 18 + BUN / 2.8: Dorwart WV, Chalmers L. Clin Chem 21:190 (1975).
Reference 275-295 mOsm/kg: Kratz A et al., N Engl J Med 351:1548 (2004).
"""

from __future__ import annotations

import random

from data.clinic._item import Case, Item, ranged
from data.clinic._words import fixed, plain

NAME = "osmolality"
KINDS = ("numeric", "option", "yesno")
ABOUT = "calculated serum osmolality"
AIMS = {"low": (240, 274), "normal": (275, 295), "high": (296, 360)}


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """SI units in whole numbers (1), with decimals (2), glucose and BUN in mg/dL (3)."""
    if difficulty == 3:
        return _conventional(rng, kind)
    scale = 1 if difficulty == 1 else 10
    glucose, urea = rng.randint(3 * scale, 25 * scale) / scale, rng.randint(2 * scale, 20 * scale) / scale
    sodium = _sodium(rng, glucose + urea)
    value = fixed(2 * sodium + glucose + urea, 0 if difficulty == 1 else 1)
    sugar, waste = plain(glucose), plain(urea)
    stem = f"sodium {sodium}, glucose {sugar}, urea {waste} mmol/L."
    if difficulty == 2:
        stem = (
            f"Sodium {sodium}, glucose {sugar}, urea {waste} mmol/L. Osmolality is twice sodium plus glucose plus urea."
        )
    so_far = plain(2 * sodium + glucose)
    steps = f"2 times {sodium} is {2 * sodium}, {2 * sodium} plus {sugar} is {so_far}, {so_far} plus {waste} is {value}"
    found = ranged("osmolality", value, "mOsm/kg", 5, ("275", "295"))
    return Case(rng, kind, stem, steps, f"{NAME} {sodium} {sugar} {waste}").measured(found)


def _conventional(rng: random.Random, kind: str) -> Item:
    glucose, bun = rng.randint(60, 600), rng.randint(6, 90)
    sugar, waste = round(glucose / 18, 1), round(bun / 2.8, 1)
    sodium = _sodium(rng, sugar + waste)
    value = fixed(2 * sodium + glucose / 18 + bun / 2.8, 0)
    stem = (
        f"Sodium {sodium} mmol/L, glucose {glucose} mg/dL, BUN {bun} mg/dL. Osmolality is twice sodium plus "
        "glucose / 18 plus BUN / 2.8; round to a whole number."
    )
    steps = (
        f"2 times {sodium} is {2 * sodium}, {glucose} over 18 is {plain(glucose / 18)}, {bun} over 2.8 is "
        f"{plain(bun / 2.8)}, the sum is {plain(2 * sodium + glucose / 18 + bun / 2.8)}, rounded {value}"
    )
    found = ranged("osmolality", value, "mOsm/kg", 5, ("275", "295"))
    return Case(rng, kind, stem, steps, f"{NAME} mg/dL {sodium} {glucose} {bun}").measured(found)


def _sodium(rng: random.Random, rest: float) -> int:
    """mmol/L, so that the whole comes out in a class drawn at random."""
    return round((rng.randint(*AIMS[rng.choice(list(AIMS))]) - rest) / 2)
