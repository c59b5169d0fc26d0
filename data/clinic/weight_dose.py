"""A child's dose by body weight, in mg, in mL of a suspension, or held at the maximum.

Doses by weight as in WHO, Pocket book of hospital care for children, 2nd ed. (2013), annex 2: paracetamol 10-15 mg/kg,
ibuprofen 5-10 mg/kg, amoxicillin 40 mg/kg, ceftriaxone 50 mg/kg, gentamicin 7.5 mg/kg. Every figure needed stands in
the question; maxima are stated there as the order, not as a recommendation.
"""

from __future__ import annotations

import random

from data.clinic._item import Case, Item, Measure
from data.clinic._words import fixed, plain

NAME = "weight_dose"
KINDS = ("numeric", "option", "yesno")
ABOUT = "a dose by body weight in mg or mL"
# mg/kg, mg in a mL, most mg at once
DRUGS = {
    "paracetamol": ((10, 15), 24, 500),
    "ibuprofen": ((5, 10), 20, 300),
    "amoxicillin": ((40,), 50, 1000),
    "ceftriaxone": ((50,), 100, 1500),
    "gentamicin": ((7.5,), 10, 240),
}


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """mg in round weights (1), mL of a stated strength (2), mL with a maximum (3)."""
    drug = rng.choice([name for name in DRUGS if difficulty > 1 or name != "gentamicin"])
    doses, strength, most = DRUGS[drug]
    dose, weight = rng.choice(doses), rng.randint(4, 40)
    wanted = dose * weight
    key = f"{NAME} {drug} {dose} {weight}"
    stem = f"{drug} {dose} mg/kg, weight {weight} kg."
    steps = f"{dose} times {weight} is {plain(wanted)}"
    if difficulty == 1:
        found = Measure("dose", plain(wanted), "mg", _slip(wanted))
        return Case(rng, kind, stem, steps, key).number(found)
    stem = f"A child of {weight} kg is to have {drug} {dose} mg/kg; 1 mL holds {strength} mg."
    if difficulty == 3:
        stem = f"{stem} At most {most} mg may be given."
        given = min(wanted, most)
        steps += f", {plain(wanted)} {'above' if wanted > most else 'not above'} {most}, so {plain(given)}"
        wanted, key = given, f"{key} {most}"
    volume = fixed(wanted / strength, 1)
    steps += f", {plain(wanted)} over {strength} is {volume}"
    found = Measure("volume", volume, "mL", max(0.5, round(wanted / strength / 8, 1)))
    return Case(rng, kind, stem, steps, f"{key} {strength}").number(found)


def _slip(wanted: float) -> int:
    """An error of about a tenth, in round mg."""
    return max(5, round(wanted / 50) * 5)
