"""Bedside formulas with their sources, and the quantities they take, each with the units it is written in."""

import inspect
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

from rewards.reading.fold import fold
from rewards.reading.statements import Amount, amount

Units = Mapping[str, float]  # unit -> factor to the first one; no unit is the first

# Molar masses (g/mol, PubChem): glucose 180.16, urea nitrogen 28.01, creatinine 113.12, calcium 40.08, cholesterol
# 386.65; triglycerides as triolein, 885.4.  1 mmHg = 0.133322 kPa (SI brochure).
EQ: Units = {"mEq/L": 1.0, "mmol/L": 1.0}
PRESSURE: Units = {"mmHg": 1.0, "torr": 1.0, "kPa": 7.50062}
KG: Units = {"kg": 1.0, "kilogram": 1.0, "g": 0.001, "lb": 0.45359237, "pound": 0.45359237}
FILTRATION: Units = {"mL/min/1.73m2": 1.0, "mL/min": 1.0, "mL/min/1.73": 1.0}
MILLISECONDS: Units = {"ms": 1.0, "msec": 1.0, "millisecond": 1.0, "s": 1000.0, "sec": 1000.0, "second": 1000.0}
MG_DL: Units = {"mg/dL": 1.0, "mg%": 1.0}
ENZYME: Units = {"U/L": 1.0, "IU/L": 1.0, "unit/L": 1.0}
CREATININE: Units = {**MG_DL, "umol/L": 0.011312, "mmol/L": 11.312}
CHOLESTEROL: Units = {**MG_DL, "mmol/L": 38.665}
NUMBER: Units = {"": 1.0}

SEXES = {"m": "male", "man": "male", "male": "male", "f": "female", "woman": "female", "female": "female"}
# name -> (units, other names)
QUANTITIES: dict[str, tuple[Units, tuple[str, ...]]] = {
    "sodium": (EQ, ("na", "na+")),
    "potassium": (EQ, ("k", "k+")),
    "chloride": (EQ, ("cl", "cl-")),
    "bicarbonate": (EQ, ("hco3", "hco3-", "bicarb", "total co2", "tco2")),
    "albumin": ({"g/dL": 1.0, "g/L": 0.1}, ("alb",)),
    "glucose": ({**MG_DL, "mmol/L": 18.016}, ("blood glucose", "blood sugar", "glu")),
    "bun": ({**MG_DL, "mmol/L": 2.801}, ("blood urea nitrogen", "urea nitrogen", "urea")),
    "calcium": ({**MG_DL, "mmol/L": 4.008}, ("ca", "ca2+", "total calcium")),
    "creatinine": (CREATININE, ("cr", "scr")),
    "urine_creatinine": (CREATININE, ("ucr", "u cr")),
    "urine_sodium": (EQ, ("una", "u na")),
    "total_cholesterol": (CHOLESTEROL, ("cholesterol", "tc")),
    "hdl": (CHOLESTEROL, ("hdl cholesterol", "hdl-c", "high-density lipoprotein cholesterol")),
    "triglycerides": ({**MG_DL, "mmol/L": 88.54}, ("tg", "triglyceride")),
    "insulin": ({"uIU/mL": 1.0, "uU/mL": 1.0, "mIU/L": 1.0, "mU/L": 1.0}, ("fasting insulin",)),
    "ast": (ENZYME, ("aspartate aminotransferase", "sgot")),
    "alt": (ENZYME, ("alanine aminotransferase", "sgpt")),
    "platelets": ({"10^9/L": 1.0, "x10^9/L": 1.0, "/uL": 0.001, "uL": 0.001, "/mm3": 0.001, "K/uL": 1.0},
                  ("platelet count", "plt")),
    "systolic": (PRESSURE, ("sbp", "systolic blood pressure", "systolic pressure")),
    "diastolic": (PRESSURE, ("dbp", "diastolic blood pressure", "diastolic pressure")),
    "pao2": (PRESSURE, ("po2", "pa o2")),
    "paco2": (PRESSURE, ("pco2", "pa co2")),
    "pressure": (PRESSURE, ("patm", "barometric pressure", "atmospheric pressure")),
    "fio2": ({"": 1.0, "%": 0.01}, ("fi o2", "inspired oxygen")),
    "age": ({"years": 1.0, "year": 1.0, "y": 1.0, "yr": 1.0, "yo": 1.0, "years old": 1.0, "month": 1 / 12}, ()),
    "weight": (KG, ("body weight", "actual weight", "wt")),
    "height": ({"cm": 1.0, "m": 100.0, "in": 2.54, "inch": 2.54, "inches": 2.54, "ft": 30.48, "mm": 0.1}, ("ht",)),
    "sex": (NUMBER, ("gender",)),
    "qt": (MILLISECONDS, ("qt interval",)),
    "heart_rate": ({"bpm": 1.0, "/min": 1.0, "beats/min": 1.0, "beats/minute": 1.0},
                   ("hr", "pulse", "heart rate or pulse", "pulse rate")),
}  # fmt: skip


