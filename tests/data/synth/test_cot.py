"""What a distilled trace must be, and what gives away that its writer knew the answer."""

import json

import pytest

from data.clean import Drop
from data.example import Example
from data.synth import Nonsense, load
from data.synth.client import messages
from data.synth.leaks import leak

OPEN = Example("o1", "What fills the right pleural space?", "effusion")
MCQ = Example("m1", "Which vitamin prevents scurvy?", "B", options={"A": "vitamin A", "B": "vitamin C", "C": "niacin"})
GOOD = (
    "Scurvy is a failure of collagen: without ascorbic acid proline is not hydroxylated, gums bleed and wounds reopen. "
    "Retinol deficiency shows in the eyes, and lack of niacin in skin and gut, so vitamin C is what is wanted."
)


def reply(reasoning: str = GOOD, answer: str = "B") -> str:
    return json.dumps({"reasoning": reasoning, "answer": answer})


def test_options_are_asked_for_with_their_letters_and_open_questions_without() -> None:
    [stage] = load("cot")
    ask, plain = stage.ask(MCQ), stage.ask(OPEN)
    assert (ask.prompt.name, plain.prompt.name) == ("cot_mcq", "cot_open")
    text = messages(ask)[-1]["content"]
    assert "B) vitamin C" in text
    assert "(for your eyes only): B" in text
    assert "(for your eyes only): effusion" in messages(plain)[-1]["content"]


def test_a_good_trace_is_kept_whole() -> None:
    [stage] = load("cot")
    for text in (reply(), f"<think>B it is {{}}</think>```json\n{reply()}\n```"):
        [row] = stage.read(MCQ, text)
        assert (row.id, row.answer, row.meta["trace"], row.meta["predicted"]) == ("m1", "B", GOOD, "B")


BAD = {
    "prose": ("The answer is B.", Nonsense("no JSON", "wanted an object with reasoning, answer")),
    "truncated": (reply()[:-20], Nonsense("no JSON", "wanted an object with reasoning, answer")),
    "key missing": ('{"reasoning": "x"}', Nonsense("no JSON", "wanted an object with reasoning, answer")),
    "empty reasoning": (reply(" "), Nonsense("a key is empty", "reasoning")),
    "list": (reply(["x"]), Nonsense("a key is empty", "reasoning")),  # type: ignore[arg-type]
    "short": (reply("Vitamin C."), Drop("no reasoning", "fewer than 20 words")),
    "another option": (reply(answer="A"), Drop("wrong answer")),
    "two options": (reply(answer="B or C"), Drop("wrong answer")),
}


@pytest.mark.parametrize(("text", "outcome"), BAD.values(), ids=BAD)
def test_what_is_no_good_says_why(text: str, outcome: Drop) -> None:
    [stage] = load("cot")
    assert stage.read(MCQ, text) == outcome


LEAKS = [
    "As given, the pleural space is filled.",
    "The provided answer suggests fluid.",
    "Consistent with the correct answer, fluid layers.",
    "This agrees with the ground truth of the study.",
    "The ground-truth label says fluid.",
    "The answer is given as effusion.",
    "We are told that the answer is fluid.",
    "Since the correct answer is effusion, fluid must layer.",
    "Given that the answer is effusion we look for fluid.",
    "The known diagnosis fits.",
    "According to the answer key there is fluid.",
    "The labelled diagnosis is visible.",
    "It was known to be right.",
]


@pytest.mark.parametrize("said", LEAKS)
def test_a_trace_that_cites_its_answer_goes(said: str) -> None:
    found = leak(OPEN, f"The costophrenic angle is blunted. {said} So it is.")
    assert found is not None
    assert found.why == "cites the answer it was given"


HONEST = [
    "The costophrenic angle is blunted and a meniscus is seen. This is an effusion.",
    "The given image shows a blunted angle. Fluid layers, so an effusion is likely.",
    "The options provided differ in density. Fluid is water-dense: effusion.",
    "As given in the question, the patient coughs. A meniscus points to an effusion.",
    "Medication was given as a bolus. The angle is blunted: effusion.",
    "Therefore, the correct answer is effusion.",
    "The expected finding in heart failure is blunting of the angle. Effusion fits.",
    "The reference range is 3 to 5. The value lies above it, hence an effusion.",
    "The given options and the provided choices differ. Fluid is water-dense: effusion.",
    "No provided history explains it. The final diagnosis is an effusion.",
]


