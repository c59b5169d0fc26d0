"""Bedside formulas: published values, stated inputs, results that follow."""

import pytest

import rewards
from rewards.reading.formulas import FORMULAS, QUANTITIES, formula_named

CALCULATOR = rewards.load("calculator")
GAP = {"formula": "anion_gap", "inputs": {"sodium": [140, "mEq/L"], "chloride": 104, "bicarbonate": "24 mmol/L"}}
STATED = "sodium = 140 mEq/L\nchloride = 104 mEq/L\nbicarbonate = 24 mEq/L\n"

# Worked by hand from the cited papers, and where named, the first row of the calculator in MedCalc-Bench's test set.
WORKED = [
    ("anion_gap", {"sodium": 139, "chloride": 104, "bicarbonate": 20}, 15),  # MedCalc
    ("albumin_corrected_anion_gap", {"na": 174, "cl": 135, "hco3": 18.5, "albumin": 4.5}, 19.25),  # MedCalc
    ("delta_gap", {"sodium": 139, "chloride": 108, "bicarbonate": 4.6}, 14.4),  # MedCalc
    ("delta_ratio", {"sodium": 139, "chloride": 104, "bicarbonate": 28.2}, 1.238),  # MedCalc
    ("corrected_calcium", {"calcium": 8.6, "albumin": 3.1}, 9.32),  # MedCalc
    ("corrected_sodium", {"sodium": 130, "glucose": 600}, 138),
    ("corrected_sodium_hillier", {"sodium": 141, "glucose": 110}, 141.24),  # MedCalc
    ("osmolality", {"sodium": 131, "glucose": 70, "bun": 18}, 272.317),  # MedCalc
    ("map", {"sbp": 140, "dbp": 80}, 100),  # MedCalc
    ("bmi", {"weight": 10.2, "height": 83.8}, 14.525),  # MedCalc
    ("cockcroft_gault", {"age": 40, "weight": 72, "creatinine": 1.0, "sex": "female"}, 85),
    ("ckd_epi_2021", {"age": 50, "creatinine": 1.0, "sex": "male"}, 91.69),
    ("mdrd", {"age": 51, "creatinine": 1.87, "sex": "Male"}, 38.256),  # MedCalc
    ("aa_gradient", {"fio2": 0.21, "paco2": 40, "pao2": 90}, 9.73),
    ("winters", {"bicarbonate": 12}, 26),
    ("qtc_bazett", {"qt": 330, "hr": 131}, 487.62),  # MedCalc
    ("qtc_fridericia", {"qt": 330, "hr": 118}, 413.58),  # MedCalc
    ("qtc_framingham", {"qt": 330, "hr": 119}, 406.384),  # MedCalc
    ("qtc_hodges", {"qt": 330, "hr": 130}, 452.5),
    ("ldl_friedewald", {"total cholesterol": 182, "hdl": 39, "triglycerides": 196}, 103.8),  # MedCalc
    ("fena", {"sodium": 129, "creatinine": 0.6, "urine sodium": 32, "urine creatinine": 60.3}, 0.247),  # MedCalc
    ("bsa", {"weight": 77.1, "height": 176.1}, 1.942),  # MedCalc
    ("ideal_weight", {"height": 158, "sex": "male"}, 55.071),  # MedCalc
    ("adjusted_weight", {"height": 168, "weight": 80, "sex": "female"}, 67.776),  # MedCalc
    ("water_deficit", {"sodium": 154, "weight": 70, "sex": "male"}, 4.2),
    ("maintenance_fluids", {"weight": 17}, 54),  # MedCalc
    ("fib4", {"age": 47, "alt": 309, "ast": 213, "platelets": [149000, "/uL"]}, 3.822),  # MedCalc
    ("homa_ir", {"glucose": 210, "insulin": 26}, 13.481),  # MedCalc
]


