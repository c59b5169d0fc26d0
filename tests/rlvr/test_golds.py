"""Golds are judged before step 0: what cannot be earned is dropped by name, and what is rewarded wrongly is refused."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import data
import rewards
from data import Example
from recipes import BadInput
from rlvr import golds

EXAMPLES = [
    *data.load("clinic", "train", n=6, families=["lab_range", "curb65", "lesion_side"]),
    Example("multi", "Which two?", ["A", "C"], options={"A": "x", "B": "y", "C": "z"}),
    Example("option", "Which one?", "B", options={"A": "left", "B": "right"}),
    Example("yes", "Is there an effusion?", "yes"),
    Example("report", "Describe it.", "clear lungs", kind="report"),
]
MINE = """
import time
from rewards import Response, Score, reward

@reward()
def letters_only(response: Response, answer: str | list[str]):
    "A grader that knows single letters, abstains on lists, and takes all else for wrong."
    return None if isinstance(answer, list) else Score(float(response.answer == answer and len(answer) == 1), why="so")

@reward()
def strict_form(response: Response, answer: str | list[str]):
    "A grader that wants the thinking, too."
    gold = answer if isinstance(answer, str) else ", ".join(answer)
    return float(response.answer == gold and bool(response.thinking) and not response.truncated)

@reward()
def generous(response: Response, answer: str | list[str]):
    "A grader that any answer pleases."
    return float(bool(response.answer))

@reward()
def broken(response: Response, answer: str | list[str]):
    raise OSError("no table of synonyms")

@reward()
def fails_on_wrong(response: Response, answer: str | list[str]):
    gold = answer if isinstance(answer, str) else ", ".join(answer)
    return 1.0 if response.answer == gold else 1.0 / 0

@reward()
async def judge(response: Response, answer: str | list[str]):
    "Asked by network, so to say."
    gold = answer if isinstance(answer, str) else ", ".join(answer)
    return float(response.answer == gold)

calls = []

@reward()
async def costly(response: Response, answer: str | list[str]):
    calls.append(1)
    return float(len(calls) > 1000)
