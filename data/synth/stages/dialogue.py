"""Replies of online doctors rewritten for an assistant (Lingshu, section 2.1.4 and appendix A.1), and checked: no
identity, no diagnosis, no prescription, a specialist named, a disclaimer at the end. The checks read English."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from data.clean import Drop
from data.example import Example
from data.synth import Ask, Nonsense, Stage, add, wording
from data.synth.stages.cot import gold_of

if TYPE_CHECKING:
    from data.synth import Outcome

MARKER = "[REWRITTEN]"
FORBIDDEN = {
    "a name or an address is left": re.compile(
        r"\bDr\.?\s+(?-i:[A-Z])|\b(?:I am|I'm|my name is|this is)\s+(?:Dr\b|doctor\s+(?-i:[A-Z]))|\S+@\S+\.\w+"
        r"|https?://|\bwww\.|\b\+?\d[\d\s()-]{8,}\d\b|\bhealth\s?care\s?magic\b|\bicliniq\b|\bchat\s?doctor\b",
        re.IGNORECASE,
    ),
    "states a diagnosis": re.compile(
        r"\byou\s+(?:definitely|clearly|certainly|surely|obviously|most likely|probably)\s+have\b"
        r"|\byou(?:'re|\s+are)\s+suffering\s+from\b|\b(?:my|your)\s+diagnosis\s+is\b|\bI\s+diagnose\b"
        r"|\byou(?:'ve|\s+have)\s+(?:got|developed|contracted)\b",
        re.IGNORECASE,
    ),
    "prescribes": re.compile(
        r"\b\d+(?:\.\d+)?\s*(?:mg|mcg|µg|ml|g|iu|units?|tablets?|capsules?|drops?)\b"
        r"|\bI(?:'m|\s+am)?\s+prescrib\w+|\b(?:once|twice|thrice|\d+\s+times)\s+(?:a\s+day|daily|per\s+day)\b"
        r"|\b(?:start|stop|begin)\s+taking\b|\btake\s+(?:a|one|two|three|\d+)\s+(?:tablet|pill|capsule)",
        re.IGNORECASE,
    ),
}
WANTED = {
    "names no specialist": re.compile(
        r"\w+(?:ologist|iatrist|iatrician|ician|surgeon)\b|\b(?:dentist|specialist|GP|doctor of|midwife|emergency)\b",
        re.IGNORECASE,
    ),
    "has no disclaimer": re.compile(
        r"\b(?:no\s+substitute|not\s+(?:a\s+|be\s+a\s+)?(?:substitute|replace\w*)|cannot\s+(?:replace|substitute))\b"
        r"|\bgeneral\s+information\b",
        re.IGNORECASE,
    ),
}


@dataclass(frozen=True)
class Dialogue(Stage):
    """The answer of a row, a doctor's reply, becomes the rewritten one.

    min_share: a rewriting of fewer characters than this share of the reply has lost what it said.
    """

    name: ClassVar[str] = "dialogue"
    about: ClassVar[str] = "a doctor's reply rewritten for an assistant"
    prompts: ClassVar[tuple[str, ...]] = ("dialogue",)

    min_share: float = 0.3

    def ask(self, row: Example) -> Ask | Drop:
        return Ask(wording.load("dialogue"), {"question": row.question, "reply": gold_of(row)})

    def read(self, row: Example, reply: str) -> Outcome:
        _, marker, text = reply.rpartition("</think>")[2].partition(MARKER)
        text = text.strip()
        if not marker or not text:
            return Nonsense("the start marker is missing" if not marker else "nothing after the start marker")
        if len(text) < self.min_share * len(gold_of(row)):
            return Drop("too short", f"below {self.min_share:g} of the reply")
        if why := next((why for why, pattern in FORBIDDEN.items() if pattern.search(text)), None):
            return Drop(why)
        if why := next((why for why, pattern in WANTED.items() if not pattern.search(text)), None):
            return Drop(why)
        return [add(replace(row, answer=text), rewritten=True)]


STAGES = (Dialogue,)
