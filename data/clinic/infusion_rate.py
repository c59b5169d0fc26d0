"""The rate of an infusion: mL an hour, drops a minute, or mL an hour for a dose by weight.

Volume over time; drops = volume x drops per mL over minutes, 20 drops a mL in a standard set: ISO 8536-4 (2019), 60 in
a microdrip set. Noradrenaline by weight: dose x weight x 60 over the strength in µg/mL; doses of 0.05 to 0.5 µg/kg/min
as in Evans L et al., Surviving Sepsis Campaign, Crit Care Med 49:e1063 (2021).
"""

from __future__ import annotations

import random

from data.clinic._item import Case, Item, Measure
from data.clinic._words import fixed, plain

NAME = "infusion_rate"
KINDS = ("numeric", "option", "yesno")
ABOUT = "the rate of an infusion in mL/h or drops a minute"


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """mL an hour in whole numbers (1), drops a minute (2), noradrenaline by weight (3)."""
    return (_hourly, _drops, _by_weight)[difficulty - 1](rng, kind)


def _hourly(rng: random.Random, kind: str) -> Item:
    hours, rate = rng.randint(2, 12), rng.randint(4, 50) * 5
    volume = hours * rate
    steps = f"{volume} over {hours} is {rate}"
    case = Case(rng, kind, f"{volume} mL in {hours} hours.", steps, f"{NAME} {volume} mL {hours} h")
    return case.number(Measure("rate", str(rate), "mL/h", max(5, rate // 50 * 5)))


def _drops(rng: random.Random, kind: str) -> Item:
    volume, hours, per_ml = rng.randint(2, 40) * 25, rng.randint(2, 12), rng.choice((20, 60))
    drops, minutes = volume * per_ml, hours * 60
    rate = fixed(drops / minutes, 0)
    stem = f"{volume} mL run in over {hours} hours; the set gives {per_ml} drops a mL."
    steps = f"{volume} times {per_ml} is {drops}, {hours} times 60 is {minutes}, {drops} over {minutes} is {rate}"
    case = Case(rng, kind, stem, steps, f"{NAME} {volume} mL {hours} h {per_ml}")
    return case.number(Measure("rate", rate, "drops/min", max(2, int(rate) // 8)))


def _by_weight(rng: random.Random, kind: str) -> Item:
    dose, weight, strength = rng.randint(1, 10) / 20, rng.randint(45, 110), rng.choice((16, 32, 64, 80))
    a_minute, an_hour = dose * weight, dose * weight * 60
    rate = fixed(an_hour / strength, 1)
    stem = f"Noradrenaline {plain(dose)} µg/kg/min for {weight} kg, strength {strength} µg/mL."
    steps = (
        f"{plain(dose)} times {weight} is {plain(a_minute)}, {plain(a_minute)} times 60 is {plain(an_hour)}, "
        f"{plain(an_hour)} over {strength} is {rate}"
    )
    case = Case(rng, kind, stem, steps, f"{NAME} {plain(dose)} {weight} kg {strength}")
    return case.number(Measure("rate", rate, "mL/h", max(0.5, round(float(rate) / 8, 1))))
