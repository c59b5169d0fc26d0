"""Sentences and notes as models and doctors write them: the question, the gold, what is right and what is wrong."""

import pytest

from rewards import load, parse

NUMERIC = load("numeric")
CASES = [
    ("BMI of an 82 kg, 1.80 m man?", "25.3 kg/m²", [
        "With 82 kg and 1.80 m, the BMI works out at 25.3. Values between 25 and 30 count as overweight.",
        '{"BMI": 25.3, "unit": "kg/m2"}', '```json\n{"answer": 25.3}\n```',
        "Height squared: 3.24\nWeight: 82\nBMI: 25.3", "82/1.8² = 25.3, i.e. he is overweight (>25).",
    ], [
        "82/1.8²", "The BMI is in the range 25-26.",
    ]),
    ("What dose of gentamicin (5 mg/kg) for 64 kg?", "320 mg", [
        "64 kg × 5 mg/kg = 320 mg once daily, infused over 30 minutes in 100 mL saline.",
        "Give 320 mg IV every 24 hours; check a trough level before the second dose (target < 1 mg/L).",
        "At 5 mg/kg and 64 kg the dose comes out as 0.32 g.",
        "The dose should be 5 mg/kg, so for a patient of 64 kg you should give 320 mg.", "320 mg (= 5 mg/kg × 64 kg)",
        "320mg i.v. (3.2 mL of the 100 mg/mL ampoule)",
    ], [
        "5 mg/kg", "300 to 340 mg, e.g. 320 mg", "320 mg/kg",
    ]),
    ("GCS of a patient who opens eyes to voice, is confused and localises?", "12", [
        "Eyes 3, verbal 4, motor 5, so the GCS is 12.", "E3V4M5 = 12",
        "Eye opening to voice scores 3. Confused speech scores 4. Localising scores 5. GCS 12/15.",
        "- E: 3\n- V: 4\n- M: 5\n\n**GCS = 12** (moderate head injury, 9–12)",
        "The GCS is 12; intubate at 8 or below.",
    ], [
        "3+4+5", "GCS between 9 and 12",
    ]),
    ("What is the ejection fraction?", "35%", [
        "LVEF is severely reduced at approximately 35%.", "The ejection fraction is 35 % (normal 55-70 %).",
        "EF≈35%, LVEDD 62 mm",
    ], [
        "30-35%", "35 to 40 percent",
    ]),
    ("What pH is shown?", "7.28", [
        "pH 7.28, pCO2 60, HCO3 27", "The pH is 7.28 with a PaCO2 of 60 mmHg.", "7.3",
    ], [
        "7.2",
    ]),
    ("Size of the nodule?", "8 mm", [
        "An 8-mm nodule in the right upper lobe (segment 2).", "8mm nodule, series 3, image 42",
    ], [
        "8 x 6 mm", "8 cm",
    ]),
    ("What is the blood pressure?", "120/80 mmHg", [
        "BP 120/80", "The blood pressure is 120 over 80 mmHg, which is normal.",
        "systolic 120 mmHg, diastolic 80 mmHg",
    ], [
        "110/70 mmHg",
    ]),
    ("Infusion rate in mL/h?", "21", [
        "The rate is 21 mL/h (350 mcg/min ÷ 1000 mcg/mL × 60).", "Run the pump at 21 ml/hr.", "0.35 mL/min",
    ], [
        "21 mL/min",
    ]),
    ("Corrected sodium (glucose 500, Na 128, 1.6 per 100)?", "134.4 mEq/L", [
        "Corrected Na = 128 + 1.6 × (500-100)/100 = 128 + 6.4 = 134.4 mEq/L",
        "128 + 6.4 gives a corrected value of 134 mmol/L.",
        "The measured sodium is 128 mEq/L but the corrected sodium is 134.4 mEq/L.",
        "The corrected sodium is 134.4 mEq/L, whereas the measured one is 128.", "Measured: 128. Corrected: 134.4.",
    ], []),
    ("Estimated blood loss?", "500 mL", [
        "Approx. half a litre.", "0.5 L", "500 mL, possibly more", "500cc",
    ], [
        "less than 500 mL",
    ]),
    ("How old is the patient?", "67 years", [
        "67-year-old man", "He is 67.",
    ], [
        "67 months", "in his sixties",
    ]),
    ("Wells score?", "-2", [
        "-2 points", "1 point for swelling, minus 3... total: -2", "The total comes to minus two.",
    ], [
        "2",
    ]),
    ("Half-life?", "6 h", [
        "six hours", "t½ = 0.693/0.1155 = 6.0 h", "360 min",
    ], [
        "6 d",
    ]),
    ("Temperature?", "38.9 °C", [
        "T 38.9", "102 °F (38.9 °C)", "102.0 F",
    ], [
        "39.8 °C",
    ]),
    ("CURB-65?", "2", [
        "CURB-65 2: confusion and age.", "2 (C = 1, U = 0, R = 0, B = 0, 65 = 1)", "C=1, U=0, R=0, B=0, 65=1 → 2",
        "C=1 + U=0 + R=0 + B=0 + age=1, total 2 points",
    ], []),
    ("MAP of 120/80?", "93.3 mmHg", [
        "(120 + 2×80)/3 = 280/3 ≈ 93.3", "93 1/3 mmHg", "It's 93.3 mmHg. Target in sepsis is 65 mmHg.",
        "93.3mmHg - adequate perfusion (>65)", "MAP=93.3mmHg;PP=40mmHg", "93.3 or so",
        "I'm not fully sure, but my answer is 93.3.", "平均动脉压约为93.3毫米汞柱。",
        "MAP = (SBP + 2·DBP)/3 = (120 + 160)/3 = 93.3 mmHg, rounded 93 mmHg",
    ], [
        "280/3", "93.3±5", "I am not sure.",
    ]),
    ("Na 140, Cl 100, HCO3 15. Anion gap?", "25", [
        "AG = 140 – (100 + 15) = 25, normal 8–12, so it is raised by 13.", "The anion gap is twenty five.",
        "阴离子间隙 = 140 - 100 - 15 = 25 mmol/L", "阴离子间隙为25", "anion gap is coming 25 only",
        "The gap, after subtracting chloride 100 and bicarbonate 15 from sodium 140, is 25.",
        "Sodium minus chloride minus bicarbonate: 140 minus 100 minus 15 is 25.",
        "We take 140, subtract 100, subtract 15, and are left with 25.", "140-100=40\n40-15=25\n25",
        "My calculation gives 25; check the albumin, since each 1 g/dL fall lowers the gap by 2.5.",
        "The calculated value is 25. (Normal: 8 to 12)", "25.0", "~25", "=25", "AG: 25.", "AG→25", "ANSWER 25",
        "The final anion gap value: 25",
    ], [
        "25 or 29, depending on whether potassium counts.", "The anion gap is 25 mmol/L or 29 mmol/L.",
        "It may be 25 but also could be 29.", "25/29", "First answer: 29. Second answer: 25.", "24.9", "-25",
    ]),
    ("Alvarado score?", "8", [
        "8 out of 10 points → appendicitis very likely", "M1 A1 N1 T2 R1 E0 L2 S0 → 8",
        "Migration (1) + anorexia (1) + nausea (1) + RLQ tenderness (2) + rebound (1) + leucocytosis (2) = 8",
        "Migration 1, anorexia 1, nausea 1, tenderness 2, rebound 1, leucocytosis 2; total 8",
        "A score of 8, i.e. ≥ 7, which indicates surgery.", "Score is 8 and not 7 because rebound counts 1",
    ], [
        "7-8", "≥7",
    ]),
    ("Body surface area?", "1.90 m²", [
        "1.9 m2", "BSA = √((180×72.2)/3600) = √3.61 = 1.9 m²", "1,9 m²", "19000 cm²",
    ], [
        "sqrt(3.61)",
    ]),
    ("Insulin units?", "6", [
        "6 units of rapid-acting insulin", "(240 − 120)/20 = 6 U",
        "Correction 120/20 = 6 units; plus carbs 60/10 = 6 units", "6IU",
    ], []),
    ("Relative risk?", "0.5", [
        "RR = (10/100)/(20/100) = 0.5, i.e. a 50 % reduction", "0.10/0.20 = 0.5", "The risk is halved (RR 0.50).",
    ], [
        "50%",
    ]),
    ("Age of the patient?", "6 months", [
        "half a year", "6-month-old infant", "6 mo",
    ], [
        "6m",
    ]),
    ("Duration of antibiotics?", "14 days", [
        "two weeks", "2 wk", "14 d (7 d iv + 7 d po)",
    ], [
        "10-14 days",
    ]),
    ("Weight?", "3.2 kg", [
        "3200 g", "3,200 grams", "7 lb 1 oz", "3.2",
    ], [
        "3.2 lb",
    ]),
    ("Rate?", "125 mL/h", [
        "3 L/day", "3000 mL in 24 h is 125 mL/h", "125 mL an hour", "125 cc/hr",
    ], [
        "3000 mL / 24 h",
    ]),
    ("HOMA-IR with glucose 100 mg/dL and insulin 12?", "2.96", [
        "HOMA-IR = 100 × 12 / 405 = 1200/405 = 2.96. Above 2.5 is insulin resistant.", "2.963", "3.0",
    ], [
        "1200/405",
    ]),
    ("Dose of heparin bolus 80 U/kg for 75 kg?", "6000 units", [
        "80 units/kg × 75 kg = 6,000 units IV bolus, followed by 18 units/kg/h (1,350 units/h).",
        "Bolus 6000 IU, infusion 1350 IU/h", "6k units",
    ], [
        "6000 mg",
    ]),
    ("Volume to draw up: 75 mg from 25 mg/mL?", "3 mL", [
        "75 mg ÷ 25 mg/mL = 3 mL", "Draw up three millilitres.", "3 ml of the 25 mg/ml solution",
    ], [
        "75/25 mL", "3 mg",
    ]),
    ("SOFA?", "9", [
        "Respiration 3, coagulation 1, liver 2, cardiovascular 1, CNS 1, renal 1. Sum 9.", "3+1+2+1+1+1=9",
        "Resp: 3, Coag: 1, Liver: 2, CV: 1, CNS: 1, Renal: 1 - SOFA 9", "SOFA score (0–24): 9", "9/24",
    ], []),
    ("How many ribs are fractured?", "3", [
        "Ribs 4, 5 and 6 are fractured, that is three ribs.", "3 (ribs 4, 5 and 6)",
        "The 4th, 5th and 6th ribs: 3 fractures.",
    ], [
        "ribs 4-6",
    ]),
    ("How many weeks pregnant?", "20 weeks", [
        "She is 20 weeks pregnant (20+0).", "20w0d", "Twenty weeks",
    ], [
        "5 months",
    ]),
    ("What is the heart rate on this ECG?", "75 bpm", [
        "300/4 = 75 bpm", "The R-R interval is 4 large squares, so 300 ÷ 4 = 75 per minute.",
        "Regular sinus rhythm at 75/min, PR 160 ms, QRS 90 ms, QTc 410 ms.",
    ], [
        "70–80 bpm", "300/4",
    ]),
]  # fmt: skip
TEXTS = [
    (q, gold, text, value)
    for q, gold, *texts in CASES
    for value, said in zip((1, 0), texts, strict=True)
    for text in said
]


@pytest.mark.parametrize(("question", "gold", "text", "right"), TEXTS)
def test_the_answer_of_a_note_is_read(question, gold, text, right):
    for dressed in (text, f"<think>Let me see.</think><answer>{text}</answer>"):
        score = NUMERIC(parse(dressed), answer=gold, question=question)
        assert score is not None
        assert score.value == right, score
