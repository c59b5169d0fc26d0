"""What counts as one number, and when it is the gold's: each verdict is what a strict but fair examiner would give."""

import pytest

from rewards import load, parse
from rewards.cases import odd_texts

NUMERIC = load("numeric")
GAP = "Na 140, Cl 104, HCO3 24 mEq/L. What is the anion gap?"
SCORE = "What is the patient's score?"


def value(text: str, gold: object, **columns: object) -> float | None:
    columns = {"answer": gold, **columns}
    knobs = {name: columns.pop(name) for name in ("tolerance", "need_unit") if name in columns}
    score = NUMERIC.bind(**knobs)(parse(text), **columns)
    return None if score is None else score.value


ONE_NUMBER = [
    ("12", text)
    for text in (
        "12", "12.0", "12.", "12!", "+12", "**12**", "`12`", "$12$", r"\boxed{12}", r"$\boxed{\text{12}}$", "(12)",
        "１２", "twelve",
        "Twelve.", "twelve (12)", "12 (twelve)", "12, i.e. twelve", "1.2e1", "1.2 × 10^1", "1.2 x 10¹",
        r"$1.2 \times 10^{1}$",
        "十二", "答案是12。", "答案：十二", "x = 12", "x=12", "≈ 12", "~12", "about 12", "approximately 12",
        "It is 12.",
        "The answer is 12.", "Answer: 12", "**Answer:** 12", "Answer\n12", "### Final answer\n\n12",
        "Final answer: **12**",
        "I would say 12.", "It is most likely 12.", "The gap is 12, since the anions add up to 128.",
        "12, because 140 - 128 = 12", "12, not 13", "not 13 but 12", "It is 12 rather than 13.", "It is 12 (not 13).",
        "I first thought of 13, but it is 12.", "13 is wrong; it is 12.",
        "Some would say 13, but the correct value is 12.",
        "140 - 104 - 24 = 12", "140 - (104 + 24) = 140 - 128 = 12", "24/2 = 12", "6 x 2 = 12", "$$\\frac{24}{2} = 12$$",
        "AG = Na - Cl - HCO3 = 140 - 104 - 24 = 12", "Na = 140, Cl = 104, HCO3 = 24, AG = 12",
        "140 - 104 = 36; 36 - 24 = 12.", "Step 1: 140 - 104 = 36.\nStep 2: 36 - 24 = 12.\nThe answer is 12.",
        "Given that Na is 140, Cl is 104, and HCO3 is 24, the gap is 12.", "With a sodium of 140 the gap is 12.",
        "Using 140 for sodium, the result is 12.", "104 and 24 make 128, so 12.", "Therefore, the anion gap is 12.",
        "The anion gap is 12 (normal 8-16).", "The anion gap is 12 (reference range: 8 to 16).", "12 (> 10)",
        "The anion gap is 12, which is above 10.", "12. The normal range is 8-16.", "Result: 12", "The total is 12.",
        "5 + 7 → 12", "12 12", "The answer is 12. The answer is 12.", "12 = 12",
        "The answer is 12\n\nThe answer is 12.",
        "| gap | 12 |", "- gap: 12", "1. Add 104 and 24.\n2. Subtract from 140.\n\nSo the result is 12.",
        "<think>13?</think><answer>12</answer>", "<answer>12</answer> as computed above",
    )
] + [
    ("3", text)
    for text in (
        "3 points", "3/5", "3 out of 5", "3 out of a possible 5", "3 of 5 points", "3 (on a scale of 0 to 5)",
        "CURB-65 score: 3",
        "CURB-65 = 3", "The CHA2DS2-VASc score is 3.", "Score = 1 + 1 + 1 = 3", "3 (age, urea, confusion)",
        "3 points: 1 for age, 1 for urea, 1 for confusion", "3 - age, urea and confusion", "a total score of 3",
        "Age 1, urea 1, confusion 1. Total: 3", "Age: 1\nUrea: 1\nConfusion: 1\nTotal score: 3", "He scores 3.",
        "The score is 3 since he is 70 and his urea is 8 mmol/L.",
        "Age ≥ 65 (1 point), urea > 7 (1 point), confusion (1 point): 3",
        "This 70-year-old has a score of 3.", "A 24-hour urine aside, the score is 3.",
        "type 2 diabetes 1, COVID-19 2, so 3",
        "3. Age over 65, confusion and urea count one each.", "三分", "3分", "总分：3", "three points",
    )
] + [
    ("0", "zero"), ("0", "0 points"), ("0.5", "half"), ("0.5", "½"), ("1.5", "1½"), ("1.5", "one and a half"),
    ("2.5", "2½ tablets"),
    ("21", "twenty-one"), ("100", "a hundred"), ("120", "one hundred and twenty"),
    ("1500", "one thousand five hundred"),
    ("7.4", "seven point four"), ("-5", "minus five"), ("-5", "-5"), ("-5", "−5"), ("-5", "minus 5"), ("-5", "x = -5"),
    ("-5", "negative 5"),
    ("-2.5", "Base excess: –2.5"), ("0.05", ".05"), ("0.05", "5e-2"), ("0.05", "5 x 10^-2"),
    ("0.05", r"$5 \times 10^{-2}$"),
    ("0.05", "5·10⁻²"), ("1200", "1,200"), ("1200", "1 200"), ("1200", "1 200"), ("1200", "1'200"),
    ("1200", "1.2 × 10³"),
    ("1200", r"1{,}200"), ("2.5", "2,5"), ("0.125", "0,125"), ("1200.5", "1.200,50"), ("1200.5", "1,200.50"),
    ("1250000", "1,250,000"),
    ("150000", "1,50,000"), ("1000000", "10^6"), ("1000000", "one million"), ("37.5", "三十七点五"),
    ("0.25", "a quarter"),
]  # fmt: skip


