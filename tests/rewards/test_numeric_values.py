"""Numbers against golds: units, substances, precision, limits, shapes, durations, dates."""

import pytest

from rewards import load, parse

NUMERIC = load("numeric")
GAP = "Na 140, Cl 104, HCO3 24 mEq/L. What is the anion gap?"


def value(text: str, gold: object, **columns: object) -> float | None:
    columns = {"answer": gold, **columns}
    knobs = {name: columns.pop(name) for name in ("tolerance", "need_unit") if name in columns}
    score = NUMERIC.bind(**knobs)(parse(text), **columns)
    return None if score is None else score.value


UNITS = [
    # said, gold, right
    ("12 mg", "12 mg", 1), ("12mg", "12 mg", 1), ("12-mg", "12 mg", 1), ("12 milligrams", "12 mg", 1),
    ("12 MG", "12 mg", 1), ("0.012 g", "12 mg", 1),
    ("12000 mcg", "12 mg", 1), ("12,000 µg", "12 mg", 1), ("12 000 μg", "12 mg", 1), ("12 g", "12 mg", 0),
    ("12 mcg", "12 mg", 0),
    ("12 mL", "12 mg", 0), ("12", "12 mg", 1), ("0.012", "12 mg", 0), ("12 毫克", "12 mg", 1), ("1.25 g", "1250 mg", 1),
    ("1.3 g", "1250 mg", 0),
    ("93.3 mm Hg", "93.3 mmHg", 1), ("93.3 millimeters of mercury", "93.3 mmHg", 1), ("12.44 kPa", "93.3 mmHg", 1),
    ("93.3 kPa", "93.3 mmHg", 0),
    ("10 cmH2O", "10 cm H2O", 1), ("7.36 mmHg", "10 cmH2O", 1), ("90 mL/min/1.73 m²", "90 mL/min/1.73m2", 1),
    ("90 ml/min per 1.73 m^2", "90 mL/min/1.73 m2", 1), (r"90 \text{ mL/min/1.73 m}^2", "90 mL/min/1.73 m²", 1),
    ("1.5 mL/s/1.73m2", "90 mL/min/1.73 m2", 1),
    ("90 mL/min", "90 mL/min/1.73 m2", 0), ("22.9 kg/m²", "22.86 kg/m2", 1), ("22.9 kg/m^2", "22.86 kg/m2", 1),
    (r"$22.9\ \mathrm{kg/m^2}$", "22.86 kg/m2", 1),
    ("22.9 kg per square meter", "22.86 kg/m2", 1), ("22.9 kg", "22.86 kg/m2", 0),
    ("22.9 KG/M2", "22.86 kg/m2", 1), ("150 mL per hour", "150 mL/h", 1),
    ("2.5 mL/min", "150 mL/h", 1),
    ("3.6 L/day", "150 mL/h", 1), ("150 mL", "150 mL/h", 0), ("5 µg/kg/min", "5 mcg/kg/min", 1),
    ("5 mcg kg-1 min-1", "5 mcg/kg/min", 1),
    ("0.3 mg/kg/h", "5 mcg/kg/min", 1), ("5 mcg/min", "5 mcg/kg/min", 0), ("250 x 10^9/L", "250 × 10⁹/L", 1),
    ("250,000/µL", "250 x 10^9/L", 1),
    ("250 K/uL", "250 x 10^9/L", 1), ("250 x 10³/µL", "250 x 10^9/L", 1), ("2.5 x 10^11/L", "250 x 10^9/L", 1),
    ("250", "250 x 10^9/L", 1),
    ("250 x 10^9", "250 x 10^9/L", 1), ("250 × 109/L", "250 x 10^9/L", 1), ("250 G/L", "250 x 10^9/L", 1),
    ("250 /uL", "250 x 10^9/L", 0),
    ("4.5 million/µL", "4.5 x 10^12/L", 1), ("72 bpm", "72/min", 1), ("72 beats per minute", "72 bpm", 1),
    ("72 /min", "72 bpm", 1),
    ("37.5 °C", "37.5 C", 1), ("37.5 degrees Celsius", "37.5 °C", 1), ("99.5 °F", "37.5 °C", 1),
    ("99.5°F", "37.5 C", 1), ("37.5 °F", "37.5 °C", 0),
    (r"$37.5^\circ\text{C}$", "37.5 °C", 1), ("310.65 K", "37.5 °C", 0), ("12 mEq/L", "12 mEq/L", 1),
    ("12 meq per liter", "12 mEq/L", 1),
    ("12 mmol/L", "12 mEq/L", 0), ("12 mg/dL", "12 mEq/L", 0), ("1000 IU", "1000 units", 1), ("1000 U", "1000 IU", 1),
    ("1 mIU/mL", "1 IU/L", 1),
    ("45%", "45 %", 1), ("45 percent", "45%", 1), ("0.45", "45%", 0), ("45%", "0.45", 0), ("45", "45%", 1),
    ("0.45%", "45%", 0),
    ("150 lb", "70 kg", 0), ("154 lb", "70 kg", 1), ("5 ft 10 in", "178 cm", 1), ("1.78 m", "178 cm", 1),
    ("3-cm mass", "3 cm", 1), ("30 mm", "3 cm", 1),
    ("5 /HPF", "5 per high-power field", 1), ("180 mg%", "180 mg/dL", 1), ("1.8 g/L", "180 mg/dL", 1),
    ("20 drops/min", "20 gtt/min", 1),
    ("500 mg every 8 hours", "500 mg", 1), ("500 mg three times daily for 7 days", "500 mg", 1),
    ("0.5 g (500 mg)", "500 mg", 1),
    ("0.5 g (50 mg)", "500 mg", 0), ("500 mg (5 g)", "500 mg", 0), ("500 mg or 5 g", "500 mg", 0),
    ("2 L over 24 hours", "2 L", 1), ("12 mg daily", "12 mg/day", 1),
    ("12 mg daily", "12 mg", 1), ("0.5 mg/h", "12 mg/day", 1), ("20.0 mL O2/dL", "20.0 mL/dL", 1),
    ("8 cc of 50% dextrose", "8 mL", 1),
    ("287 mOsm/kg", "287 mOsm/kg", 1), ("287 mg/kg", "287 mOsm/kg", 0), ("0.42 s", "420 ms", 1),
    ("420 msec", "420 ms", 1), ("420 s", "420 ms", 0),
]  # fmt: skip


