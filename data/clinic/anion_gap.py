"""Serum anion gap, and the gap corrected for albumin.

Gap = Na - (Cl + HCO3), 8 to 12 mmol/L without potassium: Kraut JA, Madias NE. Clin J Am Soc Nephrol 2:162 (2007).
Corrected gap = gap + 2.5 x (4.0 - albumin in g/dL): Figge J et al., Crit Care Med 26:1807 (1998).
"""

from __future__ import annotations

import random

from data.clinic._item import Case, Item, ranged
from data.clinic._words import plain

NAME = "anion_gap"
KINDS = ("numeric", "option", "yesno")
ABOUT = "serum anion gap, corrected for albumin at difficulty 3"
LIMITS = {"low": (2, 7), "normal": (8, 12), "high": (13, 28)}


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """Three ions (1), a full panel (2), a gap corrected for a low albumin (3)."""
    aim = rng.randint(*LIMITS[rng.choice(list(LIMITS))])
    albumin = rng.choice((2.0, 2.4, 2.8, 3.2, 3.6)) if difficulty == 3 else 4.0  # 0.4 g/dL correct by 1 mmol/L
    gap = max(1, aim - round(2.5 * (4.0 - albumin)))
    sodium, chloride, bicarbonate = _ions(rng, gap)
    key = f"{NAME} {sodium} {chloride} {bicarbonate}"
    steps = f"{sodium} minus {chloride} is {sodium - chloride}, {sodium - chloride} minus {bicarbonate} is {gap}"
    stem = f"sodium {sodium}, chloride {chloride}, bicarbonate {bicarbonate}."
    if difficulty > 1:
        stem = f"Sodium {sodium}, potassium {rng.randint(33, 55) / 10}, chloride {chloride}, bicarbonate {bicarbonate} "
        stem += "mmol/L; the gap is counted without potassium."
    if difficulty < 3:
        return Case(rng, kind, stem, steps, key).measured(ranged("anion gap", str(gap), "mmol/L", 2, ("8", "12")))
    missing, corrected = round(4.0 - albumin, 1), plain(gap + 2.5 * (4.0 - albumin))
    added = plain(2.5 * missing)
    steps += f", 4.0 minus {albumin} is {missing}, 2.5 times {missing} is {added}, {gap} plus {added} is {corrected}"
    stem = f"{stem} Albumin {albumin} g/dL (normal 4.0; 2.5 mmol/L for each g/dL)."
    found = ranged("anion gap corrected for albumin", corrected, "mmol/L", 2, ("8", "12"))
    return Case(rng, kind, stem, steps, f"{key} {albumin}").measured(found)


def _ions(rng: random.Random, gap: int) -> tuple[int, int, int]:
    """Sodium, chloride and bicarbonate with that gap, none out of what is seen in the ill."""
    while True:
        sodium, bicarbonate = rng.randint(125, 155), rng.randint(10, 30)
        chloride = sodium - bicarbonate - gap
        if 85 <= chloride <= 120:
            return sodium, chloride, bicarbonate
