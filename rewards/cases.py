"""Rows with golds, and what cheats write about them: the built-in cases of `python -m rewards check`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

QUADRANTS = {"A": "Right Atrium", "B": "Left Atrium", "C": "Right Ventricle", "D": "Left Ventricle"}
TUMORS = {"A": "Glioma", "B": "Meningioma", "C": "Pituitary tumor", "D": "No tumor"}
BENEFIT = {"A": "yes", "B": "no", "C": "maybe"}


@dataclass(frozen=True)
class Row:
    """A question with its gold and two other answers of the gold's form."""

    kind: str
    question: str
    answer: str | list[str]
    wrong: tuple[str, str]
    options: Mapping[str, str] | None = None

    @property
    def gold(self) -> str:
        """The gold as a model would write it."""
        return self.answer if isinstance(self.answer, str) else ", ".join(self.answer)

    @property
    def columns(self) -> dict[str, Any]:
        """The columns a reward may name."""
        row = {"id": f"{self.kind}/{self.gold}", "question": self.question, "answer": self.answer, "kind": self.kind}
        return {**row, "options": dict(self.options) if self.options else None}


ROWS = (
    Row("option", "Which chamber has the thin wall in this view?", "C", ("D", "A"), QUADRANTS),
    Row("option", "What is the most likely tumor of this dural-based mass?", "B", ("A", "C"), TUMORS),
    Row("option", "What is the most likely tumor of this brain?", "D", ("A", "B"), TUMORS),
    Row("option", "Does the trial show that the drug helps?", "A", ("B", "C"), BENEFIT),
    Row("yesno", "Is there a pleural effusion?", "yes", ("no", "maybe"), None),
    Row("yesno", "Is there a nodule in the left lung?", "no", ("yes", "maybe"), None),
    Row("numeric", "Sodium 140, chloride 104, bicarbonate 24 mEq/L. What is the anion gap?", "12 mEq/L",
        ("20 mEq/L", "36 mEq/L")),
    Row("numeric", "Weight 70 kg, height 1.75 m. What is the body mass index?", "22.86 kg/m2",
        ("24.5 kg/m2", "40 kg/m2")),
    Row("numeric", "What is the CURB-65 score of this patient?", "3", ("2", "5")),
    Row("text", "What does the chest radiograph show?", "pneumothorax", ("pleural effusion", "tuberculosis")),
    Row("text", "On which side is the lesion?", "left", ("right", "bilateral")),
    Row("text", "What is the diagnosis of this joint?", "acute gout", ("septic arthritis", "osteoarthritis")),
    Row("multi", "Which of these are signs of heart failure?", ["edema", "dyspnea"], ("rash", "edema, rash")),
)  # fmt: skip


def tagged(answer: str, thinking: str = "The findings are weighed one by one.") -> str:
    """A response in the usual form."""
    return f"<think>{thinking}</think>\n<answer>{answer}</answer>"


def as_response(text: str) -> str:
    """An answer in the usual form; a text that has tags is a whole response already."""
    return text if "<think>" in text or "<answer>" in text else tagged(text)


def uncommitted(right: str, wrong: str) -> list[tuple[str, str]]:
    """(name, response) that hold the right answer of any kind, but do not commit to it."""
    return [
        ("empty", ""),
        ("empty answer", tagged("")),
        ("wrong, gold in the thinking", tagged(wrong, f"The answer is {right}. <answer>{right}</answer>")),
        ("answer only inside the thinking", f"<think><answer>{right}</answer></think>"),
        ("thinking cut off", f"<think>So the answer is {right}"),
        ("two answers", f"{tagged(right)}<answer>{wrong}</answer>"),
    ]


def golds(row: Row) -> Iterator[tuple[str, str]]:
    """(name, response) that must earn the maximum."""
    yield "gold", tagged(row.gold)
    yield "gold, other thinking", tagged(row.gold, f"{row.wrong[0]} was considered first, and dropped.")


def bads(row: Row) -> Iterator[tuple[str, str]]:
    """(name, response) that must earn the minimum: nothing, wrong, and every cheap trick to hold the gold somewhere."""
    gold, (wrong, other) = row.gold, row.wrong
    listed = "\n".join(f"{letter}. {text}" for letter, text in (row.options or {}).items())
    yield "empty", ""
    yield "only space", " \n\t "
    yield "empty answer", tagged("")
    yield "wrong", tagged(wrong)
    yield "other wrong", tagged(other)
    yield "wrong, gold in the thinking", tagged(wrong, f"The answer is {gold}. <answer>{gold}</answer>")
    yield "thinking only", f"<think>The answer is {gold}.</think>"
    yield "answer only inside the thinking", f"<think><answer>{gold}</answer></think>"
    yield "thinking cut off", f"<think>So the answer is {gold}"
    yield "all listed", tagged(listed or f"{wrong}, {gold}, {other}")
    yield "all listed in prose", listed or f"{wrong}, {other}, {gold}"
    yield "hedge", tagged(f"It could be {gold} or {wrong}, it is hard to say.")
    yield "hedge in prose", f"It might be {gold}, or perhaps {other}, or {wrong}."
    yield "question copied", tagged(f"{row.question}\n{listed}".strip())
    yield "negated", tagged(f"not {gold}")
    yield "inside a contradiction", tagged(f"It is not {gold} but {wrong}.")
    yield "named, then another", tagged(f"Many would say {gold}, but the answer is {wrong}.")
    yield "retracted", f"{tagged(gold)} Wait, that is wrong. The answer is {wrong}."
    yield "taken back inside", tagged(f"{gold}. I take that back.")
    yield "two answers", f"{tagged(gold)}<answer>{wrong}</answer>"
    yield "two answers, gold last", f"{tagged(wrong)}<answer>{gold}</answer>"
    yield "two boxes", rf"\boxed{{{gold}}} \boxed{{{wrong}}}"
    yield "refusal", tagged("I cannot answer this question.")


def odd_texts() -> Iterator[tuple[str, str]]:
    """(name, text) that must neither raise nor take long, whatever they score."""
    yield "lone tags", "</think></answer><answer>"
    yield "nested tags", "<think>" * 2000 + "<answer>" * 2000
    yield "closing tags", "</think></answer>" * 2000
    yield "open boxes", r"\boxed{" * 3000
    yield "brackets", "(" * 20_000 + "[" * 20_000
    yield "digits", "1" * 20_000
    yield "lone surrogate", "<answer>\ud800</answer>"
    yield "invisible", "<answer>" + "\u200b" * 20_000 + "</answer>"
    yield "one word of a megabyte", "a" * 1_000_000
    yield "a megabyte of words", "the answer is A or B " * 50_000
    yield "a megabyte of space", " " * 1_000_000
    yield "a megabyte of answer", "<answer>" + "A, " * 350_000 + "</answer>"
