"""Short plain answers read as the full reader reads them, and the rules for sentences that say more than the answer."""

import json
from pathlib import Path

import pytest

import rewards
from rewards.reading.short import short_amount
from rewards.response import TAKEN_BACK, parse, taken_back

CASES = Path(__file__).parent / "cases"
LEADS = ("", "MAP = ", "About ", "about ", "The answer is ", "Answer: ", "NOT = ", "Step ", "Over ", "Twenty ", "So ",
         "Total ", "Given ", "Wait ", "Normal is ", "Score: ", "MAX ", "Minus ", "Zero ", "Because ")  # fmt: skip
NUMBERS = ("12", "-12", "0.5", "1999")
UNITS = ("", ".", " mg", "%", " points", " in", " m2", " kg/m^2", "h", "k", "th", " million", " cm²", "µL", " °C",
         "/min.", " minimum", " or", " cmH2O", " dozen", "/", " a", " D", "!", " mg?", "C", " percent")  # fmt: skip
DRESSES = ("{}", "**{}**", "({})", '"{}"', "$\\text{{{}}}$", "*{}*", "{}\n")


def completions():
    """The completions of the cases that may be looked at, and short answers in all dresses."""
    for path in sorted(CASES.glob("dev_*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            if case["kind"] == "numeric" and isinstance(case["completion"], str) and case["gold"]:
                yield case["completion"], str(case["gold"]), case["question"]
    for lead in LEADS:
        for number in NUMBERS:
            for unit in UNITS:
                for dress in DRESSES if number == "12" else DRESSES[:1]:
                    yield f"<answer>{dress.format(lead + number + unit)}</answer>", "12 mEq/L", "What is the gap?"


def test_a_short_answer_reads_as_the_full_reader_reads_it(monkeypatch):
    numeric = rewards.load("numeric")
    texts = list(completions())
    assert sum(short_amount(parse(text).answer or "") is not None for text, _, _ in texts) > 500
    fast = [numeric(text, answer=gold, question=question) for text, gold, question in texts]
    monkeypatch.setitem(numeric.function.__globals__, "short_amount", lambda text: None)
    for (text, gold, question), score in zip(texts, fast, strict=True):
        assert numeric(text, answer=gold, question=question) == score, text


def test_the_hints_miss_no_retraction():
    for path in sorted(CASES.glob("dev_*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            text = str(json.loads(line)["completion"])
            assert taken_back(text) == (TAKEN_BACK.search(text) is not None), text


LESIONS = "How many lesions are seen?"
SAID = (  # gold, question, right answers, wrong ones
    ("3", LESIONS,
     ("There are three lesions, the largest measuring 14 mm.", "Three: one in segment 4 and two in segment 7."),
     ("There are two lesions, the largest measuring 3 cm.", "3 or more", "Segment 4 and segment 3 show lesions: two.")),
    ("1", LESIONS, ("A solitary lesion.", "A single lesion is seen."), ("A pair of lesions.", "None.")),
    ("90 min", "Time?", ("an hour and a half", "one hour and a half", "1:30 h"), ("an hour", "half an hour", "1:20 h")),
    ("12", "How many?", ("a dozen",), ("a dozen or so", "dozens", "half a dozen")),
    ("60 mL/min", "Clearance?", ("60 mL/min, hence halve the dose to 250 mg.",), ("30 mL/min, hence give 60 mg.",)),
    ("8", "Apgar at 5 minutes?", ("7 at 1 minute and 8 at 5 minutes",), ("8 at 1 minute and 9 at 5 minutes",)),
    ("20", "Events 20% and 15%. Number needed to treat?", ("5%, so NNT = 1/0.05 = 20 patients",), ("20% - 15% = 5%",)),
    ("12.6", "Volume?", ("12.6 (the normal is 10)",), ("12.6 (or 21.6, if swapped)", "12.6 (also 12.5, 12.7)")),
    ("0.42 mg/h", "Rate?", ("0.42 mg/h or 420 mcg/h",), ("0.42 (mg/h, mcg/h or mL/h)", "0.42 mg/h or mcg/h")),
    ("12 per 100,000", "Incidence per 100,000?", ("12", "12/100,000"), ("12 per 1000", "12 per 10,000")),
    ("22.86 kg/m2", "BMI?", ("22.86 kg/m2, which suggests a normal weight (18.5-24.9).",),
     ("I cannot calculate it; a typical value is 22.86.",)),
    ("88", "PaO2?", ("88", "88, unless I am mistaken"), ("88 unless the grader expects 112, then 112",)),
    ("12", "Anion gap?", ("12. The delta gap is 0.",), ("A normal gap is 12.", "12\n13", "12; 13")),
    ("12 mEq/L", "Anion gap?", ("The answer is 12 mEq/L and the delta gap is 0.",), ("The answer is 12 or 13.",)),
    ("10", "Which GCS?", ("Motor: 3 of 6 points.\n\nE3 + V4 + M3 = 10",), ("Motor: 3 of 6.\n\nE3 + V4 + M4 = 11",)),
    ("80 %", "Sensitivity in percent?", ("80 of 100, i.e. 80 %",), ("80 out of 1000",)),
    ("1.3 mg/dL", "Creatinine in mg/dL?", ("115 umol/L, i.e. 1.3 mg/dL",), ("200 umol/L, i.e. 1.3 mg/dL",)),
)  # fmt: skip


@pytest.mark.parametrize(("gold", "question", "right", "wrong"), SAID)
def test_sentences_that_say_more_than_the_answer(gold, question, right, wrong):
    numeric = rewards.load("numeric")
    for text in right:
        score = numeric(text, answer=gold, question=question)
        assert score is not None
        assert score.value == 1.0, text
    for text in wrong:
        score = numeric(text, answer=gold, question=question)
        assert score is not None
        assert score.value == 0.0, text