@dataclass(frozen=True)
class Formula:
    """units: of the result.  compute: the names of its parameters are the inputs, in their first unit; a parameter
    with a default may be left out.  source: where it was published.  also: other names."""

    name: str
    units: Units
    compute: Callable[..., float]
    source: str
    also: tuple[str, ...] = field(default=())

    @property
    def inputs(self) -> Mapping[str, inspect.Parameter]:
        """Name -> parameter."""
        return inspect.signature(self.compute).parameters


def gap(sodium: float, chloride: float, bicarbonate: float, albumin: float = 4.0) -> float:
    """The anion gap, at an albumin other than 4 g/dL corrected by 2.5 for each g/dL."""
    return sodium - chloride - bicarbonate + 2.5 * (4.0 - albumin)


def female(sex: str) -> bool:
    """Whether a sex is female; ValueError where it is not one of the two that the formulas know."""
    if sex not in ("male", "female"):
        raise ValueError(f"sex {sex!r}")
    return sex == "female"


def ckd_epi(creatinine: float, age: float, sex: str) -> float:
    """The race-free creatinine equation of 2021."""
    woman = female(sex)
    ratio = creatinine / (0.7 if woman else 0.9)
    below, above = min(ratio, 1.0) ** (-0.241 if woman else -0.302), max(ratio, 1.0) ** -1.2
    return 142 * below * above * 0.9938**age * (1.012 if woman else 1.0)


def ideal_weight(height: float, sex: str) -> float:
    """Kilograms, by height in cm."""
    return (45.5 if female(sex) else 50.0) + 2.3 * (height / 2.54 - 60)


def water_deficit(sodium: float, weight: float, sex: str, age: float = 40.0) -> float:
    """Litres; water is 60 % of a man's weight, 50 % of a woman's, 5 % less from 65 years on, 60 % in children."""
    share = 0.6 if age < 18 else (0.5 if female(sex) else 0.6) - (0.05 if age >= 65 else 0.0)
    return share * weight * (sodium / 140 - 1)


def maintenance(weight: float) -> float:
    """mL/h: 4 per kg for the first 10 kg, 2 for the next 10, 1 for the rest."""
    return 4 * min(weight, 10) + 2 * min(max(weight - 10, 0), 10) + max(weight - 20, 0)


