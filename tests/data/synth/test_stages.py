"""The stages' parsers and rules: templates, pictures of questions, rewritten replies, questions about captions."""

import json
from collections import Counter

import pytest
from PIL import Image

from data.clean import Drop
from data.example import Example
from data.synth import Nonsense, load
from data.synth.client import messages
from data.synth.render import lacking, load_font, wrapped
from recipes import BadInput

from .test_cot import GOOD, reply

ORGANS = ["chest", "abdomen", "pelvis", "knee", "head", "breast"]


def labelled(i: int, **labels) -> Example:
    return Example(f"r{i}", "Describe the image.", "x", source="s", meta={"labels": labels})


def asked_of(rows: list[Example], **knobs) -> list[list[Example] | Drop]:
    [stage] = load("template_vqa", knobs)
    stage = stage.prepare(rows)
    return [stage.read(row, "") for row in rows]


def test_templates_ask_for_every_label_with_distractors_of_the_same_source() -> None:
    rows = [labelled(i, anatomy=ORGANS[i % 6], modality=["CT", "MRI"][i % 2]) for i in range(12)]
    rows.append(Example("other", "q", "x", source="t", meta={"labels": {"anatomy": "skin"}}))
    made = asked_of(rows)
    for row, new in zip(rows[:12], made, strict=False):
        assert isinstance(new, list)
        anatomy, modality = new
        assert anatomy.options[anatomy.answer] == row.meta["labels"]["anatomy"]
        assert len(anatomy.options) == len(set(anatomy.options.values())) == 4
        assert set(anatomy.options.values()) <= set(ORGANS)
        assert set(modality.options.values()) == {"CT", "MRI"}
        assert (anatomy.id, anatomy.kind, anatomy.meta["asked_about"]) == (f"{row.id}/anatomy", "option", "anatomy")
    assert made[-1] == Drop("too few labels to choose from")
    assert asked_of(rows) == made
    assert asked_of(rows, seed=1) != made


@pytest.mark.parametrize(("n", "n_options"), [(48, 4), (49, 4), (50, 2), (17, 3)])
def test_the_gold_stands_equally_often_at_each_letter(n: int, n_options: int) -> None:
    made = asked_of([labelled(i, anatomy=ORGANS[i * i % 6]) for i in range(n)], n_options=n_options)
    golds = Counter(new[0].answer for new in made if isinstance(new, list))
    assert golds.total() == n
    assert len(golds) == n_options
    assert max(golds.values()) - min(golds.values()) <= 1
    assert "".join(new[0].answer for new in made if isinstance(new, list)) != ("ABCD"[:n_options] * n)[:n]


def test_no_distractor_is_right_too() -> None:
    values = ["effusion", "pleural effusion", "mass", "nodule", "fibrosis", "edema"]
    rows = [labelled(i, abnormality=value) for i, value in enumerate(values)]
    rows.append(labelled(9, abnormality=["mass", "nodule"]))
    made = asked_of(rows, n_options=6)
    assert "pleural effusion" not in made[0][0].options.values()
    assert "effusion" not in made[1][0].options.values()
    both = set(made[-1][0].options.values()) & {"mass", "nodule"}
    assert both == {made[-1][0].options[made[-1][0].answer]}
    assert asked_of([labelled(0)]) == [Drop("no labels", "none of anatomy, abnormality, modality")]


MCQ = Example("m1", "Which vitamin prevents scurvy?", "B", options={"A": "vitamin A", "B": "vitamin C"})


def test_a_question_becomes_a_picture_if_the_reasoning_gets_it_right() -> None:
    [stage] = load("ocr")
    assert "known to be right" not in messages(stage.ask(MCQ))[-1]["content"]
    [row] = stage.read(MCQ, reply())
    [image] = row.images
    assert (row.id, row.answer, row.kind, row.options) == ("m1/ocr", "B", "text", None)
    assert row.meta["trace"] == GOOD
    assert "scurvy" not in row.question
    assert row.meta["rendered"] == "Which vitamin prevents scurvy?\nA) vitamin A\nB) vitamin C"
    assert min(image.convert("L").getdata()) < 60 < 200 < max(image.convert("L").getdata())  # ink on paper
    assert stage.read(MCQ, reply())[0].images[0].tobytes() == image.tobytes()
    assert stage.read(MCQ, reply(answer="A")) == Drop("wrong answer")
    assert isinstance(stage.read(MCQ, "B"), Nonsense)


def test_what_a_font_cannot_show_is_not_shown() -> None:
    [stage] = load("ocr")
    assert lacking("5 µg at 37 °C, β ≥ 2 → H₂O") == ""
    assert lacking("维 a 维生") == "维生"
    chinese = Example("c", "维生素", "x")
    assert stage.ask(chinese) == Drop("the font lacks characters", "3 of them; name one by font=FILE")
    with pytest.raises(BadInput, match="font none.ttf: cannot be read"):
        load("ocr", {"font": "none.ttf"})


@pytest.mark.parametrize("text", ["one two three four five six", "x" * 90, "a " + "y" * 50 + " b", ""])
def test_no_line_is_wider_than_the_page_and_no_letter_is_lost(text: str) -> None:
    face = load_font("", 18)
    found = wrapped(text, face, 120)
    assert all(face.getlength(line) <= 120 for line in found)
    assert "".join(found).replace(" ", "") == text.replace(" ", "")


