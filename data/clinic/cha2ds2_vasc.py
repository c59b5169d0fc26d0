"""CHA2DS2-VASc: risk of stroke in atrial fibrillation.

Lip GYH et al., Chest 137:263 (2010). Heart failure 1, hypertension 1, age 75 or more 2, diabetes 1, earlier stroke 2,
vascular disease 1, age 65 to 74 1, female sex 1. Score 0 low, 1 moderate, 2 or more high risk.
"""

from __future__ import annotations

import random

from data.clinic._item import Case, Item, Measure
from data.clinic._words import flag

NAME = "cha2ds2_vasc"
KINDS = ("option", "numeric", "yesno")
ABOUT = "CHA2DS2-VASc score and risk in atrial fibrillation"
CLASSES = ("low", "moderate", "high")

POINTS = {"failure": 1, "hypertension": 1, "diabetes": 1, "stroke": 2, "vascular": 1}
WORDS = {
    "failure": "heart failure",
    "hypertension": "hypertension",
    "diabetes": "diabetes",
    "stroke": "a stroke in the past",
    "vascular": "a myocardial infarction in the past",
}


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """A line of findings (1), a sentence naming only what is present (2), with unrelated illness among it (3)."""
    woman, age, has = _patient(rng, rng.choice(CLASSES))
    total = score(woman, age, has)
    key = f"{NAME} {'woman' if woman else 'man'} {age} {' '.join(name for name in POINTS if has[name])}"
    steps = _steps(woman, age, has)
    stem = _stem(rng, difficulty, woman, age, has)
    if kind == "numeric":
        return Case(rng, kind, stem, steps, key).number(Measure("total", str(total), "", 1))
    return Case(rng, kind, stem, f"{steps}, total {total}", key).classed("risk", CLASSES, risk(total))


def score(woman: bool, age: int, has: dict[str, bool]) -> int:
    """The total, 0 to 9. age in years."""
    return age_points(age) + int(woman) + sum(points for name, points in POINTS.items() if has[name])


def age_points(age: int) -> int:
    """2 from 75 years, 1 from 65."""
    return 2 if age >= 75 else 1 if age >= 65 else 0


def risk(total: int) -> str:
    """The class of a total."""
    return "low" if total == 0 else "moderate" if total == 1 else "high"


def _patient(rng: random.Random, aim: str) -> tuple[bool, int, dict[str, bool]]:
    """Sex, age and findings of the wanted risk; few findings where the risk is low, so the search is short."""
    rate = {"low": 0.1, "moderate": 0.2, "high": 0.5}[aim]
    while True:
        age = rng.randint(30, 64) if rng.random() > 1.3 * rate else rng.randint(65, 95)
        woman, has = rng.random() < rate, {name: rng.random() < rate for name in POINTS}
        if risk(score(woman, age, has)) == aim:
            return woman, age, has


def _steps(woman: bool, age: int, has: dict[str, bool]) -> str:
    total = age_points(age)
    parts = [f"age {age} {flag(total > 0)} {total}"]
    for name, points in POINTS.items():
        total += points if has[name] else 0
        parts.append(f"{name} {flag(has[name])} {total}")
    return ", ".join([*parts, f"{'woman yes' if woman else 'man no'} {total + woman}"])


def _stem(rng: random.Random, difficulty: int, woman: bool, age: int, has: dict[str, bool]) -> str:
    sex = "woman" if woman else "man"
    if difficulty == 1:
        flags = ", ".join(f"{name} {flag(has[name])}" for name in POINTS)
        return f"CHA2DS2-VASc: age {age}, {flags}, {sex}."
    present = [WORDS[name] for name in POINTS if has[name]]
    if difficulty == 3:
        present += rng.sample(["asthma", "gout", "hypothyroidism", "migraine", "psoriasis"], 2)
    rng.shuffle(present)
    history = ", ".join(present) or "no other illness"
    return f"A {age}-year-old {sex} with atrial fibrillation; history: {history}. Score CHA2DS2-VASc."
