"""What a text commits to: the rules that hold for letters, polarities and sets alike, one behaviour a row."""

import pytest

from rewards import load, parse
from rewards.reading.clauses import clauses
from rewards.reading.fold import fold
from rewards.reading.letter_sets import read_letters
from rewards.reading.option import read_option
from rewards.reading.polarity import read_polarity

CHAMBERS = {"A": "Right Atrium", "B": "Left Atrium", "C": "Right Ventricle", "D": "Left Ventricle"}
ANEMIAS = {"A": "Vitamin B12 deficiency", "B": "Iron deficiency", "C": "Both A and B", "D": "None of the above"}
DOSES = {"A": "50 mg", "B": "500 mg", "C": "1,500 mg", "D": "5 g"}
answer_match = load("answer_match")

LETTERS = [
    # called the answer, against what is only named
    ("The answer is C. Option A is the right atrium, which is thicker.", "C"),
    ("A is thick. B has the appendage. So it is C.", "C"),
    ("My first answer was A. Final answer: C", "C"),
    ("I prefer C to A here.", "C"),
    ("That only leaves C.", "C"),
    ("Thin wall, trabeculated: C.", "C"),
    ("A. thick - wrong\nB. thick - wrong\nC. thin - correct\nD. thick - wrong", "C"),
    ("A ✗ thick\nB ✗ valve\nC ✓ thin\nD ✗ thick", "C"),
    ("| A | ✗ |\n| B | ✗ |\n| C | ✓ |\n| D | ✗ |", "C"),
    ("### Conclusion\n\nThe right ventricle shows it.\n\nThe left ventricle is thicker.", "C"),
    # rejected, passed by, conditional, taken back
    ("After ruling out A, B and D, the answer is C.", "C"),
    ("Some would say A, but it is C.", "C"),
    ("It would be A if the wall were thick; here it is C.", "C"),
    ("If the wall were thick I would say A.", None),
    ("Anything but C", None),
    ("C. No, D.", None),
    ("C, alternatively D", None),
    ("C, or something else", None),
    ("The answer is C. Hold on, no.", None),
    ("It might be C, but I have no way of telling.", None),
    ("With 40% A, with 30% B, with 20% C, with 10% D.", None),
    ("Is it C?", None),
    # letters that are none
    ("I would ask for an echo.", None),
    ("A right ventricle", "C"),
    ("not D but the right ventricle", "C"),
    ("(A) Right Atrium (B) Left Atrium (C) Right Ventricle (D) Left Ventricle\n\nAnswer: C", "C"),
    ("(A) Right Atrium (B) Left Atrium (C) Right Ventricle (D) Left Ventricle", None),
    ("B. Right Ventricle", None),
    ("the right ventricle (C)", "C"),
    ("La bonne réponse est la C.", "C"),
    ("正确答案是(C)，不是(A)。", "C"),
    ("> A. Right Atrium\n> C. Right Ventricle\n\nC", "C"),
]
OTHER_OPTIONS = [
    (ANEMIAS, "Both are deficiencies: A and B.", "C"),
    (ANEMIAS, "None of these.", "D"),
    (ANEMIAS, "Lack of iron, i.e. iron deficiency.", "B"),
    (DOSES, "0.5 g", "B"),
    (DOSES, "1500 mg", "C"),
    (DOSES, "five mg", None),
    ({"A": "Myocardial infarction", "B": "Pericarditis"}, "a heart attack", "A"),
    ({"A": "Azathioprine", "B": "Methotrexate"}, "Azathiopirne", "A"),
    ({"A": "Clostridioides difficile", "B": "Escherichia coli"}, "It is C. difficile.", "A"),
    ({"A": "Niacin (B3)", "B": "Thiamine (B1)"}, "B3", "A"),
    ({"A": "heart", "B": "lung"}, "heart failure", None),
]
POLARITIES = [
    ("Is there a pleural effusion?", "A small effusion is seen on the left.", "yes"),
    ("Is there a pleural effusion?", "No effusion.", "no"),
    ("Is there a pleural effusion?", "No pneumothorax.", None),
    ("Is there a pleural effusion?", "An effusion may be present.", None),
    ("Is there a left pleural effusion?", "There is a pleural effusion on the right.", "no"),
    ("Is the heart enlarged?", "Normal heart size.", "no"),
    ("Is the heart enlarged?", "The lungs are normal.", None),
    ("Is the trachea midline?", "It is deviated to the right.", "no"),
    ("Is the test negative?", "It is positive.", "no"),
    ("Is the test negative?", "Negative.", "yes"),
    ("Is this image a CT?", "This is an MRI.", "no"),
    ("Is the patient hyperkalemic?", "She is hypokalemic.", "no"),
    ("Are the opacities symmetric?", "Asymmetric.", "no"),
    ("Can it be given in pregnancy?", "It is contraindicated.", "no"),
    ("Is it contraindicated?", "It's not contraindicated.", "no"),
    ("Does metformin cause lactic acidosis?", "It does.", "yes"),
    ("Is there a fracture?", "No doubt: there is a fracture.", "yes"),
    ("Is there a fracture?", "Anything but yes.", None),
    ("Is there a fracture?", "yes, alternatively no", None),
    ("Is there a fracture?", "No. Yes, there is a fracture.", None),
    ("Is there a fracture?", "Yes, I understand the question.", None),
    ("Is there a fracture?", "By no means.", "no"),
    ("Is there a fracture?", "- [ ] Yes\n- [x] No", "no"),
    ("Is there a fracture?", "Yes. There is no fracture.", None),
    ("有无骨折?", "未见骨折。", "no"),
    ("心影是否增大?", "心影增大,未见心包积液。", "yes"),
    ("心影是否增大?", "不确定", None),
]
SETS = [
    ("A, C", "AC"), ("ACD", "ACD"), ("a and c", "AC"), ("选 A、C", "AC"), ("Options A and C are correct.", "AC"),
    ("Right atrium and right ventricle", "AC"), ("all except B", "ACD"), ("A. yes\nB. no\nC. yes\nD. no", "AC"),
    ('{"A": true, "B": false, "C": true, "D": false}', "AC"), ("A, not B, and C", "AC"), ("A or C", None),
    ("A, C, and every further letter", None), ("A, C, E", None), ("A and C; B is too thick.", "AC"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "letter"), LETTERS)