@pytest.mark.parametrize(("said", "gold", "right"), UNITS)
def test_units_of_one_quantity_are_converted_and_others_refused(said, gold, right):
    assert value(f"The result is {said}.", gold) == right
    assert value(f"<answer>{said}</answer>", gold) == right


ANALYTES = [
    ("5.5 mmol/L", "99 mg/dL", "What is the fasting glucose?", 1),
    ("99 mg/dL", "5.5 mmol/L", "What is the fasting glucose?", 1),
    ("glucose 5.5 mmol/L", "99 mg/dL", None, 1), ("5.5 mmol/L", "99 mg/dL", None, 0),
    ("9.9 mmol/L", "99 mg/dL", "Glucose?", 0),
    ("88.4 µmol/L", "1.0 mg/dL", "What is the creatinine?", 1),
    ("177 umol/L", "1.0 mg/dL", "What is the creatinine?", 0),
    ("BUN 20 mg/dL", "7.1 mmol/L", "Blood urea nitrogen?", 1), ("5.17 mmol/L", "200 mg/dL", "Total cholesterol?", 1),
    ("2.26 mmol/L", "200 mg/dL", "Triglycerides?", 1), ("2.5 mmol/L", "10.0 mg/dL", "Serum calcium?", 1),
    ("5 mEq/L", "2.5 mmol/L", "Serum calcium?", 1),
    ("2.5 mEq/L", "2.5 mmol/L", "Serum calcium?", 0), ("140 mmol/L", "140 mEq/L", "Serum sodium?", 1),
    ("12 mmol/L", "12 mEq/L", GAP, 1),
    ("17.1 umol/L", "1.0 mg/dL", "Total bilirubin?", 1), ("1.0 mg/dL", "59.5 µmol/L", "Uric acid?", 1),
    ("2.99 mmol/L", "12.0 mg/dL",
     "What is the albumin-corrected calcium?", 1), ("8.07 mmol/L", "13.0 g/dL", "Hemoglobin?", 1), ("50 nmol/L",
     "20 ng/mL", "25-hydroxyvitamin D?", 1),
    ("20 mmol/L", "20 mg/dL", "Lactate?", 0), ("7 mmol/mol", "7%", "HbA1c?", 0),
]  # fmt: skip


@pytest.mark.parametrize(("said", "gold", "question", "right"), ANALYTES)
def test_amounts_and_masses_convert_where_the_substance_is_named(said, gold, question, right):
    assert value(f"<answer>{said}</answer>", gold, question=question) == right


PRECISION = [
    ("22.86", "22.86", 1), ("22.9", "22.86", 1), ("23", "22.86", 1), ("22.8", "22.86", 0), ("22", "22.86", 0),
    ("20", "22.86", 0), ("22.857", "22.86", 1),
    ("22.85", "22.86", 0), ("22.4", "22.5", 0), ("23", "22.5", 1), ("22", "22.5", 1), ("21", "21.5", 0),
    ("7.4", "7.36", 1), ("1", "1.4", 0), ("2", "1.6", 0),
    ("93", "93.33", 1), ("90", "93.33", 0), ("12.4", "12", 0), ("12.0", "12", 1), ("0.3", "0.32", 1),
    ("0.4", "0.36", 0), ("0", "0.04", 0),
    ("-22.9", "-22.86", 1), ("22.9", "-22.86", 0), ("1.2e3", "1200", 1), ("4.0", "4", 1), ("4", "4.0", 1),
    ("4.1", "4.0", 0),
]  # fmt: skip


