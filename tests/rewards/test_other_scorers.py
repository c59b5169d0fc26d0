"""Cases that other published medical scorers get wrong; each verdict here is what a reader would say."""

import pytest

from benchmarks.evaluation.other_scorers import BRAIN, CASES, HEART, POLAR, TEN
from rewards import Response, load, parse

answer_match = load("answer_match")
option_choice = load("option_choice")


def read(text: str, options: dict[str, str]) -> str | None:
    score = option_choice(parse(text), answer=next(iter(options)), options=options)
    assert score is not None
    return score.parsed


def verdict(text: str, gold: str, **columns: object) -> float | None:
    score = answer_match(parse(text), answer=gold, **columns)
    return None if score is None else score.value


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.part}: {case.completion}")
def test_what_medevalkit_judges_wrongly(case):
    assert case.agrees


OPTION_CASES = [
    (HEART, "???", None),
    *[
        (HEART, text, "C")
        for text in (
            "c", "C.", "C: Right Ventricle", "right ventricle", "The answer is the right ventricle.", "(c)",
            "C. Right ventricle, as the wall is thin.", "答案是C", "选C",
            "option c", "It is C.", "<answer>C</answer>", "The correct answer is (C), not (A).",
            "Let us see.\nThe wall is thin.\n\nC", r"The final answer is $\boxed{\text{C}}$.", "C is correct.",
            "Option A is wrong, so C.", "I'm not sure, but I think the answer is C.", "[C]", "{C}", "Ｃ", "С",
        )
    ],
    (BRAIN, "B. Glioma", None),
    (BRAIN, "The answer is B (glioma).", None),
    (BRAIN, "No tumor", "D"),
    (BRAIN, "There is no tumor.", "D"),
    (BRAIN, "Meningioma, not glioma.", "B"),
    (POLAR, "no", "B"),
    (POLAR, "A. yes", "A"),
    (POLAR, "A. no", None),
    (TEN, "I think so", None),
    (HEART, "The answer is a chamber.", None),
    (HEART, "hepatitis B", None),
    (HEART, "A. Right Atrium\nB. Left Atrium\nC. Right Ventricle\nD. Left Ventricle", None),
    (HEART, "A, B, C, D", None),
    (HEART, "The answer is C. Wait, the answer is D.", None),
    (HEART, "The answer is C or D.", None),
    (HEART, "It is C. Or it is D.", None),
    (HEART, "<answer>C</answer> I take that back.", None),
    (HEART, "<answer>C</answer> Actually, the answer is D.", None),
    (HEART, "<think>C</think>", None),
    (HEART, "<think><answer>C</answer>", None),
    (HEART, "<think><answer>A</answer></think><answer>C</answer>", "C"),
    (HEART, "The answer is not C.", None),
    (HEART, "Not the right ventricle.", None),
    ({"A": "C. difficile", "B": "E. coli", "C": "S. aureus"}, "C. difficile", "A"),
    ({"A": "C. difficile", "B": "E. coli", "C": "S. aureus"}, "The answer is E. coli.", "B"),
    ({"A": "Vitamin B", "B": "Vitamin A", "C": "Vitamin C"}, "Vitamin A", "B"),
    ({"A": "B cell lymphoma", "B": "T cell lymphoma"}, "The answer is B cell lymphoma.", "A"),
    ({"A": "5 mg", "B": "15 mg", "C": "1.5 mg"}, "1.5 mg", "C"),
    ({"A": "5 mg", "B": "15 mg", "C": "1.5 mg"}, "The dose is 15 mg.", "B"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "text", "letter"), OPTION_CASES)
def test_option_read(options, text, letter):
    assert read(text, options) == letter


