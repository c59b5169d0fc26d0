"""Apgar score of a newborn.

Apgar V. Curr Res Anesth Analg 32:260 (1953): heart rate, breathing, muscle tone, reflex response and colour, 0 to 2
each. 7-10 reassuring, 4-6 moderately abnormal, 0-3 low: AAP and ACOG, Pediatrics 136:819 (2015).
"""

from __future__ import annotations

import random

from data.clinic._item import Case, Item, ranged
from data.clinic._words import listed

NAME = "apgar"
KINDS = ("option", "numeric", "yesno")
ABOUT = "Apgar score of a newborn"
CLASSES = ("low", "moderate", "reassuring")
SIGNS = ("heart", "breathing", "tone", "reflex", "colour")
WORDS = {
    "heart": ("no heart beat", "heart rate 80/min", "heart rate 140/min"),
    "breathing": ("no breathing", "slow irregular breathing", "strong cry"),
    "tone": ("limp", "some flexion of the limbs", "active movement"),
    "reflex": ("no response to stimulation", "grimace on stimulation", "cough on stimulation"),
    "colour": ("pale all over", "pink body and blue limbs", "pink all over"),
}


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """Five points to add (1), signs in words (2), in any order (3)."""
    points = _points(rng, rng.choice(CLASSES))
    total = sum(points)
    stem = f"Apgar: {listed([(name, str(p)) for name, p in zip(SIGNS, points, strict=True)])}."
    if difficulty > 1:
        words = [WORDS[name][p] for name, p in zip(SIGNS, points, strict=True)]
        if difficulty == 3:
            rng.shuffle(words)
        stem = f"A newborn at one minute: {', '.join(words)}. Score Apgar."
    so_far = [f"{name} {p} {sum(points[: i + 1])}" for i, (name, p) in enumerate(zip(SIGNS, points, strict=True))]
    steps = f"{', '.join(so_far)}, total {total}"
    noun = "total" if kind == "numeric" else "score"
    case = Case(rng, kind, stem, steps, f"{NAME} {' '.join(map(str, points))}")
    return case.measured(ranged(noun, str(total), "", 1, ("4", "6"), CLASSES))


def _points(rng: random.Random, aim: str) -> list[int]:
    """Points of a total in the class aimed at."""
    while True:
        points = [rng.randint(0, 2) for _ in SIGNS]
        total = sum(points)
        if aim == ("low" if total <= 3 else "moderate" if total <= 6 else "reassuring"):
            return points