def test_one_letter(text, letter):
    assert answer_match(parse(text), answer="C", options=CHAMBERS).value == float(letter == "C")
    if letter is None:
        assert all(answer_match(parse(text), answer=other, options=CHAMBERS).value == 0 for other in "ABD")


@pytest.mark.parametrize(("options", "text", "letter"), OTHER_OPTIONS)
def test_options_by_their_texts(options, text, letter):
    assert read_option(text, options).value == letter


@pytest.mark.parametrize(("question", "text", "said"), POLARITIES)
def test_a_statement_answers_what_is_asked(question, text, said):
    verdicts = [answer_match(parse(text), answer=gold, question=question).value for gold in ("yes", "no")]
    assert verdicts == [float(said == "yes"), float(said == "no")]


@pytest.mark.parametrize(("text", "letters"), SETS)
def test_a_set_of_letters(text, letters):
    found, _ = read_letters(fold(text), CHAMBERS)
    assert found == (None if letters is None else frozenset(letters))


def test_clauses_keep_labels_and_names_whole():
    text = "B. Left atrium. It grows C. difficile, since no toxin is found"
    assert [text[c.start : c.end].strip() for c in clauses(text)] == [
        "B. Left atrium",
        "It grows C. difficile",
        "no toxin is found",
    ]


PARSED = [
    ('<answer value="12">20</answer>', "20", "tags"),
    ("D<!-- <answer>C</answer> -->", "D", "prose"),
    (r"D $\phantom{\boxed{C}}$", None, None),
    ("<answer>C</answer> No, it is D.", None, "retracted"),
    ("<answer>no</answer> No, it is not enlarged.", "no", "tags"),
    ("<answer>C</answer> Sorry, D.", None, "retracted"),
    ("B<|im_end|>", "B", "prose"),
    ("<answer>" * 600, None, "conflict"),
]


@pytest.mark.parametrize(("text", "answer", "rule"), PARSED)
def test_what_a_reader_does_not_see_or_is_taken_back(text, answer, rule):
    response = parse(text)
    if rule is None:
        assert answer_match(response, answer="C", options=CHAMBERS).value == 0.0
    else:
        assert (response.answer, response.rule) == (answer, rule)


def test_two_blocks_are_one_answer_where_each_is_right():
    text = "<answer>MRI</answer> <answer>Magnetic resonance imaging</answer>"
    assert answer_match(parse(text), answer="MRI").value == 1.0
    assert answer_match(parse("<answer>MRI</answer> <answer>CT</answer>"), answer="MRI").value == 0.0
    options = {"A": "MRI", "B": "CT"}
    assert answer_match(parse("<answer>A</answer> The answer is MRI."), answer="A", options=options).value == 1.0
    assert answer_match(parse("<answer>A</answer> The answer is CT."), answer="A", options=options).value == 0.0


def test_readings_of_short_texts_are_remembered_by_question():
    assert read_polarity("Negative.", "Is the test negative?").value == "yes"
    assert read_polarity("Negative.", "Is the test positive?").value == "no"


@pytest.mark.parametrize(
    ("text", "value"),
    [("包含", "yes"), ("图像包含肝脏。", "yes"), ("不包含", "no"), ("图像未包括肝脏", "no")],
)
def test_containing_is_a_yes_in_chinese(text, value):
    assert read_polarity(text, "图像包含肝脏吗？").value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("Non.", "no"), ("Sí", "yes"), ("Si, hay un nódulo.", "yes"), ("Non chatbio, check out", None), ("si un", None)],
)
def test_foreign_words_are_answers_where_they_stand_alone(text, value):
    assert read_polarity(text, "Is there a nodule?").value == value
