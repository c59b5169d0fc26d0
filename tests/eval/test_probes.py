"""Probes change what they say they change, and nothing else."""

from dataclasses import replace

import pytest

from data import Example, open_images
from eval import probes
from eval.probes import Asked, no_options, shuffle
from recipes import BadInput

OPTIONS = {"A": "Right atrium", "B": "Left atrium", "C": "Right ventricle", "D": "Left ventricle"}
ITEM = Example("i", "Which chamber is enlarged?", "C", options=OPTIONS)


def probed(name: str, item: Example, others: tuple[Example, ...] = (), seed: int = 0, style: str = "think") -> Asked:
    return probes.probed(name, Asked(item, style), others, seed)


def picture(shade: int, size: tuple[int, int] = (30, 20)):
    from PIL import Image

    return Image.new("RGB", size, (shade, shade, shade))


def test_probes_are_the_files_of_the_folder_and_each_says_what_it_does() -> None:
    assert set(probes.names()) == {"blank", "swap", "shuffle", "no_options", "no_think", "paraphrase"}
    assert all(isinstance(probes.load(name).ABOUT, str) for name in probes.names())
    with pytest.raises(BadInput, match="no probe 'shufle'.*shuffle"):
        probes.load("shufle")


def test_without_a_probe_the_item_is_asked_as_it_is() -> None:
    asked = Asked(ITEM, "think")
    assert probes.probed(None, asked, (), 0) is asked


@pytest.mark.parametrize("name", ["blank", "swap", "shuffle", "no_options", "no_think", "paraphrase"])
def test_the_same_seed_gives_the_same_and_the_item_stays(name: str) -> None:
    item = replace(ITEM, images=("a.png",))
    others = tuple(replace(ITEM, id=f"o{i}", images=(f"{i}.png",)) for i in range(5))
    kept = (item.question, dict(item.options or {}), item.answer, item.images)
    first, again = (probed(name, item, others) for _ in "ab")
    assert (first.style, first.item.question, first.item.options) == (
        again.style,
        again.item.question,
        again.item.options,
    )
    assert (item.question, dict(item.options or {}), item.answer, item.images) == kept
    assert first.item.id == "i"


def test_blank_is_grey_of_the_same_size() -> None:
    item = replace(ITEM, images=(picture(200), picture(10, (7, 9))))
    seen = open_images(probed("blank", item).item)
    assert [image.size for image in seen] == [(30, 20), (7, 9)]
    assert all(image.getextrema() == ((127, 127),) * 3 for image in seen)
    assert not probes.load("blank").applies(ITEM)


def test_swap_takes_another_image_of_the_same_modality() -> None:
    item = replace(ITEM, images=("a.png",), modality="ct")
    same = replace(item, id="same", images=("a.png",))
    mr = replace(item, id="mr", images=("m.png",), modality="mr")
    ct = replace(item, id="ct", images=("c.png",))
    assert {probed("swap", item, (item, same, mr, ct), seed).item.images for seed in range(9)} == {("c.png",)}
    assert probed("swap", item, (item, same, mr)).item.images == ("m.png",)
    assert probed("swap", item, (item, same)).item.images == ("a.png",)


def test_shuffle_moves_the_gold_letter_with_its_text() -> None:
    seen = set()
    for seed in range(40):
        asked = probed("shuffle", ITEM, seed=seed).item
        assert asked.options is not None
        assert sorted(asked.options.values()) == sorted(OPTIONS.values())
        assert list(asked.options) == list(OPTIONS)
        assert asked.options[str(asked.answer)] == "Right ventricle"
        assert asked.options != OPTIONS
        seen.add(asked.answer)
    assert seen == set("ABCD")


@pytest.mark.parametrize(
    "anchor",
    ["None of the above", "All of the above", "none of these", "Neither", "Both", "NOTA", "以上都不是", "以上均对",
     "It cannot be determined from the image"],
)  # fmt: skip
def test_anchors_stay_where_they_are(anchor: str) -> None:
    item = replace(ITEM, options={**OPTIONS, "D": anchor})
    for seed in range(10):
        asked = probed("shuffle", item, seed=seed).item
        assert asked.options is not None
        assert asked.options["D"] == anchor
        assert asked.options[str(asked.answer)] == "Right ventricle"


@pytest.mark.parametrize("text", ["A and C", "both A and B", "1, 2", "A, B and C", "B or D", "A和C"])
def test_options_that_name_others_cannot_be_moved(text: str) -> None:
    assert not shuffle.applies(replace(ITEM, options={**OPTIONS, "D": text}))


@pytest.mark.parametrize("text", ["Vitamin A and zinc", "Hepatitis B", "Aspirin and clopidogrel", "5, 10-MTHF", "T1"])
def test_ordinary_options_can(text: str) -> None:
    assert shuffle.applies(replace(ITEM, options={**OPTIONS, "D": text}))


def test_shuffle_of_several_golds_moves_all() -> None:
    item = Example("m", "Which are chambers?", ["A", "C"], options=OPTIONS, kind="multi")
    asked = probed("shuffle", item).item
    assert asked.options is not None
    assert {asked.options[letter] for letter in asked.answer} == {"Right atrium", "Right ventricle"}


def test_options_taken_away_leave_a_question_and_its_answer_in_words() -> None:
    asked = probed("no_options", ITEM).item
    assert (asked.options, asked.answer, asked.kind) == (None, "Right ventricle", "text")
    number = replace(ITEM, options={"A": "3 mg", "B": "5 mg"}, answer="B")
    assert probed("no_options", number).item.kind == "numeric"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which of the following is enlarged?", "C"),
        ("All are right except", "C"),
        ("Which chamber is enlarged?", "D"),
    ],
)
def test_questions_that_need_their_options_keep_them(question: str, answer: str) -> None:
    options = {**OPTIONS, "D": "None of the above"}
    assert not no_options.applies(replace(ITEM, question=question, options=options, answer=answer))


def test_thinking_is_switched_off_by_the_style() -> None:
    assert [probed("no_think", ITEM, style=style).style for style in ("think", "reasoning", "paper")] == [
        "direct",
        "paper",
        "paper",
    ]


def test_a_paraphrase_keeps_the_question_whole() -> None:
    said = {probed("paraphrase", ITEM, seed=seed).item.question for seed in range(40)}
    assert len(said) == 4
    assert all(ITEM.question in text and text != ITEM.question for text in said)
    chinese = replace(ITEM, question="哪个心腔增大？", meta={"language": "zh"})
    assert not any(word in probed("paraphrase", chinese).item.question for word in ("question", "colleague", "Answer"))


def test_rng_is_the_items_own() -> None:
    letters = [probed("shuffle", replace(ITEM, id=f"i{i}")).item.answer for i in range(30)]
    assert len(set(letters)) == 4