@pytest.mark.parametrize(("gold", "text"), ONE_NUMBER)
def test_one_number_in_any_dress_is_read(gold, text):
    assert value(text, gold, question=SCORE if gold == "3" else None) == 1.0


NO_NUMBER = [
    ("12", text)
    for text in (
        "", "12?", "13", "112", "12.4", "-12", "1.2", "10-14", "10 to 14", "10–14", "between 10 and 14",
        "from 10 to 14", "11 or 12",
        "12 or 13", "either 12 or 13", "12 (or 13)", "12 (13)", "12, 13", "12 and 13", "10, 12, 14", "1 2", "12/13",
        "12;13", "12\n13",
        "more than 12", "> 12", "≥ 12", "at least 12", "up to 12", "less than 12", "12 or more", "12+", "over 12",
        "24/2", "24 / 2",
        "6 x 2", "6 * 2", "10 + 2", "140 - 104 - 24", r"$\frac{24}{2}$", "12 ± 3", "12 +/- 3", "not 12",
        "It is not 12.", "anything but 12",
        "It isn't 12.", "neither 12 nor 13", "12 is wrong", "The answer is 12. The answer is 13.",
        "It is 12. It is 13.", "It is 12, it is 13.",
        "It is 12. The answer is 13.", "not 12 but 13", "13 rather than 12", "I first thought of 12, but it is 13.",
        "twelve or thirteen",
        "twelve (13)", "12. Wait, 13.", "I cannot tell whether it is 12.", "It could be 12, but I cannot tell.", "L12",
        "B12", "T12",
        "COVID-12", "CA-125", "step 12a", "because the chloride is 12", "12 mg to 13 mg", "12%-13%", "a dozen or so",
        "12 / 12",
        "140 - 128", "12 = 140 - 104 - 25 = 11", "<think>12</think>", "<think>12",
        "<answer>12</answer><answer>13</answer>",
        "<answer>12 13</answer>", "<answer></answer> 12", r"\boxed{12} \boxed{13}", "__import__('os').getpid()",
        "eval('12')", "(lambda: 12)()", "int(12)",
        "The options are 10, 11, 12 and 13.", "120e-1x", "12:13", "12.12.2012",
    )
] + [
    ("3", "2"), ("3", "3.5"), ("3", "CURB-65"), ("2", "CHA2DS2-VASc"), ("65", "CURB-65"), ("3", "1 + 1 + 1"),
    ("15", "14/15"), ("15", "14 out of 15"),
    ("-5", "5"), ("5", "-5"), ("0.45", "45"), ("1200", "1.2"), ("1000", "10^2"), ("2.5", "25"),
    ("5", "There are 5 lesions in 2 lobes"),
]  # fmt: skip