FORMULAS = (
    Formula("anion_gap", EQ, lambda sodium, chloride, bicarbonate: gap(sodium, chloride, bicarbonate),
            "Emmett and Narins, Medicine 56:38 (1977)", ("ag",)),
    Formula("albumin_corrected_anion_gap", EQ, lambda sodium, chloride, bicarbonate, albumin:
            gap(sodium, chloride, bicarbonate, albumin), "Figge et al., Crit Care Med 26:1807 (1998)",
            ("corrected anion gap",)),
    Formula("delta_gap", EQ, lambda sodium, chloride, bicarbonate: gap(sodium, chloride, bicarbonate) - 12,
            "Wrenn, Ann Emerg Med 19:1310 (1990)"),
    Formula("delta_ratio", NUMBER, lambda sodium, chloride, bicarbonate:
            (gap(sodium, chloride, bicarbonate) - 12) / (24 - bicarbonate), "Wrenn, Ann Emerg Med 19:1310 (1990)"),
    Formula("corrected_calcium", {**MG_DL, "mmol/L": 4.008}, lambda calcium, albumin: calcium + 0.8 * (4.0 - albumin),
            "Payne et al., BMJ 4:643 (1973)", ("calcium correction for hypoalbuminemia",)),
    Formula("corrected_sodium", EQ, lambda sodium, glucose: sodium + 0.016 * (glucose - 100),
            "Katz, N Engl J Med 289:843 (1973)", ("corrected sodium katz",)),
    Formula("corrected_sodium_hillier", EQ, lambda sodium, glucose: sodium + 0.024 * (glucose - 100),
            "Hillier et al., Am J Med 106:399 (1999)", ("sodium correction for hyperglycemia",)),
    Formula("osmolality", {"mOsm/kg": 1.0, "mOsm/L": 1.0, "mmol/kg": 1.0}, lambda sodium, glucose, bun:
            2 * sodium + glucose / 18 + bun / 2.8, "Dorwart and Chalmers, Clin Chem 21:190 (1975)",
            ("serum osmolality", "calculated osmolality")),
    Formula("map", PRESSURE, lambda systolic, diastolic: (systolic + 2 * diastolic) / 3,
            "Rogers and Oosthuyse, Int J Sports Med 21:118 (2000)", ("mean arterial pressure",)),
    Formula("bmi", {"kg/m2": 1.0}, lambda weight, height: weight / (height / 100) ** 2,
            "Keys et al., J Chronic Dis 25:329 (1972)", ("body mass index",)),
    Formula("cockcroft_gault", {"mL/min": 1.0}, lambda age, weight, creatinine, sex:
            (140 - age) * weight / (72 * creatinine) * (0.85 if female(sex) else 1.0),
            "Cockcroft and Gault, Nephron 16:31 (1976)", ("creatinine clearance", "crcl")),
    Formula("ckd_epi_2021", FILTRATION, ckd_epi, "Inker et al., N Engl J Med 385:1737 (2021)",
            ("egfr", "gfr", "ckd epi", "ckd-epi equations for glomerular filtration rate")),
    Formula("mdrd", FILTRATION, lambda creatinine, age, sex:
            175 * creatinine**-1.154 * age**-0.203 * (0.742 if female(sex) else 1.0),
            "Levey et al., Ann Intern Med 145:247 (2006), without the race factor", ("mdrd gfr equation", "gfr")),
    Formula("aa_gradient", PRESSURE, lambda pao2, paco2, fio2=0.21, pressure=760.0:
            fio2 * (pressure - 47) - paco2 / 0.8 - pao2, "Fenn, Rahn and Otis, Am J Physiol 146:637 (1946)",
            ("a-a gradient", "alveolar-arterial gradient")),
    Formula("winters", PRESSURE, lambda bicarbonate: 1.5 * bicarbonate + 8,
            "Albert, Dell and Winters, Ann Intern Med 66:312 (1967)", ("expected pco2", "expected paco2")),
    Formula("qtc_bazett", MILLISECONDS, lambda qt, heart_rate: qt / math.sqrt(60 / heart_rate),
            "Bazett, Heart 7:353 (1920)", ("qtc", "qtc bazett calculator")),
    Formula("qtc_fridericia", MILLISECONDS, lambda qt, heart_rate: qt / (60 / heart_rate) ** (1 / 3),
            "Fridericia, Acta Med Scand 53:469 (1920)", ("qtc", "qtc fridericia calculator")),
    Formula("qtc_framingham", MILLISECONDS, lambda qt, heart_rate: qt + 154 * (1 - 60 / heart_rate),
            "Sagie et al., Am J Cardiol 70:797 (1992)", ("qtc", "qtc framingham calculator")),
    Formula("qtc_hodges", MILLISECONDS, lambda qt, heart_rate: qt + 1.75 * (heart_rate - 60),
            "Hodges et al., J Am Coll Cardiol 1:694 (1983)", ("qtc", "qtc hodges calculator")),
    Formula("ldl_friedewald", CHOLESTEROL, lambda total_cholesterol, hdl, triglycerides:
            total_cholesterol - hdl - triglycerides / 5, "Friedewald et al., Clin Chem 18:499 (1972)",
            ("ldl", "ldl cholesterol", "ldl calculated")),
    Formula("fena", {"%": 1.0}, lambda sodium, creatinine, urine_sodium, urine_creatinine:
            100 * urine_sodium * creatinine / (sodium * urine_creatinine), "Espinel, JAMA 236:579 (1976)",
            ("fractional excretion of sodium",)),
    Formula("bsa", {"m2": 1.0}, lambda height, weight: math.sqrt(height * weight / 3600),
            "Mosteller, N Engl J Med 317:1098 (1987)", ("body surface area", "body surface area calculator")),
    Formula("ideal_weight", KG, ideal_weight, "Devine, Drug Intell Clin Pharm 8:650 (1974)",
            ("ideal body weight", "ibw")),
    Formula("adjusted_weight", KG, lambda weight, height, sex:
            ideal_weight(height, sex) + 0.4 * (weight - ideal_weight(height, sex)),
            "Bauer et al., Eur J Clin Pharmacol 24:643 (1983)", ("adjusted body weight", "abw")),
    Formula("water_deficit", {"L": 1.0, "liter": 1.0, "litre": 1.0, "mL": 0.001}, water_deficit,
            "Adrogue and Madias, N Engl J Med 342:1493 (2000)", ("free water deficit",)),
    Formula("maintenance_fluids", {"mL/h": 1.0, "mL/hr": 1.0, "mL/hour": 1.0}, maintenance,
            "Holliday and Segar, Pediatrics 19:823 (1957)",
            ("maintenance fluid", "maintenance fluids calculations")),
    Formula("fib4", NUMBER, lambda age, ast, alt, platelets: age * ast / (platelets * math.sqrt(alt)),
            "Sterling et al., Hepatology 43:1317 (2006)",
            ("fib-4", "fibrosis-4", "fibrosis-4 index", "fibrosis-4 index liver fibrosis")),
    Formula("homa_ir", NUMBER, lambda insulin, glucose: insulin * glucose / 405,
            "Matthews et al., Diabetologia 28:412 (1985)", ("homa-ir",)),
)  # fmt: skip


