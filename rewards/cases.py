"""Rows with golds, and how a right answer may be dressed: the built-in cases of `python -m rewards check`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

QUADRANTS = {"A": "Right Atrium", "B": "Left Atrium", "C": "Right Ventricle", "D": "Left Ventricle"}
TUMORS = {"A": "Glioma", "B": "Meningioma", "C": "Pituitary tumor", "D": "No tumor"}
BENEFIT = {"A": "yes", "B": "no", "C": "maybe"}


@dataclass(frozen=True)
class Row:
    """A question with its gold and two other answers of the gold's form.

    near: wrong answers that look like the gold. extra: further columns. gold: as a model would write it.
    """

    kind: str
    question: str
    answer: Any
    wrong: tuple[str, str]
    options: Mapping[str, str] | None = None
    near: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    written: str = ""

    @property
    def gold(self) -> str:
        """The gold as a model would write it."""
        return self.written or (self.answer if isinstance(self.answer, str) else ", ".join(map(str, self.answer)))

    @property
    def columns(self) -> dict[str, Any]:
        """The columns a reward may name."""
        row = {"id": f"{self.kind}/{self.gold}", "question": self.question, "answer": self.answer, "kind": self.kind}
        return {**row, "options": dict(self.options) if self.options else None, **self.extra}


ROWS = (
    Row("option", "Which chamber has the thin wall in this view?", "C", ("D", "A"), QUADRANTS,
        ("Clearly D", "CD", "E", "C. Left Ventricle", "not the Right Ventricle", "Right Ventricle or Left Ventricle")),
    Row("option", "What is the most likely tumor of this dural-based mass?", "B", ("A", "C"), TUMORS,
        ("Beyond doubt A", "BC", "hepatitis B")),
    Row("option", "What is the most likely tumor of this brain?", "D", ("A", "B"), TUMORS,
        ("Definitely A", "a deficiency of vitamin D")),
    Row("option", "Does the trial show that the drug helps?", "A", ("B", "C"), BENEFIT,
        ("Apparently B", "A. no", "a matter of opinion")),
    Row("yesno", "Is there a pleural effusion?", "yes", ("no", "maybe"), None,
        ("No, the eyes are normal.", "yesterday")),
    Row("yesno", "Is there a nodule in the left lung?", "no", ("yes", "maybe"), None,
        ("Yes, nodules are noted.", "nodule", "normally yes")),
    Row("numeric", "Sodium 140, chloride 104, bicarbonate 24 mEq/L. What is the anion gap?", "12 mEq/L",
        ("20 mEq/L", "36 mEq/L"), None,
        ("112 mEq/L", "１12 mEq/L", "1 mEq/L", "-12 mEq/L", "12e3 mEq/L", "12 kg", "1.2 mEq/L", "140 - 104 - 24 mEq/L",
         "12 to 20 mEq/L", "> 12 mEq/L")),
    Row("numeric", "Weight 70 kg, height 1.75 m. What is the body mass index?", "22.86 kg/m2",
        ("24.5 kg/m2", "40 kg/m2"), None,
        ("122.86 kg/m2", "22 kg/m2", "22.86 mg", "2.286 kg/m2", "70/(1.75*1.75) kg/m2")),
    Row("numeric", "What is the CURB-65 score of this patient?", "3", ("2", "5"), None,
        ("13", "3.5", "-3", "30", "1+2", "1/3", "2, 3, 4", "(lambda: 3)()")),
    Row("text", "What does the chest radiograph show?", "pneumothorax", ("pleural effusion", "tuberculosis"), None,
        ("pneum", "pneumonia", "p", "mimic of a pneumothorax")),
    Row("text", "On which side is the lesion?", "left", ("right", "bilateral"), None,
        ("cleft", "le", "right, not left")),
    Row("text", "What is the diagnosis of this joint?", "acute gout", ("septic arthritis", "osteoarthritis"), None,
        ("acute", "chronic gout", "acute arthritis")),
    Row("text", "What is the cause of this retinopathy?", "hypertension", ("diabetes mellitus", "sickle cell disease"),
        None, ("hypotension", "hyper", "tension")),
    Row("text", "Which lobe does the pneumonia affect?", "right upper lobe", ("left upper lobe", "right lower lobe"),
        None, ("lobe", "right", "upper lobe of the left lung")),
    Row("text", "What is the underlying disease?", "type 1 diabetes mellitus",
        ("type 2 diabetes mellitus", "diabetes insipidus"), None, ("diabetes mellitus", "type 11 diabetes mellitus")),
    Row("multi", "Which of these are signs of heart failure?", ["edema", "dyspnea"], ("rash", "alopecia"), None,
        ("edema", "edema, rash", "edema or dyspnea", "edema, dyspnea, rash")),
)  # fmt: skip


def tagged(answer: str, thinking: str = "The findings are weighed one by one.") -> str:
    """A response in the usual form."""
    return f"<think>{thinking}</think>\n<answer>{answer}</answer>"


def as_response(text: str) -> str:
    """An answer in the usual form; a text that has tags is a whole response already."""
    return text if "<think>" in text or "<answer>" in text else tagged(text)


def golds(row: Row) -> Iterator[tuple[str, str]]:
    """(name, response) that must earn the maximum."""
    yield "gold", tagged(row.gold)
    yield "gold, other thinking", tagged(row.gold, f"{row.wrong[0]} was considered first, and dropped.")


def dressed(gold: str) -> Iterator[tuple[str, str, str]]:
    """(group, name, response) that say the gold as it is, only written in another way."""
    yield "case", "upper case", tagged(gold.upper())
    yield "case", "lower case", tagged(gold.lower())
    yield "case", "first letter", tagged(gold[:1].upper() + gold[1:])
    yield "space", "spaces around it", tagged(f"  {gold} ")
    yield "space", "lines around it", tagged(f"\n{gold}\n")
    yield "space", "lines between the tags", f"\n{tagged(gold)}\n\n".replace("</think>\n", "</think>\n\n\n")
    yield "markdown", "bold", tagged(f"**{gold}**")
    yield "markdown", "italic", tagged(f"*{gold}*")
    yield "other forms", "without thinking", f"<answer>{gold}</answer>"
    yield "other forms", "without tags", gold
    yield "other forms", "in a box", rf"\boxed{{{gold}}}"
    yield "other forms", "in a sentence", tagged(f"The answer is {gold}.")
    yield "other forms", "with a full stop", tagged(f"{gold}.")


def same_form() -> Iterator[tuple[str, str, str]]:
    """(group, response, response of the same words and length) between which only a judge of form sees a difference."""
    thinking = "The joint is  hot  and red, and the crystals decide."
    plain = tagged("  acute gout  ", thinking)
    yield "case", plain, tagged("  ACUTE GOUT  ", thinking.upper())
    yield "space", plain, tagged("  acute\ngout  ", thinking.replace(" red", "\nred"))
    yield "markdown", plain, tagged(" *acute gout* ", thinking.replace("  hot  ", " *hot* "))


def odd_texts() -> Iterator[tuple[str, str]]:
    """(name, text) that must neither raise nor take long, whatever they score."""
    yield "lone tags", "</think></answer><answer>"
    yield "nested tags", "<think>" * 2000 + "<answer>" * 2000
    yield "closing tags", "</think></answer>" * 2000
    yield "open boxes", r"\boxed{" * 3000
    yield "brackets", "(" * 20_000 + "[" * 20_000
    yield "digits", "1" * 20_000
    yield "lone surrogate", "<answer>\ud800</answer>"
    yield "replacement marks", "<answer>\ufffd\x00\x1b[31m</answer>"
    yield "invisible", "<answer>" + "\u200b" * 20_000 + "</answer>"
    yield "one word of a megabyte", "a" * 1_000_000
    yield "a megabyte of words", "the answer is A or B " * 50_000
    yield "a megabyte of space", " " * 1_000_000
    yield "a megabyte of answer", "<answer>" + "A, " * 350_000 + "</answer>"
    yield "a megabyte of negations", tagged("not " * 250_000)
    yield "a megabyte of tags", "<answer>C</answer>" * 55_000
    yield "a megabyte of space in a tag", tagged("<" + " " * 1_000_000)
    yield "a megabyte of lines", tagged("- no\n" * 200_000)
