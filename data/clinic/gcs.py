"""Glasgow Coma Scale: eye, verbal and motor response summed; severity of head injury by the total.

Teasdale G, Jennett B. Lancet 304:81 (1974), motor response in six steps since 1977; severity 13-15 mild, 9-12 moderate,
3-8 severe: Teasdale et al., Lancet Neurol 13:844 (2014) and NICE NG232 (2023).
"""

from __future__ import annotations

import random

from data.clinic._item import Case, Item, Measure

NAME = "gcs"
KINDS = ("option", "numeric", "yesno")
ABOUT = "Glasgow Coma Scale total and severity"
CLASSES = ("severe", "moderate", "mild")

EYES = ("no opening", "opening to pressure", "opening to sound", "spontaneous opening")
VERBAL = ("no sound", "sounds", "words", "confused", "orientated")
MOTOR = ("no movement", "extension", "abnormal flexion", "normal flexion", "localising", "obeying commands")


def item(rng: random.Random, difficulty: int, kind: str) -> Item:
    """Three given scores (1), or responses in words (2), or words and a total seen before (3)."""
    severity = rng.choice(CLASSES)
    eyes, verbal, motor = _scores(rng, severity)
    total = eyes + verbal + motor
    key = f"{NAME} {eyes} {verbal} {motor}"
    steps = f"{eyes} plus {verbal} is {eyes + verbal}, {eyes + verbal} plus {motor} is {total}"
    if difficulty == 1:
        stem = f"GCS: eyes {eyes}, verbal {verbal}, motor {motor}."
    else:
        words = (EYES[eyes - 1], VERBAL[verbal - 1], MOTOR[motor - 1])
        stem = "Glasgow Coma Scale: eyes {}, verbal response {}, motor response {}.".format(*words)
        steps = f"eyes {eyes}, verbal {verbal}, motor {motor}, {steps}"
    if difficulty == 3:
        return _change(rng, kind, stem, steps, key, total)
    if kind == "numeric":
        return Case(rng, kind, stem, steps, key).number(Measure("total", str(total), "", 1))
    return Case(rng, kind, stem, f"{steps}, {total} within {_band(severity)}", key).classed("injury", CLASSES, severity)


def severity_of(total: int) -> str:
    """The class of a total of 3 to 15."""
    return "severe" if total <= 8 else "moderate" if total <= 12 else "mild"


def _scores(rng: random.Random, severity: str) -> tuple[int, int, int]:
    """Scores of the wanted severity, uniform over its states."""
    while True:
        scores = rng.randint(1, 4), rng.randint(1, 5), rng.randint(1, 6)
        if severity_of(sum(scores)) == severity:
            return scores


def _band(severity: str) -> str:
    return {"severe": "3 to 8", "moderate": "9 to 12", "mild": "13 to 15"}[severity]


def _change(rng: random.Random, kind: str, stem: str, steps: str, key: str, total: int) -> Item:
    """How the total moved since an earlier one."""
    before = rng.choice([n for n in range(3, 16) if n != total])
    stem = f"{stem} An hour ago the total was {before}."
    key = f"{key} before {before}"
    steps = f"{steps}, {total} minus {before} is {total - before}"
    if kind == "numeric":
        noun = "change of the total, negative if it fell"
        return Case(rng, kind, stem, steps, key).number(Measure(noun, str(total - before), "", 1))
    course = "better" if total > before else "worse"
    return Case(rng, kind, stem, steps, key).classed("course", ("worse", "better"), course)