def plain(name: str) -> str:
    """A name as it is compared: lower case, no bracketed part, no filling words, one space between words.

    >>> plain("Patient's serum Sodium (Na+)"), plain("urine_sodium")
    ('sodium', 'urine sodium')
    """
    words = re.sub(r"\([^()]*\)", " ", fold(name).lower().replace("_", " ").replace("’", "'"))
    words = re.sub(
        r"\b(?:the|patient's|patient|his|her|serum|plasma|level|concentration|measured|score|for)\b", " ", words
    )
    return " ".join(words.strip(" *-•.:").split())


@cache
def formula_named(name: str) -> Formula | None:
    """The formula of a name; the first where several share one."""
    return next((f for f in FORMULAS if plain(name) in map(plain, (f.name, *f.also))), None)


@cache
def quantity_names() -> dict[str, str]:
    """Plain name -> quantity."""
    return {plain(alias): name for name, (_, also) in QUANTITIES.items() for alias in (name, *also)}


def quantity_named(name: str) -> str:
    """The quantity of a name, '' if there is none."""
    return quantity_names().get(plain(name), "")


def read_input(text: str, name: str) -> Amount | str | None:
    """One quantity as stated: a sex as its word, else a number in its first unit; None where it cannot be read."""
    return SEXES.get(text.strip(" .").lower()) if name == "sex" else measured(text, QUANTITIES[name][0])


def measured(text: str, units: Units) -> Amount | None:
    """A number in the first of its units; None where it is no single number, or in none of them."""
    read = amount(text)
    if read is None:
        return None
    factors, bare = {plain_unit(unit): factor for unit, factor in units.items()}, plain_unit(read.unit)
    scale = factors.get(bare, factors.get(bare.removesuffix("s"))) if bare else 1.0
    return (
        None
        if scale is None
        else replace(read, value=read.value * scale, half_step=read.half_step * scale, scale=scale)
    )


@lru_cache(maxsize=512)
def plain_unit(unit: str) -> str:
    """A unit as it is compared: no case, space or caret; "per" as a slash."""
    return re.sub(r"[\s^]|\.$", "", re.sub(r"\s*\bper\b\s*", "/", fold(unit).lower()))
