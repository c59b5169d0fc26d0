"""What a row shows: its reasoning, its answer alone, or a teacher's demonstration."""

import pytest

import data
from data import Example
from recipes import BadInput
from rewards import parse
from sft import lessons

TEACHER = "  teacher: {careful: 0.5, careful_right: 1.0, hasty_right: 0.3}\n"


def said(recipe, examples) -> list[str]:
    return [sample.texts()[-1] for sample in lessons.samples(recipe, examples)]


def test_demonstrations_follow_the_recipes_teacher_and_seed(load) -> None:
    examples = data.load("clinic", "train", n=200, families=["lab_range"])

    def careful(*swaps: str) -> list[bool]:
        texts = said(load(*swaps), examples)
        return [parse(text).thinking == e.meta["trace"] for text, e in zip(texts, examples, strict=True)]

    assert 0.35 < sum(careful()) / 200 < 0.65
    assert careful() == careful()
    assert careful() != careful("report_to: none", "report_to: none, seed: 1")
    assert sum(careful("careful: 0.5", "careful: 0.0")) == 0
    assert sum(careful(TEACHER, "")) == 200


def test_an_example_without_a_trace_stops_a_teacher(load) -> None:
    examples = [*data.load("clinic", "train", n=1), Example("bare", "Is it?", "yes")]
    with pytest.raises(BadInput, match="example bare has no reasoning trace to imitate"):
        lessons.samples(load(), examples)


def test_a_share_of_the_traces_is_shown_and_the_prompt_says_which(load) -> None:
    examples = data.load("clinic", "train", n=200, families=["lab_range"])
    recipe = load(TEACHER, "  thinking: 0.7\n", "prompt: plain", "prompt: think")
    thinks = 0
    for sample, example in zip(lessons.samples(recipe, examples), examples, strict=True):
        asked, text = sample.texts()
        shown = bool(parse(text).thinking)
        thinks += shown
        assert ("Reason in <think>" in asked) == shown
        assert ("without reasoning" in asked) != shown
        assert parse(text).answer == example.answer
    assert 0.6 < thinks / 200 < 0.8


@pytest.mark.parametrize(
    ("style", "wanted"),
    [("think", "<answer>left lung</answer>"), ("plain", "<answer>left lung</answer>"), ("paper", "left lung")]
    + [("reasoning", "\\boxed{left lung}")],
)
def test_without_a_trace_the_answer_stands_as_the_style_asks(load, style: str, wanted: str) -> None:
    recipe = load(TEACHER, "", "prompt: plain", f"prompt: {style}")
    assert said(recipe, [Example("a", "Where is it?", "left lung")]) == [wanted]


def test_turns_before_the_question_are_read_and_not_learnt(load) -> None:
    history = [{"role": "user", "content": "Hello."}, {"role": "assistant", "content": "Hello, what is it?"}]
    [sample] = lessons.samples(load(TEACHER, ""), [Example("a", "Is it flu?", "yes", meta={"history": history})])
    assert [turn["role"] for turn in sample.turns] == ["user", "assistant", "user", "assistant"]
    assert sample.learnt == (3,)
