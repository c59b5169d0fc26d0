"""A model checks whether a trace arrives at the gold (Lingshu, section 2.2.4 and table 15)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from data.clean import Drop
from data.example import Example
from data.synth import Ask, Nonsense, Stage, wording
from data.synth.stages.cot import gold_of, options_of, with_context

if TYPE_CHECKING:
    from data.synth import Outcome

VERDICT = re.compile(r"\W*(CONSISTENT|INCONSISTENT)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Verify(Stage):
    """Rows whose `trace` is found consistent with the gold stay as they are."""

    name: ClassVar[str] = "verify"
    about: ClassVar[str] = "a model checks whether the trace arrives at the gold"
    prompts: ClassVar[tuple[str, ...]] = ("verify",)

    def ask(self, row: Example) -> Ask | Drop:
        if not row.meta.get("trace"):
            return Drop("no trace to verify")
        question = "\n".join(filter(None, [with_context(row), options_of(row)]))
        gold = gold_of(row)
        if row.options:  # the letter, and what it stands for
            gold = ", ".join(f"{letter}) {row.options[letter]}" for letter in row.golds)
        predicted = str(row.meta.get("predicted") or gold_of(row))
        fields = {"question": question, "gold": gold, "trace": row.meta["trace"], "predicted": predicted}
        return Ask(wording.load("verify"), fields)

    def read(self, row: Example, reply: str) -> Outcome:
        verdict = VERDICT.match(reply.rpartition("</think>")[2])
        if not verdict:
            return Nonsense("no verdict")
        return [row] if verdict[1].upper() == "CONSISTENT" else Drop("found inconsistent")


STAGES = (Verify,)
