"""Questions made by rule of what images are labelled with (Lingshu, section 2.2.3): hand-made templates, distractors
from the labels of the same data set, the gold equally often at each letter."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from data.clean import Drop
from data.example import LETTERS, Example
from data.synth import Stage, add
from data.synth.rows import all_of

if TYPE_CHECKING:
    from data.synth import Outcome

TEMPLATES = {
    "anatomy": (
        "Which part of the body does this image show?",
        "What anatomical region has been imaged here?",
        "Name the organ or region in this image.",
        "To which body part does this picture belong?",
    ),
    "abnormality": (
        "Which abnormality can be seen in this image?",
        "What finding does this image show?",
        "Which of these conditions fits the image best?",
        "What is wrong in this picture?",
    ),
    "modality": (
        "With which imaging technique was this picture made?",
        "What kind of medical image is this?",
        "Which modality produced this image?",
        "How was this image acquired?",
    ),
}
TOO_FEW = "too few labels to choose from"
Space = Mapping[tuple[str, str], tuple[str, ...]]  # (source, label type) -> its labels


@dataclass(frozen=True)
class TemplateVqa(Stage):
    """Rows with `labels`, {"anatomy" | "abnormality" | "modality": a label or a list}: one question a label type.

    n_options: options of a question, or as many as the source's labels allow. Of several labels of one type one is
    asked for and none of the others is a distractor, nor is a label that contains the gold or is part of it.
    """

    name: ClassVar[str] = "template_vqa"
    about: ClassVar[str] = "questions about the labels of an image"

    n_options: int = 4
    seed: int = 0
    space: Space = field(default_factory=dict, repr=False)
    turns: Mapping[tuple[str, str], int] = field(default_factory=dict, repr=False)  # (row id, type) -> its turn

    def __post_init__(self) -> None:
        if not 2 <= self.n_options <= len(LETTERS):
            raise ValueError(f"n_options is {self.n_options}, it must be 2 to {len(LETTERS)}")

    def prepare(self, rows: Iterable[Example]) -> TemplateVqa:
        """Knows the labels of each source, and the turn of each question among those with as many options."""
        kept = [(row.id, row.source, _labels(row)) for row in rows]
        space: dict[tuple[str, str], set[str]] = defaultdict(set)
        for _, source, labels in kept:
            for kind, values in labels.items():
                space[source, kind].update(values)
        known = replace(self, space={key: tuple(sorted(values)) for key, values in space.items()})
        seen: dict[tuple[str, int], int] = defaultdict(int)
        turns = {}
        for name, source, labels in kept:
            for kind in labels:
                group = kind, len(known.choices(source, kind, labels[kind], name)[1])
                turns[name, kind] = seen[group]
                seen[group] += 1
        return replace(known, turns=turns)

    def read(self, row: Example, reply: str) -> Outcome:
        labels = _labels(row)
        if not labels:
            return Drop("no labels", f"none of {', '.join(TEMPLATES)}")
        made = [self._question(row, kind, values) for kind, values in labels.items()]
        return [new for new in made if new] or Drop(TOO_FEW)

    def choices(self, source: str, kind: str, values: list[str], name: str) -> tuple[str, list[str]]:
        """(the gold, its distractors) of a question."""
        draw = _random(self.seed, name, kind)
        gold = draw.choice(values)
        others = [label for label in self.space[source, kind] if not any(_overlap(label, value) for value in values)]
        return gold, draw.sample(others, min(self.n_options - 1, len(others)))

    def _question(self, row: Example, kind: str, values: list[str]) -> Example | None:
        """None where there is nothing to choose from."""
        gold, wrong = self.choices(row.source, kind, values, row.id)
        if not wrong:
            return None
        place = _place(self.seed, kind, len(wrong) + 1, self.turns[row.id, kind])
        texts = [*wrong[:place], gold, *wrong[place:]]
        options = dict(zip(LETTERS, texts, strict=False))
        question = _random(self.seed, row.id, kind, "words").choice(TEMPLATES[kind])
        answer = LETTERS[place]
        new = replace(row, id=f"{row.id}/{kind}", question=question, answer=answer, kind="option", options=options)
        return add(new, asked_about=kind, distractors=[letter for letter in options if letter != answer])


def _place(seed: int, kind: str, n: int, turn: int) -> int:
    """Where the gold of the turn-th question stands: every n questions are one shuffled round of all n places."""
    round_, index = divmod(turn, n)
    places = list(range(n))
    _random(seed, kind, str(n), str(round_)).shuffle(places)
    return places[index]


def _labels(row: Example) -> dict[str, list[str]]:
    """The row's labels of the types that there are templates for, without repeats."""
    labels = row.meta.get("labels") or {}
    return {kind: list(dict.fromkeys(all_of(labels[kind]))) for kind in TEMPLATES if labels.get(kind)}


def _overlap(one: str, other: str) -> bool:
    one, other = one.casefold().strip(), other.casefold().strip()
    return one in other or other in one


def _random(seed: int, *parts: str) -> random.Random:
    return random.Random(hashlib.sha256("\n".join([str(seed), *parts]).encode()).digest())


STAGES = (TemplateVqa,)
