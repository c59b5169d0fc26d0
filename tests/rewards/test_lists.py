"""Lists of texts: the same set in other words, order and dress is right, one entry more or less is wrong."""

import pytest

from rewards import load, parse

answer_match = load("answer_match")
BECK = ["hypotension", "muffled heart sounds", "jugular venous distension"]
VIRCHOW = ["stasis", "hypercoagulability", "endothelial injury"]


def value(said: str, gold: list[str] | str, question: str | None = None, kind: str = "multi") -> float:
    score = answer_match(parse(said), answer=gold, kind=kind, question=question)
    assert score is not None
    return score.value


RIGHT = [
    ("1. Low blood pressure\n2. Distended neck veins\n3. Muffled heart sounds", BECK, "Name Beck's triad."),
    ("venous stasis / hypercoagulable state / damage to the endothelium", VIRCHOW, None),
    ("A triad or trio.\n\n1. A hypercoagulable state\n2. Damage to the vessel wall\n3. Stasis", VIRCHOW, None),
    ("Findings:\n- Volume loss of the right lower lobe\n\nImpression: atelectasis and effusion.", ["effusion",
    "atelectasis"], None),
    ("The heart is enlarged and there is a pleural effusion; no pneumothorax.", ["cardiomegaly",
    "pleural effusion"], None),
    ("blunting of the costophrenic angle due to pleural effusion, enlarged heart", ["cardiomegaly",
    "pleural effusion"], None),
    ("L2-L4", ["L2", "L3", "L4"], "Which roots form the femoral nerve?"),
    ("PO4, K and Mg", ["potassium", "phosphate", "magnesium"], None),
    ("INH, rifampin, PZA, EMB", ["isoniazid", "rifampicin", "pyrazinamide", "ethambutol"], None),
    ("Hammer, anvil and stirrup", ["malleus", "incus", "stapes"], None),
    ("CN IX, X and XI", ["glossopharyngeal nerve", "vagus nerve", "accessory nerve"], "Which nerves run through it?"),
    ("Factors 2, 7, 9 and 10", ["II", "VII", "IX", "X"], "Which clotting factors depend on vitamin K?"),
    ("主要有丙硫氧嘧啶和甲巯咪唑。", ["甲巯咪唑", "丙硫氧嘧啶"], None),
    ("hepatic and osseous metastases", ["liver", "bone"], "Which sites of metastases are seen?"),
]  # fmt: skip
WRONG = [
    ("1. Low blood pressure\n2. Distended neck veins", BECK, None),
    ("stasis, hypercoagulability, endothelial injury, infection", VIRCHOW, None),
    ("stasis, hypocoagulable state, endothelial injury", VIRCHOW, None),
    ("L2-L5", ["L2", "L3", "L4"], None),
    ("Factors 2, 7, 8 and 10", ["II", "VII", "IX", "X"], "Which clotting factors depend on vitamin K?"),
    ("The heart is not enlarged and there is a pleural effusion.", ["cardiomegaly", "pleural effusion"], None),
    ("hammer and anvil or stirrup", ["malleus", "incus", "stapes"], None),
    ("Na, K and Mg", ["potassium", "phosphate", "magnesium"], None),
]  # fmt: skip


@pytest.mark.parametrize(("said", "gold", "question"), RIGHT)
def test_the_same_set(said, gold, question):
    assert value(said, gold, question) == 1.0
    assert value(f"<think>Let us see.</think><answer>{said}</answer>", gold, question) == 1.0


@pytest.mark.parametrize(("said", "gold", "question"), WRONG)
def test_another_set(said, gold, question):
    assert value(said, gold, question) == 0.0


@pytest.mark.parametrize(
    ("said", "worth"),
    [
        ("1) PE 2) Pneumonia 3) Pneumothorax", 1.0),
        ("pulmonary embolism > pneumonia > pneumothorax", 1.0),
        ("1) Pneumonia 2) PE 3) Pneumothorax", 0.0),
        ("pneumonia > pulmonary embolism", 0.0),
    ],
)
def test_the_first_of_a_ranking(said, worth):
    assert value(said, "pulmonary embolism", kind="ranked") == worth


KEPT = ["liver", "colon"]
DRESSED = [
    # marks on one line, levels and numerals
    ("a) distended neck veins b) hypotension c) muffled heart sounds", BECK, "Name Beck's triad.", True),
    ("a) hypotension b) muffled heart sounds", BECK, "Name Beck's triad.", False),
    ("L3, 4 and 5", ["L3", "L4", "L5"], "Which roots are they?", True),
    ("L3, 4 and 5", ["L3", "L4"], "Which roots are they?", False),
    ("V, VI and XII", ["trigeminal nerve", "abducens nerve", "hypoglossal nerve"], "Which cranial nerves?", True),
    ("V, VI and XI", ["trigeminal nerve", "abducens nerve", "hypoglossal nerve"], "Which cranial nerves?", False),
    # openers and decisions
    ("In this slice one can see the colon and the liver.", KEPT, "Which organs are shown?", True),
    ("One cannot see the colon and the liver.", KEPT, "Which organs are shown?", False),
    ("Not the spleen, which is intact, but the colon and the liver.", KEPT, "Which are torn?", True),
    ("Not the colon, but the spleen and the liver.", KEPT, "Which are torn?", False),
    ("Liver: yes. Spleen: no. Colon: yes, at its flexure.", KEPT, "Which are torn?", True),
    ("Liver: yes. Spleen: yes. Colon: yes.", KEPT, "Which are torn?", False),
    ("Red, raw and rude: stasis, endothelial injury and hypercoagulability", VIRCHOW, None, True),
    ("Sepsis, gout: stasis, endothelial injury and hypercoagulability", VIRCHOW, None, False),
    ("EBV for mononucleosis, parvovirus B19 for slapped cheek", ["Epstein-Barr virus", "parvovirus B19"],
     "What causes mononucleosis and slapped cheek?", True),
    # remarks beside the list
    ("The colon and the liver. The spleen would bleed much more.", KEPT, "Which are torn?", True),
    ("The colon and the liver. The spleen is another one.", KEPT, "Which are torn?", False),
    ("The colon and the liver. It would not be complete without the spleen.", KEPT, "Which are torn?", False),
    ("The colon and the liver. No, it is the spleen.", KEPT, "Which are torn?", False),
]  # fmt: skip


@pytest.mark.parametrize(("said", "gold", "question", "right"), DRESSED)
def test_lists_in_prose(said, gold, question, right):
    assert value(said, gold, question) == right
