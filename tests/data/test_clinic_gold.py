"""The gold answers of the text families, worked out again here from the words of the question alone."""

import re
from decimal import ROUND_HALF_UP, Decimal

import pytest

import data


def numbers(text):
    return [float(x) for x in re.findall(r"(?<![A-Za-z\d])-?\d+(?:\.\d+)?", text)]


def among(value, low, high, names=("low", "normal", "high")):
    return names[0] if value < low else names[2] if value > high else names[1]


def rounded(value, places):
    """Half up; the tiny term undoes binary noise such as 24.949999999."""
    return float(Decimal(str(value + 1e-9)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def flags(text):
    return {name: word == "yes" for name, word in re.findall(r"(\w+) (yes|no)\b", text)}


def after(word, text):
    return float(re.search(rf"\b{word} (\d+(?:\.\d+)?)", text).group(1))


def lab_range(q):
    value, low, high = numbers(q.replace("10^9/L", ""))
    return None, among(value, low, high)


def gcs(q):
    total = sum(numbers(q))
    return total, "severe" if total < 9 else "moderate" if total < 13 else "mild"


def curb65(q):
    systolic, diastolic = map(float, re.search(r"pressure (\d+)/(\d+)", q).groups())
    total = flags(q)["confusion"] + (after("urea", q) > 7) + (after("rate", q) >= 30)
    total += (systolic < 90 or diastolic <= 60) + (after("age", q) >= 65)
    return total, ["low", "low", "moderate", "high", "high", "high"][total]


def cha2ds2_vasc(q):
    has, age = flags(q.replace("CHA2DS2-VASc", "")), after("age", q)
    total = has["failure"] + has["hypertension"] + has["diabetes"] + 2 * has["stroke"] + has["vascular"]
    total += (age >= 65) + (age >= 75) + ("woman" in q)
    return total, ["low", "moderate", "high"][min(total, 2)]


def qsofa(q):
    total = (after("rate", q) >= 22) + flags(q)["confusion"] + (after("systolic", q) <= 100)
    return total, "positive" if total >= 2 else "negative"


def apgar(q):
    total = sum(numbers(q))
    return total, among(total, 4, 6, ("low", "moderate", "reassuring"))


def wells_pe(q):
    has = flags(q)
    total = 3 * has["leg"] + 3 * has["first"] + 1.5 * (after("pulse", q) > 100)
    total += 1.5 * has["bed"] + 1.5 * has["past"] + has["blood"] + has["cancer"]
    return total, "likely" if total > 4 else "unlikely"


def anion_gap(q):
    gap = after("sodium", q) - after("chloride", q) - after("bicarbonate", q)
    return gap, among(gap, 8, 12)


def corrected_calcium(q):
    value = round(after("calcium", q) + 0.8 * (4 - after("albumin", q)), 1)
    return value, among(value, 8.5, 10.5)


def corrected_sodium(q):
    value = round(after("sodium", q) + 1.6 * (after("glucose", q) - 100) / 100, 1)
    return value, among(value, 135, 145)


def osmolality(q):
    value = 2 * after("sodium", q) + after("glucose", q) + after("urea", q)
    return value, among(value, 275, 295)


def map_pressure(q):
    systolic, diastolic = map(float, re.search(r"(\d+)/(\d+)", q).groups())
    mean = (systolic + 2 * diastolic) / 3
    return mean, "low" if mean < 65 else "enough"


def bmi(q):
    value = rounded(after("weight", q) / after("height", q) ** 2, 1)
    classes = ["underweight", "normal", "overweight", "obese"]
    return value, classes[(value >= 18.5) + (value >= 25) + (value >= 30)]


def creatinine_clearance(q):
    kg = float(re.search(r"(\d+) kg", q).group(1))
    value = (140 - after("age", q)) * kg / (72 * after("creatinine", q)) * (0.85 if "woman" in q else 1)
    return rounded(value, 0), among(rounded(value, 0), 30, 59, ("severe", "moderate", "mild or none"))


def weight_dose(q):
    dose, weight = numbers(q)[:2]
    return dose * weight, None


def infusion_rate(q):
    volume, hours = numbers(q)[:2]
    return volume / hours, None


def pack_years(q):
    value = numbers(q)[0] * numbers(q)[1]
    return value, "enough" if value >= 20 else "low"


def parkland(q):
    return 4 * after("weight", q) * after("burn", q), None


AGAIN = [
    lab_range, gcs, curb65, cha2ds2_vasc, qsofa, apgar, wells_pe, anion_gap, corrected_calcium, corrected_sodium,
    osmolality, map_pressure, bmi, creatinine_clearance, weight_dose, infusion_rate, pack_years, parkland,
]  # fmt: skip


def agrees(row, stem, value, name):
    """Is the row's answer what value (a number) or name (a class) demands?"""
    if row.kind == "numeric":
        return float(row.answer.split()[0]) == pytest.approx(value)
    if row.kind == "text":
        return row.answer == name
    if row.kind == "option":
        said = row.options[row.answer]
    else:
        said = re.search(r"Is the [\w -]+? ((?:-?[\d.]+(?: \S+)?)|mild or none|\w+)\?$", row.question).group(1)
    right = float(said.split()[0]) == pytest.approx(value) if name is None else said == name
    return right == (row.answer != "no") if row.kind == "yesno" else right


def stem_of(question):
    """The case without the question asked about it, whose claim may hold a wrong number."""
    return re.split(r" (?:Is the|What is the|The [\w ]+ is:)", question)[0]


@pytest.mark.parametrize("again", AGAIN, ids=lambda f: f.__name__)
@pytest.mark.parametrize("split", ["train", "test"])
def test_gold_is_what_the_formula_gives(again, split):
    rows = data.load("clinic", split, n=300, seed=3, families=[again.__name__])
    for row in rows:
        value, name = again(stem_of(row.question))
        assert agrees(row, stem_of(row.question), value, name), (row.question, row.answer, value, name)


# Worked by hand, so that the formulas above stand on their own.
BY_HAND = [
    (lab_range, "potassium 5.9 mmol/L, reference 3.5 to 5.0.", None, "high"),
    (gcs, "GCS: eyes 3, verbal 4, motor 5.", 12, "moderate"),
    (gcs, "GCS: eyes 1, verbal 1, motor 6.", 8, "severe"),
    (curb65, "CURB-65: confusion no, urea 9, rate 32, pressure 85/50, age 70.", 4, "high"),
    (curb65, "CURB-65: confusion no, urea 7, rate 29, pressure 120/60, age 64.", 1, "low"),
    (cha2ds2_vasc, "age 75, failure no, hypertension yes, diabetes no, stroke yes, vascular no, woman.", 6, "high"),
    (cha2ds2_vasc, "age 65, failure no, hypertension no, diabetes no, stroke no, vascular no, man.", 1, "moderate"),
    (qsofa, "qSOFA: rate 22, confusion no, systolic 100.", 2, "positive"),
    (apgar, "Apgar: heart 2, breathing 1, tone 1, reflex 1, colour 1.", 6, "moderate"),
    (wells_pe, "Wells: leg yes, first no, pulse 101, bed no, past no, blood no, cancer no.", 4.5, "likely"),
    (wells_pe, "Wells: leg yes, first no, pulse 100, bed no, past no, blood yes, cancer no.", 4, "unlikely"),
    (anion_gap, "sodium 140, chloride 100, bicarbonate 24.", 16, "high"),
    (corrected_calcium, "calcium 8.0 mg/dL, albumin 2.5 g/dL, 0.8 for each g/dL below 4.0.", 9.2, "normal"),
    (corrected_sodium, "sodium 130 mmol/L, glucose 600 mg/dL, 1.6 for each 100 above 100.", 138, "normal"),
    (osmolality, "sodium 140, glucose 5, urea 5 mmol/L.", 290, "normal"),
    (map_pressure, "pressure 90/51 mmHg, target 65.", 64, "low"),
    (bmi, "weight 64 kg, height 1.6 m.", 25.0, "overweight"),
    (creatinine_clearance, "Cockcroft: man, age 60, 72 kg, creatinine 2 mg/dL.", 40, "moderate"),
    (weight_dose, "paracetamol 15 mg/kg, weight 20 kg.", 300, None),
    (infusion_rate, "1000 mL in 8 hours.", 125, None),
    (pack_years, "1.5 packs a day, 20 years. Threshold 20 pack-years.", 30, "enough"),
    (parkland, "Parkland: weight 70 kg, burn 30 percent, 4 mL.", 8400, None),
]  # fmt: skip


@pytest.mark.parametrize(("again", "question", "value", "name"), BY_HAND)
def test_formulas_of_this_file_give_the_values_worked_by_hand(again, question, value, name):
    found, called = again(question)
    assert value is None or found == pytest.approx(value)
    assert called == name


def _bp(q):
    return [(int(s), int(d)) for s, d in re.findall(r"(\d+)/(\d+) mmHg", q)]


def _mean(readings):
    return sum((s + 2 * d) / 3 for s, d in readings) / len(readings)


def _cockcroft(q):
    kg = float(re.search(r"(\d+) kg", q).group(1))
    return (140 - after("age", q)) * kg / (72 * after("creatinine", q)) * (0.85 if "woman" in q else 1)


def _cockcroft_si(q):
    kg = float(re.search(r"(\d+) kg", q).group(1))
    return (140 - after("age", q)) * kg * (1.04 if "woman" in q else 1.23) / after("creatinine", q)


def _volume(q):
    weight, dose, _, strength, *most = numbers(q)
    return min([weight * dose, *most]) / strength


def _hyperglycaemia(q):
    return after("sodium", q) + after("add", q) * (after("glucose", q) - 100) / 100


HARDER = {
    ("corrected_calcium", 2): lambda q: (after("calcium", q) + 0.8 * (4 - after("albumin", q)), 1),
    ("corrected_calcium", 3): lambda q: (after("calcium", q) + 0.02 * (40 - after("albumin", q)), 2),
    ("corrected_sodium", 2): lambda q: (_hyperglycaemia(q), 1),
    ("corrected_sodium", 3): lambda q: (_hyperglycaemia(q), 1),
    ("osmolality", 2): lambda q: (2 * after("Sodium", q) + after("glucose", q) + after("urea", q), 1),
    ("osmolality", 3): lambda q: (2 * after("Sodium", q) + after("glucose", q) / 18 + after("BUN", q) / 2.8, 0),
    ("infusion_rate", 2): lambda q: (numbers(q)[0] * numbers(q)[2] / (numbers(q)[1] * 60), 0),
    ("infusion_rate", 3): lambda q: (numbers(q)[0] * numbers(q)[1] * 60 / numbers(q)[2], 1),
    ("bmi", 2): lambda q: (after("weight", q) / (after("height", q) / 100) ** 2, 1),
    ("bmi", 3): lambda q: (703 * numbers(q)[0] / numbers(q)[1] ** 2, 1),
    ("anion_gap", 2): lambda q: (after("Sodium", q) - after("chloride", q) - after("bicarbonate", q), 0),
    ("anion_gap", 3): lambda q: (
        after("Sodium", q) - after("chloride", q) - after("bicarbonate", q) + 2.5 * (4 - after("Albumin", q)), 0),
    ("map_pressure", 2): lambda q: (_mean(_bp(q)), 0),
    ("map_pressure", 3): lambda q: (_mean(_bp(q)), 0),
    ("creatinine_clearance", 2): lambda q: (_cockcroft(q), 0),
    ("creatinine_clearance", 3): lambda q: (_cockcroft_si(q), 0),
    ("weight_dose", 2): lambda q: (_volume(q), 1),
    ("weight_dose", 3): lambda q: (_volume(q), 1),
    ("parkland", 2): lambda q: (2 * after("weight", q) * after("of", q), 0),
    ("parkland", 3): lambda q: (4 * after("weight", q) * after("of", q) / 16, 4),
    ("pack_years", 2): lambda q: (numbers(q)[0] / 20 * numbers(q)[1], 4),
    ("pack_years", 3): lambda q: ((numbers(q)[0] * numbers(q)[1] + numbers(q)[2] * numbers(q)[3]) / 20, 4),
}  # fmt: skip


@pytest.mark.parametrize(("family", "difficulty"), HARDER)
def test_harder_formulas_from_the_words_of_the_question(family, difficulty):
    knobs = {"families": [family], "kinds": ["numeric"], "difficulty": difficulty}
    for row in data.load("clinic", "train", n=120, **knobs):
        value, places = HARDER[family, difficulty](stem_of(row.question))
        assert float(row.answer.split()[0]) == rounded(value, places), (row.question, row.answer, value)
