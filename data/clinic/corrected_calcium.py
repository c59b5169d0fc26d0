"""Serum calcium corrected for albumin.

Corrected = Ca + 0.8 x (4.0 - albumin) in mg/dL and g/dL, that is Ca + 0.02 x (40 - albumin) in mmol/L and g/L:
Payne RB et al., BMJ 4:643 (1973), as commonly rounded. Reference 8.5-10.5 mg/dL: Kratz A et al., N Engl J Med 351:1548
(2004); 2.20-2.60 mmol/L: NHS Pathology Harmony (2011).
"""

from __future__ import annotations

import random

from data.clinic._item import Case, Item, ranged
from data.clinic._words import fixed, plain

NAME = "corrected_calcium"
KINDS = ("numeric", "option", "yesno")
ABOUT = "serum calcium corrected for albumin"


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """Albumin in steps of 0.5 g/dL (1), of 0.1 (2), and SI units (3)."""
    if difficulty == 3:
        return _si(rng, kind)
    albumin = rng.choice((1.5, 2.0, 2.5, 3.0, 3.5)) if difficulty == 1 else rng.randint(15, 39) / 10
    added = 0.8 * (4.0 - albumin)
    aim = rng.choice(((70, 84), (85, 105), (106, 130)))
    calcium = fixed(rng.randint(*aim) / 10 - added, 1)
    value = fixed(float(calcium) + added, 1)
    stem = f"calcium {calcium} mg/dL, albumin {albumin} g/dL, 0.8 for each g/dL below 4.0."
    if difficulty == 2:
        stem = (
            f"Total calcium {calcium} mg/dL, albumin {albumin} g/dL. Correct the calcium for albumin: add 0.8 mg/dL "
            "for each g/dL that albumin is below 4.0."
        )
    gap = plain(4.0 - albumin)
    steps = f"4.0 minus {albumin} is {gap}, 0.8 times {gap} is {plain(added)}, {calcium} plus {plain(added)} is {value}"
    found = ranged("corrected calcium", value, "mg/dL", 0.4, ("8.5", "10.5"))
    return Case(rng, kind, stem, steps, f"{NAME} {calcium} {albumin}").measured(found)


def _si(rng: random.Random, kind: str) -> Item:
    albumin = rng.randint(15, 39)
    added = 2 * (40 - albumin)  # in 0.01 mmol/L
    total = rng.randint(*rng.choice(((180, 219), (220, 260), (261, 320))))
    calcium, value = fixed((total - added) / 100, 2), fixed(total / 100, 2)
    stem = f"Total calcium {calcium} mmol/L, albumin {albumin} g/L; add 0.02 mmol/L for each g/L below 40."
    missing, more = 40 - albumin, plain(added / 100)
    steps = f"40 minus {albumin} is {missing}, 0.02 times {missing} is {more}, {calcium} plus {more} is {value}"
    found = ranged("corrected calcium", value, "mmol/L", 0.1, ("2.20", "2.60"))
    return Case(rng, kind, stem, steps, f"{NAME} SI {calcium} {albumin}").measured(found)
