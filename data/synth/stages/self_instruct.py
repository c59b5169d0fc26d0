"""Questions that a model writes about an image and its caption, or refuses to write where the two do not match
(Lingshu, section 2.2.3)."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from data.clean import Drop
from data.example import LETTERS, Example
from data.images import open_images
from data.synth import Ask, Form, Nonsense, Stage, add, wording
from data.synth.stages.cot import gold_of, right

if TYPE_CHECKING:
    from data.synth import Outcome

MOST_WRONG, LONGEST = 3, 25  # wrong answers; words of an answer, some more than were asked for
FORM, MISMATCH = Form(("question", "answer"), {"wrong": MOST_WRONG}), Form(("error",))
REFERS = re.compile(r"\b(?:captions?|(?:the|this)\s+(?:accompanying\s+)?(?:text|description|legend))\b", re.IGNORECASE)


@dataclass(frozen=True)
class SelfInstruct(Stage):
    """Rows with an image and a caption (the column `caption`, else the answer) become a question with options each.

    k: questions asked for; those that repeat an earlier one go. The options' order is drawn from the id and the seed.
    """

    name: ClassVar[str] = "self_instruct"
    about: ClassVar[str] = "a question with wrong answers, written from an image and its caption"
    prompts: ClassVar[tuple[str, ...]] = ("self_instruct",)

    k: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        if self.k < 1:
            raise ValueError(f"k is {self.k}, it must be at least 1")

    @property
    def samples(self) -> int:
        return self.k

    def ask(self, row: Example) -> Ask | Drop:
        if not row.images:
            return Drop("no image")
        caption = row.meta.get("caption") or gold_of(row)
        return Ask(wording.load("self_instruct"), {"caption": caption}, open_images(row), (FORM, MISMATCH))

    def read(self, row: Example, reply: str) -> Outcome:
        if not isinstance(MISMATCH.read(reply), Nonsense):
            return Drop("image and caption do not match")
        said = FORM.read(reply)
        if isinstance(said, Nonsense):
            return said
        question, answer = said["question"], said["answer"]
        wrong = _texts(said["wrong"])
        if not wrong:
            return Nonsense("no wrong answers", f"wanted a list of 1 to {MOST_WRONG} texts")
        return _fault(question, answer, wrong) or [self._asked(row, question, answer, wrong)]

    def join(self, row: Example, outcomes: Sequence[Outcome]) -> Outcome:
        made = Stage.join(self, row, outcomes)
        if isinstance(made, Drop):
            return made
        differ = list({_bare(new.question): new for new in reversed(made)}.values())[::-1]
        return [replace(new, id=f"{new.id}#{i}") if i > 1 else new for i, new in enumerate(differ, 1)]

    def _asked(self, row: Example, question: str, answer: str, wrong: list[str]) -> Example:
        texts = [answer, *wrong]
        random.Random(hashlib.sha256(f"{self.seed}\n{row.id}\n{question}".encode()).digest()).shuffle(texts)
        options = dict(zip(LETTERS, texts, strict=False))
        gold = next(letter for letter, text in options.items() if text == answer)
        new = replace(row, id=f"{row.id}/vqa", question=question, answer=gold, kind="option", options=options)
        return add(new, caption=row.meta.get("caption") or gold_of(row), distractors=[x for x in options if x != gold])


def _texts(said: Any) -> list[str]:
    """1 to MOST_WRONG texts that differ; else none."""
    texts = [text.strip() for text in said if isinstance(text, str)] if isinstance(said, list) else []
    whole = isinstance(said, list) and len(texts) == len(said) <= MOST_WRONG and all(texts)
    return texts if whole and len({_bare(text) for text in texts}) == len(texts) else []


def _fault(question: str, answer: str, wrong: list[str]) -> Drop | None:
    """Why a question cannot be asked."""
    if REFERS.search(question):
        return Drop("the question refers to the caption")
    if f" {_bare(answer)} " in f" {_bare(question)} ":
        return Drop("the question holds its answer")
    if any(len(text.split()) > LONGEST for text in (answer, *wrong)):
        return Drop("an answer is too long", f"above {LONGEST} words")
    gold = Example("gold", question, answer, kind="text")
    if any(_bare(text) == _bare(answer) or right(gold, text) for text in wrong):
        return Drop("a wrong answer is right")
    return None


def _bare(text: str) -> str:
    """Lower case, words only."""
    return " ".join(re.findall(r"\w+", text.casefold()))


STAGES = (SelfInstruct,)