YES_NO_CASES = [
    ("no", "No.", 1.0), ("no", "The answer is no.", 1.0),
    ("yes", "yes and no", 0.0), ("yes", "Yes or no", 0.0), ("yes", "Yes. No.", 0.0),
    ("maybe", "Maybe.", 1.0), ("maybe", "I do not know", 0.0), ("no", "There is no pneumothorax.", 1.0),
    ("yes", "<answer>**Yes**</answer>", 1.0), ("yes", "是", 1.0), ("no", "没有", 1.0), ("no", "不是", 1.0),
    ("no", "Not sure", 0.0), ("yes", "Probably yes", 1.0), ("yes", "The answer is not yes.", 0.0),
    ("yes", "Is it yes?", 0.0), ("no", "know", 0.0), ("no", "Yes... wait, no.", 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("gold", "text", "value"), YES_NO_CASES)
def test_yes_no(gold, text, value):
    assert verdict(text, gold) == value


TEXT_CASES = [
    ("pneumonia", "The most likely diagnosis is pneumonia.", 1.0), ("pneumonia", "pneumonia or tuberculosis", 0.0),
    ("pneumonia", "pneumonia, tuberculosis, cancer", 0.0), ("pneumonia", "This rules out pneumonia.", 0.0),
    ("pneumonia", "pneumonia is unlikely", 0.0), ("pneumonia", "No pneumonia", 0.0), ("left lung", "lung", 0.0),
    ("left lung", "right lung", 0.0), ("acute pancreatitis", "chronic pancreatitis", 0.0),
    ("hypertension", "hypotension", 0.0), ("oedema", "Edema", 1.0), ("hyperkalaemia", "hyperkalemia", 1.0),
    ("type 2 diabetes", "type II diabetes", 1.0), ("type 2 diabetes", "type 1 diabetes", 0.0),
    ("MRI", "An MRI scan.", 1.0),
    ("CT", "computed tomography", 1.0), ("pneumonia", "Pneumonia. Actually, it is tuberculosis.", 0.0),
    ("pneumonia", "I think it is pneumonia because of the fever.", 1.0),
    ("pneumonia", "pneumonia of the left lower lobe", 1.0),
    ("pneumonia", "<think>pneumonia</think>", 0.0), ("hypertension", "pulmonary hypertension", 0.0),
    ("nodule", "It shows anything but a nodule", 0.0), ("left", "left and right", 0.0), ("left", "Left side", 1.0),
    ("upper left", "upper left", 1.0), ("upper left", "upper right", 0.0),
    ("left", "Left. The answer is right.", 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("gold", "text", "value"), TEXT_CASES)
def test_text(gold, text, value):
    assert verdict(text, gold) == value


NUMERIC_CASES = [
    ("12 mEq/L", "12 mEq/L", 1.0), ("12 mEq/L", "12", 1.0),
    ("12 mEq/L", "The anion gap is 140 - 104 - 24 = 12 mEq/L.", 1.0),
    ("12 mEq/L", "12 mg/dL", 0.0), ("1.2 g", "1200 mg", 1.0), ("1200 mg", "1.2 g", 1.0), ("0.5 mg", "500 mcg", 1.0),
    ("12", "12.0", 1.0), ("12", "10-14", 0.0), ("12", "10, 12, 14", 0.0), ("12", "11 or 12", 0.0),
    ("12", "24/2", 0.0),
    ("12", "112", 0.0), ("-5", "5", 0.0), ("-5", "−5", 1.0), ("1,200 mL", "1200 mL", 1.0), ("93.33", "93.3", 1.0),
    ("93.33", "93", 1.0), ("93.33", "90", 0.0), ("7.36", "7", 1.0), ("7.36", "8", 0.0),
    ("3", "CURB-65 score is 3", 1.0), ("3", "three", 1.0),
    ("3", "The score is 3 (age, urea, confusion).", 1.0), ("3", "3 points", 1.0), ("14", "14 out of 15", 1.0),
    ("93.3 mmHg", "The MAP for 120/80 mmHg is 93.3 mm Hg", 1.0), ("45%", "0.45", 0.0), ("45 %", "45%", 1.0),
    ("12", "more than 12", 0.0), ("12", "not 12", 0.0), ("12", "I cannot say", 0.0), ("12 mm", "1.2 cm", 1.0),
    ("90 mL/min/1.73 m2", "90 mL/min/1.73 m²", 1.0), ("5 mcg/kg/min", "5 µg/kg/min", 1.0),
    ("12", "<answer>12</answer>", 1.0),
    ("2.5 mg", "2,5 mg", 1.0), ("70 kg", "70 kilograms", 1.0), ("25.3 kg/m2", "25.3 kg/m^2", 1.0),
    ("25.3", "25.31", 1.0),
    ("12", "12 ± 3", 0.0), ("250 x 10^9/L", "250 × 10⁹/L", 1.0), ("12", "It is 12. The answer is 13.", 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("gold", "text", "value"), NUMERIC_CASES)
def test_numeric(gold, text, value):
    assert verdict(text, gold) == value


def test_tolerance_is_for_decimals_only():
    loose = answer_match.bind(tolerance=0.05)
    assert [loose(text, answer="20.0").value for text in ("20.9", "21.1")] == [1.0, 0.0]
    assert loose("21", answer="20").value == 0.0


@pytest.mark.parametrize("text", [None, "", "x" * 10, b"bytes", 3])
def test_odd_text_is_no_answer(text):
    response = parse(text)
    assert isinstance(response, Response)
    assert answer_match(response, answer="C", options=HEART).value == 0.0


UNUSABLE = [
    ("", {}), (None, {}), ("Z", {"options": HEART}), ("x", {"kind": "box"}), ("five", {"kind": "numeric"}),
    ("perhaps so", {"kind": "yesno"}),
]  # fmt: skip


@pytest.mark.parametrize(("gold", "columns"), UNUSABLE)
def test_a_row_without_a_usable_gold_cannot_be_graded(gold, columns):
    assert verdict("C", gold, **columns) is None