@pytest.mark.parametrize(("said", "gold", "right"), PRECISION)
def test_a_decimal_may_be_rounded_and_an_integer_not(said, gold, right):
    assert value(said, gold) == right


def test_tolerance_is_relative_and_for_decimals_only():
    assert [value(text, "20.0", tolerance=0.05) for text in ("20.9", "19.1", "21.1", "-20.9")] == [1, 1, 0, 0]
    assert value("21", "20", tolerance=0.05) == 0
    assert [value(f"20.0 ± {spread}", "20.0", tolerance=0.05) for spread in ("1", "0.5", "2", "5%", "10%")] == [
        1,
        1,
        0,
        1,
        0,
    ]


def test_limits_replace_the_tolerance_and_come_in_either_order():
    limits = {"lower": "23.9761", "upper": "26.4999", "tolerance": 0.5}
    assert [value(text, "25.238", **limits) for text in ("24", "26.4", "23.9", "26.6", "25.24 mL/min")] == [
        1,
        1,
        0,
        0,
        1,
    ]
    assert [value(text, "-2.14", lower="-2.247", upper="-2.033") for text in ("-2.2", "-2.1", "-2.3", "2.1")] == [
        1,
        1,
        0,
        0,
    ]
    assert [value(text, "-2.14", lower=-2.033, upper=-2.247) for text in ("-2.2", "-2.3")] == [1, 0]
    assert [value(text, "126", lower="119.7", upper="132.3") for text in ("120", "126.4", "119")] == [1, 1, 0]
    assert [value(text, "4", lower="4", upper="4") for text in ("4", "4.0", "4.1", "5")] == [1, 1, 0, 0]
    assert value("0.114", "0.1", lower="0.095", upper="0.105") == 0
    assert value("17 days", "('2 weeks', '3 days')", lower="('2 weeks', '3 days')", upper="('2 weeks', '3 days')") == 1


def test_a_unit_can_be_asked_for():
    assert [value(text, "12 mg", need_unit=True) for text in ("12", "12 mg", "0.012 g")] == [0, 1, 1]
    assert value("12", "12", need_unit=True) == 1


def test_the_question_names_the_unit_of_a_bare_gold():
    asked = {
        "question": "What is the patient's creatinine clearance in terms of mL/min?",
        "lower": "23.9",
        "upper": "26.5",
    }
    assert [
        value(text, "25.2", **asked) for text in ("25.2", "25.2 mL/min", "1.512 L/h", "25.2 mg/dL", "25.2 L/min")
    ] == [1, 1, 1, 0, 0]
    percent = "What is the FENa? Please return your answer as a percentage value."
    assert [value(text, "0.247", question=percent) for text in ("0.247%", "0.247", "24.7%")] == [1, 1, 0]
    either = "State FENa, as a fraction or as a percentage."
    assert [value(text, "0.5%", question=either) for text in ("0.005", "0.5%", "0.5 percent", "0.05")] == [1, 1, 1, 0]
    assert value("50%", "1/2", question="Risk of an affected child?") == 0


SHAPES = [
    ("120/80 mmHg", "120/80 mmHg", 1), ("120/80", "120/80 mmHg", 1), ("120 over 80", "120/80 mmHg", 1),
    ("120 mmHg / 80 mmHg", "120/80 mmHg", 1),
    ("80/120 mmHg", "120/80 mmHg", 0), ("120 mmHg", "120/80 mmHg", 0), ("130/80 mmHg", "120/80 mmHg", 0),
    ("1.5", "120/80 mmHg", 0),
    ("BP: 120/80", "120/80", 1), ("3-5 cm", "3-5 cm", 1), ("3 to 5 cm", "3-5 cm", 1),
    ("between 3 and 5 cm", "3-5 cm", 1), ("3 cm - 5 cm", "3–5 cm", 1),
    ("30-50 mm", "3-5 cm", 1), ("4 cm", "3-5 cm", 0), ("3-6 cm", "3-5 cm", 0), ("3 cm", "3-5 cm", 0), ("1:4", "1:4", 1),
    ("1/4", "1:4", 1), ("1 to 4", "1:4", 1),
    ("2:8", "1:4", 1), ("4:1", "1:4", 0), ("1/4", "1/4", 1), (r"\frac{1}{4}", "1/4", 1), (r"$\frac14$", "1/4", 1),
    ("1/4", r"\frac{1}{4}", 1), ("¼", "1/4", 1),
    ("0.25", "1/4", 1), ("1 in 4", "1/4", 1), ("1 out of 4", "1/4", 1), ("a quarter", "1/4", 1), ("2/8", "1/4", 1),
    ("4/1", "1/4", 0), ("0.33", "1/3", 1),
    ("0.3", "1/3", 0), ("20/40", "20/40", 1), ("20/30", "20/40", 0), ("2.1 x 3.4 x 1.2 cm", "2.1 × 3.4 × 1.2 cm", 1),
    ("21 x 34 x 12 mm", "2.1 x 3.4 x 1.2 cm", 1),
    ("3.4 by 2.1 cm", "2.1 x 3.4 cm", 1), ("2.1 x 3.4 cm", "2.1 x 3.4 x 1.2 cm", 0), ("> 5", "> 5", 1),
    ("more than 5", ">5", 1), ("5", "> 5", 0), ("< 5", "> 5", 0),
    ("26 ± 2 mmHg", "26 ± 2 mmHg", 1), ("26", "26 ± 2 mmHg", 1), ("26 ± 3", "26 ± 2", 0), ("1:10,000", "1:10000", 1),
    ("1:1000", "1:10,000", 0), ("14/15", "14/15", 1),
]  # fmt: skip


