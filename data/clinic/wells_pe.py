"""Wells score for pulmonary embolism, two-level.

Wells PS et al., Thromb Haemost 83:416 (2000); NICE NG158 (2020). Signs of deep vein thrombosis 3, embolism the
likeliest diagnosis 3, pulse above 100/min 1.5, immobilisation or surgery 1.5, thrombosis or embolism in the past 1.5,
haemoptysis 1, cancer 1. More than 4 points: likely.
"""

from __future__ import annotations

import random

from data.clinic._item import Case, Item, Measure
from data.clinic._words import flag, listed, plain, running

NAME = "wells_pe"
KINDS = ("option", "numeric", "yesno")
ABOUT = "two-level Wells score for pulmonary embolism"
CLASSES = ("unlikely", "likely")
POINTS = {"leg": 3.0, "first": 3.0, "pulse": 1.5, "bed": 1.5, "past": 1.5, "blood": 1.0, "cancer": 1.0}
WORDS = {
    "leg": "a swollen, tender calf",
    "first": "no other diagnosis likelier than embolism",
    "bed": "surgery two weeks ago",
    "past": "a deep vein thrombosis in the past",
    "blood": "haemoptysis",
    "cancer": "cancer under treatment",
}


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """A line of findings (1), a sentence of what is present (2), with unrelated illness among it (3)."""
    has, total = _findings(rng, rng.choice(CLASSES))
    pulse = rng.randint(101, 140) if has["pulse"] else rng.randint(55, 100)
    shown = [(name, str(pulse) if name == "pulse" else flag(has[name])) for name in POINTS]
    steps = running(shown, [POINTS[name] if has[name] else 0 for name in POINTS])
    stem = f"Wells: {listed(shown)}." if difficulty == 1 else _sentence(rng, difficulty, has, pulse)
    value = plain(total) if total == int(total) else f"{total:.1f}"
    right = CLASSES[total > 4]
    found = Measure("total" if kind == "numeric" else "embolism", value, "", 1, CLASSES, right,
                    f"{value} {'above' if total > 4 else 'not above'} 4")  # fmt: skip
    key = f"{NAME} {pulse} {' '.join(name for name in POINTS if has[name])}"
    return Case(rng, kind, stem, f"{steps}, total {value}", key).measured(found)


def _findings(rng: random.Random, aim: str) -> tuple[dict[str, bool], float]:
    while True:
        has = {name: rng.random() < 0.4 for name in POINTS}
        total = sum(points for name, points in POINTS.items() if has[name])
        if CLASSES[total > 4] == aim:
            return has, total


def _sentence(rng: random.Random, difficulty: int, has: dict[str, bool], pulse: int) -> str:
    present = [WORDS[name] for name in WORDS if has[name]]
    if difficulty == 3:
        present += rng.sample(["asthma", "gout", "migraine", "psoriasis"], 2)
    rng.shuffle(present)
    history = ", ".join(present) or "nothing else"
    return f"Suspected pulmonary embolism: pulse {pulse}/min; {history}. Two-level Wells score."
