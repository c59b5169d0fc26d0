"""Our rewards as TRL calls them: the same verdict as alone, with length and truncation seen right."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import data
import rewards
from data import Example
from recipes import BadInput
from rewards import Response, Score, parse, reward
from rlvr import rewarding
from rlvr.rewarding import TrainerReward

END = 7
EXAMPLES = [
    *data.load("clinic", "train", n=6, families=["lab_range", "curb65", "lesion_side"]),
    Example("multi", "Which two?", ["A", "C"], options={"A": "x", "B": "y", "C": "z"}),
    Example("option", "Which one?", "B", options={"A": "left", "B": "right"}),
    Example("report", "Describe it.", "clear lungs", kind="report"),
]
GOLD = [e.answer if isinstance(e.answer, str) else ", ".join(e.answer) for e in EXAMPLES]


def turn(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def call(function: TrainerReward, completions: Sequence[Any], index: Sequence[int], **more: Any) -> list[float | None]:
    """As TRL's GRPOTrainer calls it, with all that it passes."""
    ids = more.pop("completion_ids", [[1, 2, END]] * len(completions))
    given: dict[str, Any] = {
        "prompts": [[{"role": "user", "content": "?"}]] * len(completions),
        "completions": completions,
        "completion_ids": ids,
        "index": index,
        "images": [[] for _ in index],
        "trainer_state": SimpleNamespace(global_step=3),
        "log_extra": lambda name, values: None,
        "log_metric": lambda name, value: None,
    }
    return function(**{**given, **more})


def test_the_trainer_gives_what_the_reward_gives() -> None:
    grader = rewards.load("answer_match")
    function = TrainerReward(grader, EXAMPLES, frozenset({END}))
    said = [f"<think>so</think><answer>{gold}</answer>" for gold in (*GOLD[:-1], *reversed(GOLD[:-1]))]
    index = [*range(len(EXAMPLES) - 1)] * 2
    alone = [grader(text, **EXAMPLES[i].columns()).value for text, i in zip(said, index, strict=True)]
    assert call(function, [turn(text) for text in said], index) == alone
    assert call(function, said, index) == alone  # plain text, where prompts are not conversations
    assert set(alone[: len(GOLD) - 1]) == {1.0}
    assert 0.0 in alone
    assert function.__name__ == "answer_match"


def test_the_index_finds_the_example_in_any_order() -> None:
    function = TrainerReward(rewards.load("answer_match"), EXAMPLES, frozenset({END}))
    for i in (5, 0, 7, 6, 3):
        [right] = call(function, [turn(f"<answer>{GOLD[i]}</answer>")], [i])
        assert right == 1.0, EXAMPLES[i].id


def test_what_cannot_be_graded_stays_none() -> None:
    function = TrainerReward(rewards.load("answer_match"), EXAMPLES, frozenset({END}))
    report = len(EXAMPLES) - 1
    assert call(function, [turn("<answer>clear lungs</answer>")] * 2, [report, 7]) == [None, 0.0]


@reward(low=-1.0, high=99.0)
def seen(response: Response) -> Score:
    """What the reward is told of length and truncation, as one number."""
    return Score(-1.0 if response.truncated else float(response.n_tokens or 0))


@pytest.mark.parametrize(
    ("ids", "value"), [([5, 6, END], 3.0), ([END], 1.0), ([5, 6], -1.0), ([], -1.0), ([5, END, 6], -1.0), ([5, 8], 2.0)]
)
def test_length_and_truncation_come_from_the_token_ids(ids: list[int], value: float) -> None:
    function = TrainerReward(seen, EXAMPLES, frozenset({END, 8}))
    assert call(function, [turn("<answer>x</answer>")], [0], completion_ids=[ids]) == [value]


def test_an_answer_that_was_cut_off_earns_nothing() -> None:
    function = TrainerReward(rewards.load("answer_match"), EXAMPLES, frozenset({END}))
    cut = turn(f"<think>so</think><answer>{GOLD[0]}")
    assert call(function, [cut] * 2, [0, 0], completion_ids=[[1, 2], [1, END]]) == [0.0, 1.0]


def test_every_verdict_is_handed_to_the_log() -> None:
    logged: dict[str, list[Any]] = {}
    function = TrainerReward(rewards.load("answer_match"), EXAMPLES, frozenset({END}))
    completions = [turn(f"<answer>{GOLD[7]}</answer>"), turn("<answer>A</answer>"), turn("<answer>x</answer>")]
    call(function, completions, [7, 7, len(EXAMPLES) - 1], log_extra=logged.__setitem__)
    assert logged["answer_match/parsed"] == ["B", "A", None]
    assert len(logged["answer_match/why"]) == 3
    assert logged["answer_match/why"][2] is None
    assert all(logged["answer_match/why"][:2])


