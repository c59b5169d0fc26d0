"""Questions to be read off a picture (Lingshu, section 2.2.2): a model that does not see the gold reasons, its
reasoning is kept if its answer is right, and the question's text becomes an image."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from data.clean import Drop
from data.example import Example
from data.synth import Ask, Nonsense, Stage, add, wording
from data.synth.render import lacking, load_font, render
from data.synth.stages.cot import FORM, fault, gold_of, options_of, right, with_context

if TYPE_CHECKING:
    from data.synth import Outcome

REQUESTS = (
    "Answer the question in the image.",
    "Read the question in this picture and solve it.",
    "What is the answer to the question shown?",
    "Solve the exercise in the image.",
)


@dataclass(frozen=True)
class Ocr(Stage):
    """Text rows become rows with one image, a short request, the same gold, and `trace`; `rendered` is the text.

    A choice becomes a `text` whose gold is the letter: its options stand in the image alone, as there would be nothing
    to read otherwise. font: a file that has all characters of the questions; '' for DejaVu Sans, which has no Chinese.
    """

    name: ClassVar[str] = "ocr"
    about: ClassVar[str] = "a question's text as an image, with reasoning that gets it right"
    prompts: ClassVar[tuple[str, ...]] = ("ocr",)

    font: str = ""
    min_words: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        if self.font:
            load_font(self.font, 18)

    def ask(self, row: Example) -> Ask | Drop:
        if row.images:
            return Drop("has an image already")
        if right(row, gold_of(row)) is None:
            return Drop("no rule can grade this gold", row.kind)
        if lost := lacking(self._text(row), self.font):
            return Drop("the font lacks characters", f"{len(lost)} of them; name one by font=FILE")
        fields = {"question": with_context(row), "options": options_of(row)}
        return Ask(wording.load("ocr"), fields, forms=(FORM,))

    def read(self, row: Example, reply: str) -> Outcome:
        said = FORM.read(reply)
        if isinstance(said, Nonsense):
            return said
        trace, answer = said["reasoning"], said["answer"]
        return fault(row, trace, answer, self.min_words) or [self._shown(row, trace)]

    def _shown(self, row: Example, trace: str) -> Example:
        draw = random.Random(hashlib.sha256(f"{self.seed}\n{row.id}".encode()).digest())
        text, request = self._text(row), draw.choice(REQUESTS)
        meta = {name: value for name, value in row.meta.items() if name != "context"}
        new = replace(row, id=f"{row.id}/ocr", question=request, images=(render(text, draw, self.font),), meta=meta)
        if row.kind == "option":
            new = replace(new, kind="text", options=None)
        return add(new, trace=trace, rendered=text)

    def _text(self, row: Example) -> str:
        return "\n".join(filter(None, [with_context(row), options_of(row)]))


STAGES = (Ocr,)