"""


@pytest.fixture
def mine(tmp_path: Path):
    (tmp_path / "mine.py").write_text(MINE)
    return lambda name: rewards.load(f"./mine.py:{name}", tmp_path)


def ids(examples: Sequence[Example]) -> list[str]:
    return [example.id for example in examples]


def test_golds_that_earn_the_maximum_stay(load, capsys: pytest.CaptureFixture[str]) -> None:
    graded = [(rewards.load("answer_match"), 1.0), (rewards.load("format"), 0.5), (rewards.load("length"), 0.1)]
    assert golds.gradable(load(), graded, EXAMPLES) == EXAMPLES  # what is no grader is not asked
    assert capsys.readouterr().out == "answer_match cannot grade 1 of 10 examples (report)\n"


def test_golds_that_cannot_earn_it_are_dropped_by_name(load, mine, capsys: pytest.CaptureFixture[str]) -> None:
    graded = [(rewards.load("answer_match"), 1.0), (mine("letters_only"), 0.5)]
    kept = golds.gradable(load(), graded, EXAMPLES)
    assert kept == [e for e in EXAMPLES if isinstance(e.answer, list) or len(e.answer) == 1]
    dropped = [example for example in EXAMPLES if example not in kept]
    assert 3 < len(dropped) < len(EXAMPLES)
    assert capsys.readouterr().out.splitlines() == [
        "answer_match cannot grade 1 of 10 examples (report)",
        "letters_only cannot grade 1 of 10 examples (multi)",
        f"dropped: letters_only does not give its maximum to the gold of {len(dropped)} of 10 examples "
        f"({', '.join(ids(dropped)[:5])}{', ...' * (len(dropped) > 5)}); {dropped[0].answer!r} earns 0: so",
    ]


def test_only_the_first_process_says_so(
    load, mine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANK", "1")
    assert len(golds.gradable(load(), [(mine("letters_only"), 1.0)], EXAMPLES)) < len(EXAMPLES)
    assert capsys.readouterr().out == ""


def test_a_grader_without_weight_drops_nothing(load, mine) -> None:
    graded = [(rewards.load("answer_match"), 1.0), (mine("letters_only"), 0.0), (mine("broken"), 0.0)]
    assert golds.gradable(load(), graded, EXAMPLES) == EXAMPLES


def test_nothing_left_is_bad_input_with_the_place_and_the_reason(load, mine, tmp_path: Path) -> None:
    recipe = load("- {use: answer_match}", "- {use: answer_match}\n  - {use: ./mine.py:broken}")
    with pytest.raises(BadInput) as refused:
        golds.gradable(recipe, [(rewards.load("answer_match"), 1.0), (mine("broken"), 1.0)], EXAMPLES)
    named = ", ".join(ids(EXAMPLES)[:5])
    assert refused.value.problems == [
        f"{tmp_path}/r.yaml:8: rewards.1.use: broken does not give its maximum to the gold of 10 of 10 examples "
        f"({named}, ...); {EXAMPLES[0].answer!r}: OSError: no table of synonyms"
    ]


def test_a_judge_is_not_asked_about_every_row(load, mine) -> None:
    assert golds.gradable(load(), [(mine("costly"), 1.0)], EXAMPLES) == EXAMPLES


@pytest.fixture
def fair(load, processor: Any):
    """fair(reward, ...) -> what `refuse_unfair` says, [] if nothing."""
    ends = frozenset({processor.tokenizer.eos_token_id})

    def _fair(*graders: Any, owner: Any = processor, ends: frozenset[int] = ends) -> list[str]:
        try:
            golds.refuse_unfair(load(), [(grader, 1.0) for grader in graders], EXAMPLES, owner, ends)
        except BadInput as error:
            return error.problems
        return []

    return _fair


def test_fair_graders_pass_through_the_template(fair, mine) -> None:
    assert fair(rewards.load("answer_match"), rewards.load("format"), mine("strict_form"), mine("judge")) == []


def test_a_grader_that_any_answer_pleases_is_refused(fair, mine, tmp_path: Path) -> None:
    [line] = fair(mine("generous"))
    assert line.startswith(f"{tmp_path}/r.yaml:7: rewards.0.use: generous gives its maximum to a wrong answer")
    assert "10 of 10 examples" in line
    [line] = fair(mine("fails_on_wrong"))
    assert "ZeroDivisionError" in line


def test_a_judge_is_asked_about_a_few(fair, mine) -> None:
    [line] = fair(mine("costly"))
    assert (
        f"costly does not give its maximum to a right answer, written as the model would: 4 of {golds.ASKED} examples"
        in line
    )


def test_a_rollout_is_what_the_trainer_decodes(processor: Any) -> None:
    end = processor.tokenizer.eos_token_id
    said = golds.right_answer(rewards.load("answer_match"), EXAMPLES[0])
    text, found = golds.rollout(processor, "think", EXAMPLES[0], said, frozenset({end}))
    assert text == said
    assert found[-1] == end
    assert found.count(end) == 1
    assert processor.batch_decode([found], skip_special_tokens=True) == [text]


class Owner:
    """The tiny model's tokenizer under another chat template."""

    def __init__(self, processor: Any, template: str) -> None:
        import copy

        self.tokenizer = copy.deepcopy(processor.tokenizer)
        self.tokenizer.chat_template = template
        self.batch_decode = self.tokenizer.batch_decode


USER = "{% for m in messages if m.role == 'user' %}U: {{ m.content }}<|im_end|>{% endfor %}"
EATS = (  # past thinking is left out, and the prompt opens the next one: as DeepSeek-R1's template does
    USER
    + "{% for m in messages if m.role == 'assistant' %}A: {{ m.content.split('</think>')[-1] }}<|im_end|>{% endfor %}"
    "{% if add_generation_prompt %}A: <think>\n{% endif %}"
)
OPEN_END = USER + "A: {% for m in messages if m.role == 'assistant' %}{{ m.content }} (end){% endfor %}"


def test_a_template_that_opens_the_thinking_is_no_obstacle(fair, mine, processor: Any) -> None:
    owner = Owner(processor, EATS)
    said = golds.right_answer(rewards.load("answer_match"), EXAMPLES[0])
    text, _ = golds.rollout(owner, "think", EXAMPLES[0], said, frozenset({processor.tokenizer.eos_token_id}))
    assert text == said.removeprefix("<think>")
    assert fair(rewards.load("answer_match"), mine("strict_form"), owner=owner) == []


def test_a_template_whose_turn_ends_with_no_known_token_is_refused(fair, mine, processor: Any) -> None:
    """Every completion would count as cut off."""
    [line] = fair(mine("strict_form"), owner=Owner(processor, OPEN_END))
    assert "strict_form does not give its maximum to a right answer" in line
    assert "(end)" in line
    assert fair(mine("strict_form"), ends=frozenset())


def test_tags_that_decode_to_nothing_are_refused(fair, processor: Any) -> None:
    """As where somebody made them special tokens: they are skipped in every rollout."""
    owner = Owner(processor, processor.tokenizer.chat_template)
    owner.tokenizer.add_special_tokens({"additional_special_tokens": ["<answer>", "</answer>", "<think>", "</think>"]})
    [line] = fair(rewards.load("answer_match"), owner=owner)
    assert "'worked out" in line