@pytest.mark.parametrize(("said", "gold", "right"), SHAPES)
def test_golds_of_several_numbers_want_all_of_them(said, gold, right):
    assert value(said, gold) == right
    assert value(f"The answer is {said}.", gold) == right


DURATIONS = [
    ("2 weeks 3 days", 1), ("2 weeks, 3 days", 1), ("2 weeks and 3 days", 1), ("('2 weeks', '3 days')", 1),
    ("(2 weeks, 3 days)", 1), ("17 days", 1),
    ("two weeks and three days", 1), ("2w 3d", 1), ("2w3d", 1), ("2+3 weeks", 1), ("2 3/7 weeks", 1), ("2 wk 3 d", 1),
    ("2周3天", 1), ("seventeen days", 1),
    ("2 weeks", 0), ("3 days", 0), ("2.4 weeks", 0), ("2.43 weeks", 0), ("3 weeks 2 days", 0), ("16 days", 0),
    ("2 weeks or 3 days", 0), ("408 hours", 1),
]  # fmt: skip


@pytest.mark.parametrize(("said", "right"), DURATIONS)
@pytest.mark.parametrize("gold", ["2 weeks 3 days", "('2 weeks', '3 days')", "17 days"])
def test_durations_are_exact(said, right, gold):
    assert value(f"The gestational age is {said}.", gold) == right


@pytest.mark.parametrize(
    ("said", "gold", "right"),
    [
        ("1 year and 6 months", "18 months", 1), ("1.5 years", "18 months", 1), ("18 months", "1.5 years", 1),
        ("一年半", "18 months", 1),
        ("1 h 30 min", "90 min", 1), ("1.5 hours", "90 minutes", 1), ("1.3 hours", "90 minutes", 0),
        ("1 day", "24 h", 1), ("365 days", "1 year", 0),
    ],
)  # fmt: skip
def test_other_durations(said, gold, right):
    assert value(said, gold) == right


DATES = [
    ("09/23/2014", 1), ("9/23/2014", 1), ("9/23/14", 1), ("2014-09-23", 1), ("September 23, 2014", 1),
    ("Sept. 23rd, 2014", 1), ("23 September 2014", 1),
    ("23 Sep 2014", 1), ("the 23rd of September 2014", 1), ("23.09.2014", 1), ("23/09/2014", 1), ("2014年9月23日", 1),
    ("09/24/2014", 0), ("09/23/2015", 0),
    ("September 2014", 0), ("between 09/20/2014 and 09/25/2014", 0), ("09/23/2014 or 09/24/2014", 0),
    ("not 09/23/2014", 0), ("23", 0), ("in late September", 0),
]  # fmt: skip


@pytest.mark.parametrize(("said", "right"), DATES)
def test_dates(said, right):
    assert value(f"The estimated due date is {said}.", "09/23/2014") == right


def test_a_date_that_can_be_read_in_two_ways_is_read_as_the_question_or_the_gold_is_written():
    american = {"question": "What is the due date? Your response should be in the format of M/D/Y (ie 08/31/2023)."}
    assert [
        value(t, "01/09/2007", **american) for t in ("01/09/2007", "09/01/2007", "9 January 2007", "1 September 2007")
    ] == [1, 0, 1, 0]
    european = {"question": "What is the due date (DD/MM/YYYY)?"}
    assert [
        value(t, "01/09/2007", **european) for t in ("01/09/2007", "09/01/2007", "9 January 2007", "1 September 2007")
    ] == [1, 0, 0, 1]
    assert [value(t, "9 January 2007") for t in ("01/09/2007", "09/01/2007", "2007-01-09", "2007-09-01")] == [
        1,
        1,
        1,
        0,
    ]
