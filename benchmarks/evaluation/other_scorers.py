r"""Responses that the scorers of MedEvalKit judge wrongly, with what a reader would say; for tests and benchmarks.

Each of its verdicts was found by running its own functions, at commit 9b12e3b of
https://github.com/alibaba-damo-academy/MedEvalKit, on invented responses. `theirs` says what it made of them.
"""

from typing import NamedTuple

import rewards

HEART = {"A": "Right Atrium", "B": "Left Atrium", "C": "Right Ventricle", "D": "Left Ventricle"}
BRAIN = {"A": "Glioma", "B": "Meningioma", "C": "Pituitary tumor", "D": "No tumor"}
POLAR = {"A": "yes", "B": "no", "C": "maybe"}
TEN = {letter: f"finding {i}" for i, letter in enumerate("ABCDEFGHIJ")}


class Case(NamedTuple):
    """A response, and for each gold answer that the question may have whether it is right."""

    part: str  # of MedEvalKit
    completion: str | None
    golds: dict[str, bool]
    options: dict[str, str] | None
    theirs: str

    @property
    def agrees(self) -> bool:
        """Whether our verdict is the reader's, whichever the gold."""
        return all(verdict(self, gold) is right for gold, right in self.golds.items())


def verdict(case: Case, gold: str) -> bool | None:
    """Our verdict; None where the row cannot be graded."""
    grader = rewards.load("answer_match")
    score = grader(rewards.parse(case.completion), answer=gold, options=case.options)
    return None if score is None else score.value == grader.high


def chosen(options: dict[str, str], letter: str | None, theirs: str, *completions: str | None, part: str = "choice"):
    """Responses that choose a letter, or none."""
    golds = {gold: gold == letter for gold in options}
    return [Case(part, completion, golds, options, theirs) for completion in completions]


def said(part: str, gold: str, right: bool, theirs: str, *completions: str):
    """Responses to a question without options."""
    return [Case(part, completion, {gold: right}, None, theirs) for completion in completions]


CASES: list[Case] = [
    *chosen(HEART, None, "A", "", r"\boxed{}"),
    *chosen(HEART, "C", "D", "(C)", "C)", "**C**", "$C$", "Option C", "Answer: (C)", r"\boxed{(C)}",
            r"\boxed{\textbf{C}}", "The correct option is C"),
    *chosen(HEART, "C", "B", "The answer is C because the wall is thin", "I would pick C", "not A, but C",
            "The answer: C, since A is wrong"),
    *chosen(HEART, "C", "A", "Reasoning: the answer is not A. So C"),
    *chosen(HEART, None, "B", "I cannot answer this question"),
    *chosen(HEART, None, "D", "Neither"),
    *chosen(HEART, None, "A", "A or C"),
    *chosen(HEART, None, "raises", None),
    *chosen(BRAIN, "B", "A", "Option B", "B, because the lesion is dural-based", "The correct answer is: **B**",
            "<think>It could be A. Glioma.</think>B", "Ｂ"),
    *chosen(BRAIN, "B", "D", "I choose B"),
    *chosen(BRAIN, "B", "C", "Choice B", r"\boxed{\text{B}}"),
    *chosen(BRAIN, None, "D", "B or C", "I am not sure."),
    *chosen(BRAIN, None, "B", "E"),
    *chosen(POLAR, "A", "C", "Yes. The study shows benefit."),
    *chosen(POLAR, None, "C", "Unclear"),
    *chosen(TEN, "J", "A", "Option J"),
    *chosen(TEN, "I", "A", "I)"),
    *chosen(TEN, None, "A", "K"),
    *chosen(HEART, "B", "a random letter", "B)", "**B**", "b", "$B$", "Left Atrium", "B: Left Atrium", part="MMMU"),
    *chosen(HEART, "B", "A", "The correct answer is (B), not (A)", part="MMMU"),
    *said("MMMU", "pneumonia", True, "wrong", "pneumonia"),
    *said("MMMU", "lung", False, "right", "not the lung"),
    *said("MMMU", "no", False, "right", "normal"),
    *said("yes/no", "yes", True, "wrong", "Yes, an abnormality is present", "Yes, there is a nodule",
          "Yes, pneumothorax is not seen", "The diagnosis is present", "True", "Affirmative"),
    *said("yes/no", "no", False, "right", "I cannot determine", "Unknown", "nodule present in left lung",
          "The lungs are normal"),
    *said("yes/no", "yes", False, "right", "yesterday", "Eyes are visible"),
    *said("closed", "0.5 cm", True, "wrong", "0.5 cm"),
    *said("closed", "T2.", True, "wrong", "T2."),
    *said("closed", "T2", True, "wrong", "T2 "),
    *said("closed", "Left lung", True, "wrong", "the left lung"),
    *said("closed", "Lung", True, "wrong", "**Lung**"),
    *said("closed", "Yes", True, "wrong", "Yes, it is"),
    *said("closed", "肺", True, "wrong", "肺。"),
    *said("closed", "liver, kidney", True, "wrong", "Kidney, liver"),
    *said("open", "pneumonia", True, "wrong", "Pneumonia."),
    *said("open", "pneumonia", False, "raises", "", "."),
]  # fmt: skip