@pytest.mark.parametrize("said", HONEST)
def test_an_honest_trace_stays(said: str) -> None:
    assert leak(OPEN, f"The film is upright and well centred. {said}") is None


def test_the_gold_may_not_stand_before_the_reasoning() -> None:
    early = Drop("names the answer before any reasoning")
    assert leak(OPEN, "This is an effusion. The angle is blunted.") == early
    assert leak(OPEN, "The angle is blunted. This is an effusion.") is None
    assert leak(MCQ, "Option B is right. Scurvy is a failure of collagen.") == early
    assert leak(MCQ, "Vitamin C prevents it. Scurvy is a failure of collagen.") == early
    assert leak(MCQ, "We weigh vitamin A, vitamin C and niacin. Scurvy is a failure of collagen.") is None
    reasoned = "Because the costophrenic angle is blunted and a meniscus rises, it is an effusion."
    assert leak(OPEN, reasoned) is None
    number = Example("n", "What is the anion gap?", "12")
    assert leak(number, "It is 12. The cations are 140.") == early
    assert leak(number, "140 - 104 - 24 = 12.") is None
    yes = Example("y", "Is there an effusion?", "yes")
    assert leak(yes, "Yes, the angle is blunted.") == early
    assert leak(yes, "The angle is blunted. Yes.") is None
    asked = Example("a", "Is it effusion or mass?", "effusion", kind="text")
    assert leak(asked, "To tell effusion from mass one looks at the angle.") is None


def test_chinese_traces_are_read_too() -> None:
    row = Example("z", "右侧胸腔内是什么?", "胸腔积液")
    assert leak(row, "肋膈角变钝,可见弯月面,因此考虑为胸腔积液。") is None
    assert leak(row, "肋膈角变钝。因此考虑为胸腔积液。") is None
    assert leak(row, "这是胸腔积液。肋膈角变钝。") == Drop("names the answer before any reasoning")
    for said in ("根据给定的答案", "参考答案提示", "已告知正确答案"):
        assert leak(row, f"肋膈角变钝。{said},考虑为积液。").why == "cites the answer it was given"


def test_traces_must_agree() -> None:
    [stage] = load("cot", {"k": 4, "agree": 0.5, "keep": 2})
    good, wrong = stage.read(MCQ, reply()), stage.read(MCQ, reply(answer="C"))
    kept = stage.join(MCQ, [wrong, good, good, good])
    assert [(row.id, row.meta["agreement"]) for row in kept] == [("m1", 0.75), ("m1#2", 0.75)]
    assert stage.join(MCQ, [wrong, wrong, wrong, good]) == Drop("too few traces agree", "0.25")
    assert stage.join(MCQ, [wrong] * 4) == Drop("wrong answer")


def test_rows_that_no_rule_can_grade_are_not_asked_about() -> None:
    [stage] = load("cot")
    assert stage.ask(Example("r", "Report?", "Clear lungs.", kind="report")) == Drop(
        "no rule can grade this gold", "report"
    )


def test_verification_reads_its_keyword_first() -> None:
    [stage] = load("verify")
    row = Example("m1", MCQ.question, "B", options=MCQ.options, meta={"trace": GOOD, "predicted": "B"})
    assert "Reference answer: B) vitamin C" in messages(stage.ask(row))[-1]["content"]
    assert stage.read(row, "**CONSISTENT** - both name it.") == [row]
    assert stage.read(row, "<think>INCONSISTENT?</think>\nConsistent. Fine.") == [row]
    assert stage.read(row, "INCONSISTENT: it concludes niacin.") == Drop("found inconsistent")
    assert stage.read(row, "I think it is consistent.") == Nonsense("no verdict")
    assert stage.ask(MCQ) == Drop("no trace to verify")