PATIENT = Example("d1", "My knee hurts since Monday.", "Hi, I am Dr. Vane. You have gout. Take 50 mg of x twice daily.")
FINE = (
    "I am sorry about your knee. Pain that begins within a day may come from an injury, from crystals in the joint or"
    " from an infection; fever would make one think of the last. Please see a rheumatologist within a few days."
    " This is general information and no substitute for an examination by a doctor."
)


def test_a_rewritten_reply_is_what_follows_its_marker() -> None:
    [stage] = load("dialogue")
    [row] = stage.read(PATIENT, f"<think>[REWRITTEN] no</think>Here it is:\n[REWRITTEN]\n{FINE}\n")
    assert (row.id, row.question, row.answer) == ("d1", PATIENT.question, FINE)


REFUSED = {
    "the start marker is missing": FINE,
    "nothing after the start marker": "[REWRITTEN] ",
    "too short": "[REWRITTEN] See a doctor.",
    "a name or an address is left": f"[REWRITTEN] Dr. Vane here. {FINE}",
    "states a diagnosis": f"[REWRITTEN] You are suffering from gout. {FINE}",
    "prescribes": f"[REWRITTEN] Take it twice a day. {FINE}",
    "names no specialist": "[REWRITTEN] " + FINE.replace("a rheumatologist", "somebody"),
    "has no disclaimer": "[REWRITTEN] " + FINE.partition(" This is")[0],
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_reply_that_breaks_a_rule_goes(why: str) -> None:
    [stage] = load("dialogue")
    outcome = stage.read(PATIENT, REFUSED[why])
    assert isinstance(outcome, Drop)
    assert outcome.why == why
    assert isinstance(outcome, Nonsense) == ("marker" in why)


@pytest.mark.parametrize("said", ["Mail me at a@b.org.", "Visit www.site.com.", "Call +44 20 7946 0958.", "ChatDoctor"])
def test_addresses_are_found(said: str) -> None:
    [stage] = load("dialogue")
    outcome = stage.read(PATIENT, f"[REWRITTEN] {said} {FINE}")
    assert outcome == Drop("a name or an address is left")


CAPTIONED = Example("c1", "Describe the image.", "Ultrasound: a cyst in the left kidney.", kind="report")


def written(**changes) -> str:
    made = {"question": "Where does the cyst lie?", "answer": "left kidney", "wrong": ["liver", "spleen"]}
    return json.dumps({**made, **changes})


def test_a_question_is_written_about_image_and_caption() -> None:
    [stage] = load("self_instruct")
    row = Example("c1", "q", "A cyst.", kind="report", images=(Image.new("RGB", (8, 8)),))
    ask = stage.ask(row)
    assert [part["type"] for part in messages(ask)[-1]["content"]] == ["image_url", "text"]
    assert stage.ask(CAPTIONED) == Drop("no image")
    [new] = stage.read(CAPTIONED, written())
    assert (new.id, new.kind, new.question) == ("c1/vqa", "option", "Where does the cyst lie?")
    assert new.options[new.answer] == "left kidney"
    assert sorted(new.options.values()) == ["left kidney", "liver", "spleen"]
    assert new.meta["caption"] == CAPTIONED.answer
    places = Counter(
        stage.read(Example(f"c{i}", "q", "A cyst.", kind="report"), written())[0].answer for i in range(90)
    )
    assert min(places[letter] for letter in "ABC") > 15


WRITTEN_BADLY = {
    "mismatch": ('{"error": "mismatch: a knee"}', Drop("image and caption do not match")),
    "no JSON": ("a question", Nonsense("no JSON", "wanted an object with question, answer, wrong")),
    "no wrong": (written(wrong=[]), Nonsense("no wrong answers", "wanted a list of 1 to 3 texts")),
    "four wrong": (written(wrong=["a", "b", "c", "d"]), Nonsense("no wrong answers", "wanted a list of 1 to 3 texts")),
    "twice": (written(wrong=["liver", "Liver."]), Nonsense("no wrong answers", "wanted a list of 1 to 3 texts")),
    "a number": (written(wrong=["liver", 3]), Nonsense("no wrong answers", "wanted a list of 1 to 3 texts")),
    "right": (written(wrong=["Left kidney."]), Drop("a wrong answer is right")),
    "caption": (written(question="What does the caption name?"), Drop("the question refers to the caption")),
    "given away": (written(question="Is the left kidney ill?"), Drop("the question holds its answer")),
    "long": (written(answer="very " * 30), Drop("an answer is too long", "above 25 words")),
}


@pytest.mark.parametrize(("text", "outcome"), WRITTEN_BADLY.values(), ids=WRITTEN_BADLY)
def test_a_question_that_cannot_be_asked_says_why(text: str, outcome: Drop) -> None:
    [stage] = load("self_instruct")
    assert stage.read(CAPTIONED, text) == outcome


def test_the_same_question_is_asked_once() -> None:
    [stage] = load("self_instruct", {"k": 3})
    same, other = written(question="where does the cyst lie"), written(question="How large is it?")
    outcomes = [stage.read(CAPTIONED, text) for text in (written(), same, other)]
    joined = stage.join(CAPTIONED, outcomes)
    assert [(row.id, row.question) for row in joined] == [
        ("c1/vqa", "Where does the cyst lie?"),
        ("c1/vqa#2", "How large is it?"),
    ]