@pytest.mark.parametrize(("gold", "text"), NO_NUMBER)
def test_what_commits_to_no_number_or_to_another_is_wrong(gold, text):
    assert value(text, gold) == 0.0


ASKED = [
    (GAP, "12 mEq/L", "Sodium is 140. The anion gap is 12 mEq/L. Chloride is 104.", 1),
    (GAP, "12 mEq/L", "The anion gap is 12. The sodium is 140.", 1),
    (GAP, "12 mEq/L", "140 - 104 = 36. Subtracting 24, the anion gap is 12.", 1),
    (GAP, "36 mEq/L", "140 - 104 = 36. Subtracting 24, the anion gap is 12.", 0),
    ("Weight 70 kg, height 1.75 m. What is the body mass index?", "22.86 kg/m2",
     "Weight 70 kg, height 1.75 m, BMI 22.86 kg/m2", 1),
    ("How many nodules are shown?", "3", "There are 3 nodules: 8 mm, 5 mm and 12 mm.", 1),
    ("How many nodules are shown?", "0", "No nodules are seen.", 1),
    ("How many nodules are shown?", "0", "None.", 1), ("How many nodules are shown?", "2", "No nodules are seen.", 0),
    (SCORE, "15", "15/15", 1),
    ("GCS?", "8", "GCS 8/15", 1), ("GCS?", "14", "E4 + V4 + M6 = 14", 1),
    ("How many lesions?", "12", "12 lesions in 2 lobes", 1),
]  # fmt: skip


@pytest.mark.parametrize(("question", "gold", "text", "right"), ASKED)
def test_what_the_question_asks_for_is_read(question, gold, text, right):
    assert value(text, gold, question=question) == right


def test_symbolic_golds_go_through_math_verify():
    assert value(r"\boxed{\frac{\sqrt{2}}{2}}", r"\frac{1}{\sqrt{2}}") == 1
    assert value(r"$2\pi$", r"2\pi") == 1
    assert value(r"$3\pi$", r"2\pi") == 0
    assert value("__import__('os').system('true')", r"2\pi") == 0


@pytest.mark.parametrize(
    "gold",
    [
        "five",
        "",
        "none",
        "12 or 13",
        "10, 12, 14",
        None,
        "N/A",
        "perhaps 12 mg (or 13 mg)",
        "6 mg (0.6 g)",
        "type 2 diabetes",
    ],
)
def test_a_gold_that_is_not_one_amount_cannot_be_graded(gold):
    assert value("12", gold) is None


def test_the_verdict_tells_what_was_read_by_which_rule_and_why():
    score = NUMERIC(parse("The MAP for 120/80 mmHg is 93.3 kPa."), answer="93.3 mmHg")
    assert (score.value, score.parsed, score.rule, score.why) == (
        0.0,
        "93.3 kPa",
        "number",
        "93.3 kPa is not 93.3 mmHg",
    )
    assert NUMERIC(parse("11 or 12"), answer="12").rule == "conflict"
    assert NUMERIC(parse("not 12"), answer="12").rule == "negated"
    assert NUMERIC(parse("I cannot tell"), answer="12").rule == "refusal"
    assert "range" in NUMERIC(parse("10-14"), answer="12").why


BAIT = [
    "1,234" * 400, "1 " * 2000, "-" * 4000, "1-" * 2000, "1/" * 2000, "(" * 4000, "1e" * 2000, "9" * 4000,
    "1." * 2000, "= " * 2000, "12 mg " * 700,
    "x10^" * 1000, "one hundred and " * 260, "weeks 3 days " * 300, "1" + " " * 3900 + "2",
    "not " * 1000, "a" * 3999 + "1", "the answer is " * 280 + "12",
    "１２，" * 1300, "十百千万" * 1000, "1 w " * 900, r"\frac{" * 600, "1 in " * 800,
    "mg/" * 1300, "12 " + "mg " * 1300, "09/23/" * 600, "September " * 400,
]  # fmt: skip


@pytest.mark.parametrize("text", BAIT)
def test_bait_is_judged_within_50_ms(text, at_once):
    for dressed in (text, f"<answer>{text[:1999]}</answer>"):
        at_once(lambda said=dressed: value(said, "12 mg", question="What is the dose?"))


def test_length_costs_no_more_than_reading_it(at_once):
    for _, text in odd_texts():
        at_once(lambda said=text: value(said, "12 mg"), limit=0.1)