@pytest.mark.parametrize(("formula", "inputs", "result"), WORKED, ids=[row[0] for row in WORKED])
def test_formulas_give_the_published_values(formula, inputs, result):
    shown = {name: " ".join(map(str, value)) if isinstance(value, list) else value for name, value in inputs.items()}
    lines = "".join(f"{name} = {value}\n" for name, value in shown.items())
    columns = {"formula": formula, "inputs": inputs, "answer": str(result)}
    assert CALCULATOR(f"<answer>{lines}result = {result}</answer>", **columns).value == 1.0
    assert CALCULATOR(f"<answer>{lines}result = {result * 1.2 + 1:.3f}</answer>", **columns).value == 0.0


def test_every_formula_is_worked_and_sourced():
    assert {row[0] for row in WORKED} == {formula.name for formula in FORMULAS}
    for formula in FORMULAS:
        assert formula.source
        assert set(formula.inputs) <= set(QUANTITIES)
        assert formula_named(formula.name) is formula


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (STATED + "anion gap = 12 mEq/L", 1.0),
        (STATED + "Anion gap = 140 - 104 - 24 = 12", 1.0),
        (STATED + "**Result:** 12 mmol/L", 1.0),
        ("- Serum sodium (Na+): 140\n- Cl: 104\n- HCO3: 24\n- AG: 12", 1.0),
        ("Na = 140, Cl = 104, HCO3 = 24, anion gap = 12", 1.0),
        ('{"inputs": {"na": {"value": 140, "unit": "mEq/L"}, "cl": "104", "hco3": 24}, "result": "12 mEq/L"}', 1.0),
        (STATED + "glucose = 90 mg/dL\nanion gap = 12", 1.0),  # what the formula does not use is left aside
        ("anion gap = 12", 0.0),
        ("12", 0.0),
        (STATED, 0.0),
        (STATED + "anion gap = 13", 0.0),
        (STATED + "anion gap = 12 mg/dL", 0.0),
        (STATED + "anion gap = 12-14", 0.0),
        (STATED + "anion gap = 140 - 104 - 24", 0.0),
        (STATED + "anion gap = 12\nresult = 13", 0.0),
        (STATED + "sodium = 141\nanion gap = 12", 0.0),
        (STATED + "anion gap = __import__('os').getpid()", 0.0),
        (STATED.replace("140", "139").replace("104", "103") + "anion gap = 12", 0.0),  # right by wrong inputs
        (STATED.replace("24 mEq/L", "24 kg") + "anion gap = 12", 0.0),
        ('{"na": 140, "na": 150, "cl": 104, "hco3": 24, "result": 12}', 0.0),
    ],
)
def test_inputs_and_result_are_both_judged(text, value):
    assert CALCULATOR(f"<answer>{text}</answer>", answer="12", **GAP).value == value


def test_units_are_converted_by_substance():
    columns = {"formula": "osmolality", "inputs": {"sodium": 140, "glucose": "10 mmol/L", "bun": "28 mg/dL"}}
    text = "sodium = 140\nglucose = %s\nBUN = 28 mg/dL\nosmolality = 300 mOsm/kg"
    assert [CALCULATOR(text % said, **columns).value for said in ("180 mg/dL", "10 mmol/L", "10 mg/dL")] == [1, 1, 0]


def test_partial_credit_needs_a_result_that_follows():
    partial = CALCULATOR.bind(partial=0.5)
    one_wrong = STATED.replace("140", "150")
    assert partial(one_wrong + "anion gap = 22", **GAP).value == pytest.approx(0.5 * 2 / 3)
    assert partial(one_wrong + "anion gap = 12", **GAP).value == 0.0
    assert partial("na = 1\ncl = 0\nhco3 = 0\nanion gap = 1", **GAP).value == 0.0  # easy inputs of one's own


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"formula": "anion_gap"},
        {**GAP, "formula": "gap of gaps"},
        {**GAP, "inputs": {"sodium": 140}},
        {**GAP, "inputs": {**GAP["inputs"], "sodium": "high"}},
        {**GAP, "answer": "36"},  # contradicts its own inputs
        {"formula": "qtc_bazett", "inputs": {"qt": 400, "hr": 0}},
    ],
)
def test_rows_it_cannot_grade(columns):
    assert CALCULATOR(STATED + "anion gap = 12", **columns) is None
