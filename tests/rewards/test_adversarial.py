"""Responses written to fool or to trip the grader: each verdict is what a strict but fair examiner would give."""

import pytest

from rewards import load, parse

HEART = {"A": "Right Atrium", "B": "Left Atrium", "C": "Right Ventricle", "D": "Left Ventricle"}
answer_match = load("answer_match")

NO_COMMITMENT_TO_C = [
    "A. Right Atrium B. Left Atrium C. Right Ventricle D. Left Ventricle",
    "C) D)",
    "A B C D",
    "C D",
    "The answer is C D",
    "C and D",
    "Both C and D",
    "either C or D",
    "C/D",
    "C & D",
    "C\nD",
    "C. Right Ventricle or D. Left Ventricle",
    "<answer>C D</answer>",
    "The answer is C and also D",
    "It's C. It's D.",
    "C? D?",
    "C. But D is correct.",
    "C is wrong, D is correct",
    "I would pick C or D",
    "Answer: C, D",
    "right ventricle, left ventricle",
    "right ventricle or left",
    "The answer is neither C nor D",
    "C is incorrect",
    "Definitely not C",
    "Anything but C",
    "All options are wrong except... hmm, C or D",
    "Option C is excluded. Option D.",
    "The answer is C. No, D.",
    "C? No. D.",
    "(A) (B) (C) (D)",
    "(C)(D)",
    "answer: [C, D]",
    "C or maybe D",
    "The answer could be any: A, B, C, D",
    "CD",
    "I think C, though D is equally likely",
]
CLEARLY_D = {"C is wrong, D is correct", "Option C is excluded. Option D.", "C? No. D."}  # right where D is the gold
COMMITS_TO_C = [
    "The answer is C. Option A is the right atrium, which is thicker.",
    "C. Right Ventricle\n\nA. Right atrium is thinner.\nB. Left atrium is smaller.",
    "It's C",
    "C, definitely",
    "the right ventricle (C)",
    "Final Answer: C",
    "**Answer:** C",
    "**Final answer:** (C)",
    "The correct answer is option C: right ventricle.",
    "Based on the findings, the answer is C.",
    "Therefore, the answer is C) Right Ventricle",
    "After ruling out A, B and D, the answer is C.",
    "A is wrong since thick. B is wrong. D too. Answer: C",
    "C.\n\nExplanation: The wall is thin, so option D is unlikely.",
    "Right ventricle is the answer",
    "answer is c",
    "Answer is (c)",
    "C (Right Ventricle)",
    "I believe it's the right ventricle.",
    "Probably C",
    "My answer: C",
    "### Answer\nC",
    "Answer:\n\nC",
    "<answer>\nC\n</answer>",
    "<answer>Option C</answer>",
    "<answer>The answer is C.</answer>",
    "The chamber shown is the right ventricle, option C.",
    "C: the thin wall shows it.",
    "The answer is $C$.",
    "Correct choice: C",
]
NOT_PNEUMOTHORAX = [
    "pneumothorax?",
    "pneumothorax (or effusion)",
    "pneumothorax/effusion",
    "maybe pneumothorax maybe not",
    "The differential includes pneumothorax",
    "pneumothorax but not really",
    "tension pneumothorax is excluded",
    "no sign of pneumothorax",
    "It mimics pneumothorax",
    "absence of pneumothorax",
    "pneumothorax. effusion. fracture.",
    "pneumothorax\neffusion\nfracture",
    "pneumothorax with alternative of effusion",
    "Pneumothorax, effusion",
    "pneumothorax in no way",
    "There is pneumothorax or not",
    "The answer is in the set pneumothorax effusion fracture",
    "pneumothorax of unlikely kind",
]
PNEUMOTHORAX = [
    "Pneumothorax",
    "A pneumothorax.",
    "There is a pneumothorax.",
    "left-sided pneumothorax",
    "a large right pneumothorax",
    "The image shows a pneumothorax.",
    "Findings: pneumothorax",
    "The chest radiograph shows a right pneumothorax.",
    "pneumothorax is present",
    "Likely pneumothorax",
    "PNEUMOTHORAX",
    "pneumothoraxes",
    "It is most likely a pneumothorax, given the absent lung markings.",
    "I see a pneumothorax",
]
OTHERS = [
    ("yes", "Yes and also no", 0.0),
    ("yes", "yes no", 0.0),
    ("yes", "no yes", 0.0),
    ("no", "no yes", 0.0),
    ("yes", "It is yes", 1.0),
    ("yes", "Answer: Yes", 1.0),
    ("yes", "The answer to the question is yes.", 1.0),
    ("yes", "I would say yes", 1.0),
    ("yes", "Yes. There is no effusion on the right.", 1.0),
    ("no", "No, yes", 0.0),
    ("yes", "Yes, or no", 0.0),
    ("yes", "yes?", 0.0),
    ("yes", "There is a pleural effusion.", 0.0),
    ("yes", "Certainly, yes", 1.0),
    ("yes", "Yes!", 1.0),
    ("yes", "**Yes**, it is", 1.0),
    ("no", "Not present", 1.0),
    ("yes", "Y", 0.0),
    ("no", "There are no nodules", 1.0),
    ("yes", "Not yes", 0.0),
    ("no", "Yes is wrong, no is right", 0.0),
    ("maybe", "Maybe yes", 0.0),
    ("yes", "A definite yes", 1.0),
    ("no", "the answer isn't no", 0.0),
    ("12", "12 12", 1.0),
    ("12", "12 / 12", 0.0),
    ("12", "12, not 13", 1.0),
    ("12", "not 13 but 12", 1.0),
    ("12", "13 no 12", 0.0),
    ("12", "twelve or thirteen", 0.0),
    ("12", "1 2", 0.0),
    ("12", "12 13", 0.0),
    ("12", "12.", 1.0),
    ("12", "12!", 1.0),
    ("12", "x = 12", 1.0),
    ("12", "$12$", 1.0),
    ("12 mg", "The dose is 12 mg daily", 1.0),
    ("12 mg", "12 mg or 13 mg", 0.0),
    ("12 mg", "12mg", 1.0),
    ("12 mg", "from 10 to 12 mg", 0.0),
    ("0.05", "5e-2", 1.0),
    ("0.05", ".05", 1.0),
    ("12", "1.2e1", 1.0),
    ("5", "The left lung has 5 nodules", 1.0),
    ("5", "There are 5 lesions in 2 lobes", 0.0),
    ("37.5 C", "37.5 °C", 1.0),
    ("37.5 °C", "37.5 degrees Celsius", 1.0),
    ("2", "CHA2DS2-VASc score: 2", 1.0),
    ("14", "GCS 14", 1.0),
    ("14", "GCS = E4 + V4 + M6 = 14", 1.0),
    ("150 mL/h", "150 mL/hr", 1.0),
    ("150 mL/h", "150 ml per hour", 1.0),
    ("150 mL/h", "2.5 mL/min", 1.0),
    ("12 mEq/L", "12 mmol/L", 0.0),
]


@pytest.mark.parametrize("text", NO_COMMITMENT_TO_C)
def test_neither_of_two_letters_is_credited(text):
    verdicts = [answer_match(parse(text), answer=gold, options=HEART).value for gold in "CD"]
    assert verdicts[0] == 0.0
    assert sum(verdicts) <= (text in CLEARLY_D)


@pytest.mark.parametrize("text", COMMITS_TO_C)
def test_a_letter_in_any_dress_is_credited(text):
    assert answer_match(parse(text), answer="C", options=HEART).value == 1.0


@pytest.mark.parametrize("text", NOT_PNEUMOTHORAX)
def test_a_phrase_that_is_not_committed_to_is_not_credited(text):
    assert answer_match(parse(text), answer="pneumothorax").value == 0.0


@pytest.mark.parametrize("text", PNEUMOTHORAX)
def test_a_phrase_in_a_sentence_is_credited(text):
    assert answer_match(parse(text), answer="pneumothorax").value == 1.0


@pytest.mark.parametrize(("gold", "text", "value"), OTHERS)
def test_polarity_and_numbers(gold, text, value):
    assert answer_match(parse(text), answer=gold).value == value