MINE = """
def spread(completions, completion_ids, **kwargs):
    texts = [completion[0]["content"] for completion in completions]
    return [len(set(texts)) / len(texts) + 10 * len(ids) for ids in completion_ids]

def at_step(prompts, completions, trainer_state, log_metric, bonus=0.5):
    log_metric("mine", 4.0)
    return [trainer_state.global_step + bonus if prompt[0]["role"] == "user" else None for prompt in prompts]

def same(completions, answer, options, kind, family=None):
    pairs = zip(completions, answer, options, kind, family, strict=True)
    return [float(completion[0]["content"] == str((a, o, k, f))) for completion, a, o, k, f in pairs]

async def slow(completions, **kwargs):
    return [None if "none" in completion[0]["content"] else 1.0 for completion in completions]
"""


def written_for_trl(tmp_path: Path, name: str, **knobs: Any) -> TrainerReward:
    (tmp_path / "mine.py").write_text(MINE)
    found = rewards.load(f"./mine.py:{name}", tmp_path)
    return TrainerReward(found.bind(**knobs) if knobs else found, EXAMPLES, frozenset({END}))


def test_a_function_written_for_trl_sees_the_whole_batch(tmp_path: Path) -> None:
    function = written_for_trl(tmp_path, "spread")
    said = [turn("a"), turn("a"), turn("b"), turn("c")]
    found = call(function, said, [0] * 4, completion_ids=[[1], [1], [1], [1, 2]])
    assert found == [10.75, 10.75, 10.75, 20.75]
    assert function.__name__ == "spread"


def test_a_function_written_for_trl_gets_what_trl_passes(tmp_path: Path) -> None:
    metrics: dict[str, float] = {}
    function = written_for_trl(tmp_path, "at_step")
    assert call(function, [turn("a")] * 2, [0, 1], log_metric=metrics.__setitem__) == [3.5, 3.5]
    assert metrics == {"mine": 4.0}
    assert call(written_for_trl(tmp_path, "at_step", bonus=2.0), [turn("a")], [0]) == [5.0]


def test_a_function_written_for_trl_finds_the_examples_columns(tmp_path: Path) -> None:
    """Options and list answers included, which a row of the data set could not hold unchanged."""
    rows = [EXAMPLES[i].columns() for i in (0, 6, 7)]
    said = [turn(str((row["answer"], row["options"], row["kind"], row.get("family")))) for row in rows]
    assert call(written_for_trl(tmp_path, "same"), said, [0, 6, 7]) == [1.0, 1.0, 1.0]


def test_an_asynchronous_function_is_awaited(tmp_path: Path) -> None:
    assert call(written_for_trl(tmp_path, "slow"), [turn("none"), turn("a")], [0, 1]) == [None, 1.0]


def test_rewards_come_with_their_knobs_and_weights(load, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MINE)
    swap = "- {use: ./mine.py:at_step, bonus: 1.5, weight: 0.25}\n  - {use: length, max_tokens: 2, slack: 0}"
    (step, weight), (length, one) = rewarding.load_rewards(load("- {use: answer_match}", swap))
    assert (step.name, weight, step.bound) == ("at_step", 0.25, {"bonus": 1.5})
    assert (length.name, one) == ("length", 1.0)
    assert length(parse("a", n_tokens=3)).value == -1.0


@pytest.mark.parametrize(
    ("use", "said"),
    [
        ("{use: answer_mach}", "did you mean answer_match?"),
        ("{use: answer_match, toleranc: 1}", "did you mean tolerance?"),
        ("{use: ./lost.py:mine}", "lost.py"),
        ("{use: length, max_tokens: many}", "max_tokens must be int"),
    ],
)
def test_what_is_no_reward_is_named_with_its_place(load, tmp_path: Path, use: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        rewarding.load_rewards(load("{use: answer_match}", use))
    [line] = refused.value.problems
    assert line.startswith(f"{tmp_path}/r.yaml:7: rewards.0: ")
    assert said in line


def test_gold_that_earns_the_maximum_passes(load) -> None:
    graders = [rewards.load("answer_match"), rewards.load("format"), rewards.load("length").bind(max_tokens=1)]
    rewarding.gold_earns_the_maximum(load(), graders, EXAMPLES)  # what is None, or no grader, is not judged


@reward(low=0.0, high=1.0)
def letters_only(response: Response, answer: str | list[str]) -> float | None:
    """A grader that knows single letters, abstains on lists, and takes all else for wrong."""
    return None if isinstance(answer, list) else float(response.answer == answer and len(answer) == 1)


def test_a_grader_that_refuses_its_own_gold_stops_the_run(load, tmp_path: Path) -> None:
    recipe = load("- {use: answer_match}", "- {use: answer_match}\n  - {use: ./mine.py:letters_only}")
    with pytest.raises(BadInput) as refused:
        rewarding.gold_earns_the_maximum(recipe, [rewards.load("answer_match"), letters_only], EXAMPLES)
    refusals = [e for e in EXAMPLES if isinstance(e.answer, str) and len(e.answer) > 1]
    assert refused.value.problems == [
        f"{tmp_path}/r.yaml:8: rewards.1.use: letters_only does not give {len(refusals)} of {len(EXAMPLES)} gold "
        f"answers its maximum, such as {refusals[0].answer!r} of {refusals[0].id}; use a reward that fits kind "
        f"{refusals[0].kind}, or leave those out"
    ]
