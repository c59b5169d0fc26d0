"""Reasoning distilled from a model that sees the gold and must reason as if it did not (Lingshu, section 2.2.4).

Beyond the paper: what is distilled is graded by the reward library, traces that cite or leak the gold go, and a
question keeps its traces only if enough of its samples survive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import rewards
from data.clean import Drop
from data.example import Example
from data.images import open_images
from data.synth import Ask, Form, Nonsense, Stage, add, wording
from data.synth.leaks import leak

if TYPE_CHECKING:
    from data.synth import Outcome

FORM = Form(("reasoning", "answer"))


@dataclass(frozen=True)
class Cot(Stage):
    """A row gets the columns `trace` and `predicted`, and `agreement`, the share of its samples that were good.

    k: traces asked for a question. agree: the least agreement. keep: traces kept, the first ones; a second one's id
    ends with #2. min_words: shorter reasoning is none.
    """

    name: ClassVar[str] = "cot"
    about: ClassVar[str] = "reasoning by a model that sees the gold and must not show it"
    prompts: ClassVar[tuple[str, ...]] = ("cot_open", "cot_mcq")

    k: int = 1
    agree: float = 0.5
    keep: int = 1
    min_words: int = 20

    def __post_init__(self) -> None:
        if not 1 <= self.keep <= self.k:
            raise ValueError(f"keep is {self.keep}, it must be 1 to k, which is {self.k}")
        if not 0 <= self.agree <= 1:
            raise ValueError(f"agree is {self.agree}, it must be a share from 0 to 1")

    @property
    def samples(self) -> int:
        return self.k

    def ask(self, row: Example) -> Ask | Drop:
        if right(row, gold_of(row)) is None:
            return Drop("no rule can grade this gold", row.kind)
        fields = {"question": with_context(row), "gold": gold_of(row), "options": options_of(row)}
        return Ask(wording.load("cot_mcq" if row.options else "cot_open"), fields, open_images(row), (FORM,))

    def read(self, row: Example, reply: str) -> Outcome:
        said = FORM.read(reply)
        if isinstance(said, Nonsense):
            return said
        trace, answer = said["reasoning"], said["answer"]
        return (
            fault(row, trace, answer, self.min_words) or leak(row, trace) or [add(row, trace=trace, predicted=answer)]
        )

    def join(self, row: Example, outcomes: Sequence[Outcome]) -> Outcome:
        made = [new for outcome in outcomes if not isinstance(outcome, Drop) for new in outcome]
        agreement = len(made) / len(outcomes)
        if not made or agreement < self.agree:
            return Stage.join(self, row, outcomes) if not made else Drop("too few traces agree", f"{agreement:.2f}")
        return [numbered(add(new, agreement=agreement), i) for i, new in enumerate(made[: self.keep], 1)]


def fault(row: Example, trace: str, answer: str, min_words: int) -> Drop | None:
    """Why a trace cannot stand: too short, or its answer is not the gold by the reward that trains on it."""
    if len(trace.split()) < min_words and len(trace) < 4 * min_words:  # the second for scripts without spaces
        return Drop("no reasoning", f"fewer than {min_words} words")
    return None if right(row, answer) else Drop("wrong answer")


def right(row: Example, answer: str) -> bool | None:
    """Whether the reward library takes this answer for the row's gold; None where it cannot grade the row."""
    grader = rewards.load("answer_match")
    columns = {name: value for name, value in row.columns().items() if name in grader.wants}
    score = grader(f"<answer>{answer}</answer>", **columns)
    return None if score is None else score.value == grader.high


def gold_of(row: Example) -> str:
    """The gold as a model writes it."""
    return ", ".join(row.golds)


def options_of(row: Example) -> str:
    """The options, one a line."""
    return "\n".join(f"{letter}) {text}" for letter, text in (row.options or {}).items())


def with_context(row: Example) -> str:
    """The question, after what it refers to (column `context`)."""
    return "\n\n".join(filter(None, [row.meta.get("context"), row.question]))


def numbered(row: Example, number: int) -> Example:
    """The row itself, or one of several like it, which needs an id of its own."""
    from dataclasses import replace

    return row if number == 1 else replace(row, id=f"{row.id}#{number}")


STAGES = (Cot,)
