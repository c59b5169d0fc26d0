"""An item as a family states it, and the ways of asking for one and the same finding."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from data.clinic._words import either, fixed, with_unit

if TYPE_CHECKING:
    from PIL import Image

    Draw = Callable[[random.Random, int], Image.Image]


@dataclass(frozen=True)
class Item:
    """One question before letters are dealt and pictures are drawn.

    answer and distractors are texts (for `option` too: the set turns them into letters); choices stand in their
    natural order. key names the latent content with all its numbers, without kind, wording or noise. draw(rng, size)
    paints the picture, size in pixels.
    """

    question: str
    kind: str
    answer: str
    trace: str
    key: str
    distractors: tuple[str, ...]
    choices: tuple[str, ...] = ()
    draw: Draw | None = None

    def with_picture(self, draw: Draw) -> Item:
        """The same item with a picture to it."""
        return replace(self, draw=draw)


@dataclass(frozen=True)
class Measure:
    """A quantity that was worked out, and the class it falls into.

    noun: what it is ("anion gap"). value: rounded text. slip: the size of a plausible error, in the same unit.
    against: how the value stands to the limits, in the words of the trace ("16 above 12").
    """

    noun: str
    value: str
    unit: str
    slip: float
    classes: tuple[str, ...] = ()
    right: str = ""
    against: str = ""


@dataclass(frozen=True)
class Case:
    """A case laid out: its text (stem), the reasoning up to the result (steps), its key. Then one thing is asked."""

    rng: random.Random
    kind: str
    stem: str
    steps: str
    key: str

    def classed(self, noun: str, classes: Sequence[str], right: str) -> Item:
        """Which class of noun holds? As an option, a word (text) or a claim that may be wrong (yesno)."""
        wrong = tuple(name for name in classes if name != right)
        if self.kind == "text":
            return self._item(f"Is the {noun} {either(classes)}?", right, wrong)
        return self._picked(noun, right, wrong, classes)

    def number(self, found: Measure) -> Item:
        """What is its value? Written out (numeric), among near values (option), or a claim (yesno)."""
        gold = with_unit(found.value, found.unit)
        wrong = tuple(with_unit(near, found.unit) for near in _near(self.rng, found.value, found.slip))
        if self.kind == "numeric":
            return self._item(f"What is the {found.noun}?", gold, wrong)
        return self._picked(found.noun, gold, wrong, sorted([gold, *wrong], key=lambda text: float(text.split()[0])))

    def measured(self, found: Measure) -> Item:
        """Its value where a number is wanted (numeric), else the class it falls into."""
        if self.kind == "numeric":
            return self.number(found)
        steps = f"{self.steps}, {found.against}"
        return replace(self, steps=steps).classed(found.noun, found.classes, found.right)

    def _picked(self, noun: str, right: str, wrong: tuple[str, ...], choices: Sequence[str]) -> Item:
        if self.kind == "option":
            return replace(self._item(f"The {noun} is:", right, wrong), choices=tuple(choices))
        if self.kind != "yesno":
            raise ValueError(f"{noun} cannot be asked for as {self.kind!r}")
        claim = right if self.rng.random() < 0.5 else self.rng.choice(wrong)
        word, other = ("yes", "no") if claim == right else ("no", "yes")
        item = self._item(f"Is the {noun} {claim}?", right, wrong)
        return replace(item, answer=word, distractors=(other,), trace=f"{item.trace}, is the {noun} {claim}? {word}")

    def _item(self, ask: str, answer: str, wrong: tuple[str, ...]) -> Item:
        return Item(f"{self.stem} {ask}".strip(), self.kind, answer, f"{self.steps}, so {answer}", self.key, wrong)


def ranged(noun: str, value: str, unit: str, slip: float, limits: tuple[str, str],
           classes: tuple[str, str, str] = ("low", "normal", "high")) -> Measure:  # fmt: skip
    """A quantity judged by a closed interval, its limits written as they are to be shown."""
    low, high = limits
    right = band(float(value), float(low), float(high), classes)
    said = dict(zip(classes, (f"below {low}", f"within {low} to {high}", f"above {high}"), strict=True))
    return Measure(noun, value, unit, slip, classes, right, f"{value} {said[right]}")


def band(value: float, low: float, high: float, names: tuple[str, str, str] = ("low", "normal", "high")) -> str:
    """Which side of the closed interval [low, high] the value lies on."""
    return names[0] if value < low else names[2] if value > high else names[1]


def _near(rng: random.Random, value: str, slip: float) -> list[str]:
    """Three numbers near the value, on either side of it where it is not too close to zero for that."""
    places = len(value.partition(".")[2])
    offsets = rng.choice(((-2, -1, 1), (-1, 1, 2), (1, 2, 3), (-3, -2, -1)))
    moved = [float(value) + slip * k for k in (*offsets, 1, 2, 3)]
    texts = [fixed(x, places) for x in moved if x >= 0 or float(value) < 0]
    return [text for text in dict.fromkeys(texts) if text != value][:3]
