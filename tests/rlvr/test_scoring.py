"""Rewards over a batch, as the trainer asks for them: the same verdicts as alone, and every failure on its own row."""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import data
import rewards
from data import Example
from recipes import ROOT, BadInput
from recipes.schema import Runtime
from rlvr.scoring import Batch, Scoring

END = 7
EXAMPLES = [
    *data.load("clinic", "train", n=6, families=["lab_range", "curb65", "lesion_side"]),
    Example("multi", "Which two?", ["A", "C"], options={"A": "x", "B": "y", "C": "z"}),
    Example("option", "Which one?", "B", options={"A": "left", "B": "right"}),
    Example("report", "Describe it.", "clear lungs", kind="report"),
]
GOLD = [e.answer if isinstance(e.answer, str) else ", ".join(e.answer) for e in EXAMPLES]
MINE = """
import asyncio, time
from rewards import Response, Score, reward

@reward(low=-1.0, high=99.0)
def seen(response: Response):
    "What the reward is told of length and truncation, as one number."
    return Score(-1.0 if response.truncated else float(response.n_tokens or 0))

@reward()
def moody(response: Response, id: str):
    "Does what it is told."
    if response.text == "hang":
        time.sleep(600)
    if response.text == "raise":
        raise ValueError(f"no verdict on {id}")
    return None if response.text == "none" else 0.5

@reward()
async def judge(response: Response, answer, wait_s: float = 0.3):
    "Waits, and judges."
    await asyncio.sleep(600 if response.text == "hang" else wait_s)
    if response.text == "raise":
        raise ConnectionError("down")
    return Score(float(response.answer == answer), response.answer, "judge", "it says so")

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
    await asyncio.sleep(1)
    return [None if "none" in completion[0]["content"] else 1.0 for completion in completions]

def broken(completions, how="raise", **kwargs):
    if how == "raise":
        raise KeyError("nobody home")
    if how == "nap":
        time.sleep(1)
        return [1.0] * len(completions)
    odd = {"short": [1.0], "word": ["good"] * 3, "nothing": None, "infinite": [float("inf"), float("nan"), 1]}
    return odd[how]
"""


@pytest.fixture
def mine(tmp_path: Path):
    (tmp_path / "mine.py").write_text(MINE)

    def _mine(name: str, **knobs: Any) -> Any:
        found = rewards.load(f"./mine.py:{name}", tmp_path)
        return found.bind(**knobs) if knobs else found

    return _mine


def turn(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def scoring(*given: Any, **limits: Any) -> Scoring:
    return Scoring(given, EXAMPLES, frozenset({END, 8}), Runtime(**limits))


def batch(said: Sequence[Any], index: Sequence[int] | None = None, **more: Any) -> Batch:
    """As the trainer makes one, with all that TRL passes."""
    ids = more.pop("ids", [[1, 2, END]] * len(said))
    given = {
        "prompts": [[{"role": "user", "content": "?"}]] * len(said),
        "images": [[] for _ in said],
        "trainer_state": SimpleNamespace(global_step=3),
        "log_extra": lambda name, values: None,
        "log_metric": lambda name, value: None,
    }
    return Batch(said, ids, index or [0] * len(said), {**given, **more})


def values(outcomes: Sequence[Any]) -> list[Any]:
    return [outcome.failure or (outcome.score.value if outcome.score else None) for outcome in outcomes]


def test_the_trainer_gives_what_the_reward_gives() -> None:
    grader = rewards.load("answer_match")
    said = [f"<think>so</think><answer>{gold}</answer>" for gold in (*GOLD[:-1], *reversed(GOLD[:-1]))]
    index = [*range(len(EXAMPLES) - 1)] * 2
    alone = [grader(text, **EXAMPLES[i].columns()) for text, i in zip(said, index, strict=True)]
    judges = scoring(rewards.load("format"), grader)
    for completions in (said, [turn(text) for text in said]):  # prompts may be plain text or conversations
        form, found = judges.judge(batch(completions, index))
        assert [outcome.score for outcome in found] == alone
        assert values(form) == [1.0] * len(said)
    assert {score.value for score in alone[: len(GOLD) - 1] if score} == {1.0}
    assert 0.0 in {score.value for score in alone if score}


def test_what_cannot_be_graded_stays_none() -> None:
    report = len(EXAMPLES) - 1
    [found] = scoring(rewards.load("answer_match")).judge(batch(["<answer>clear lungs</answer>"] * 2, [report, 7]))
    assert values(found) == [None, 0.0]


@pytest.mark.parametrize(
    ("ids", "value"), [([5, 6, END], 3.0), ([END], 1.0), ([5, 6], -1.0), ([], -1.0), ([5, END, 6], -1.0), ([5, 8], 2.0)]
)
def test_length_and_truncation_come_from_the_token_ids(mine, ids: list[int], value: float) -> None:
    [found] = scoring(mine("seen")).judge(batch([turn("<answer>x</answer>")], ids=[ids]))
    assert values(found) == [value]


def test_an_answer_that_was_cut_off_earns_nothing() -> None:
    cut = turn(f"<think>so</think><answer>{GOLD[0]}")
    [found] = scoring(rewards.load("answer_match")).judge(batch([cut] * 2, ids=[[1, 2], [1, END]]))
    assert values(found) == [0.0, 1.0]


def test_every_verdict_is_handed_to_the_log(mine) -> None:
    logged: dict[str, list[Any]] = {}
    said = [f"<answer>{GOLD[7]}</answer>", "<answer>A</answer>", "raise"]
    judges = scoring(rewards.load("answer_match"), mine("moody"))
    judges.judge(batch([turn(text) for text in said], [7, 7, len(EXAMPLES) - 1], log_extra=logged.__setitem__))
    assert logged["answer_match/parsed"] == ["B", "A", None]
    assert all(logged["answer_match/why"][:2])
    assert logged["answer_match/why"][2] is None
    assert logged["moody/why"] == ["", "", "ValueError: no verdict on report"]


def test_a_failure_costs_one_verdict_and_is_told_once(mine, caplog: pytest.LogCaptureFixture) -> None:
    said = ["a", "hang", "none", "raise", "b", "raise"]
    start = time.monotonic()
    match, moody, judged = scoring(
        rewards.load("answer_match"), mine("moody"), mine("judge", wait_s=0.0), timeout_s=1.0, judge_timeout_s=1.0
    ).judge(batch(said, [0, 1, 2, 3, 4, 5]))
    assert time.monotonic() - start < 120
    assert values(match) == [0.0] * 6
    assert values(moody) == [0.5, "timeout", None, "error", 0.5, "error"]
    assert values(judged) == [0.0, "timeout", 0.0, "error", 0.0, "error"]
    first = EXAMPLES[1].id
    assert [record.getMessage() for record in caplog.records] == [
        f"moody failed on 3 of 6 completions; row {first}: no verdict within 1 s",
        f"judge failed on 3 of 6 completions; row {first}: no verdict within 1 s",
    ]


def test_judges_run_beside_one_another_and_beside_the_rest(mine) -> None:
    """Three things that take a second each, a row or a batch, and one that takes none."""
    judges = scoring(
        mine("judge", wait_s=1.0), mine("slow"), mine("broken", how="nap"), rewards.load("answer_match"), judges=64
    )
    judges.judge(batch([turn("a")]))
    start = time.monotonic()
    found = judges.judge(batch([turn("<answer>B</answer>")] * 64, [7] * 64))
    assert time.monotonic() - start < 2.9
    assert [values(outcomes) for outcomes in found] == [[1.0] * 64] * 4


def test_a_reward_put_aside_is_not_asked(mine, caplog: pytest.LogCaptureFixture) -> None:
    judges = scoring(mine("moody"), rewards.load("format"))
    judges.aside.add(0)
    moody, form = judges.judge(batch(["hang", "a"]))
    assert values(moody) == ["error", "error"]
    assert values(form) == [0.0, 0.0]
    assert not caplog.records


def test_a_reward_that_no_worker_can_load_is_bad_input(mine, tmp_path: Path) -> None:
    reward = mine("moody")
    (tmp_path / "mine.py").write_text("import no_such_module")
    with pytest.raises(BadInput, match=r"mine\.py: cannot be imported"):
        scoring(reward).judge(batch(["a"]))


def test_a_function_written_for_trl_sees_the_whole_batch(mine) -> None:
    said = [turn("a"), turn("a"), turn("b"), turn("c")]
    [found] = scoring(mine("spread")).judge(batch(said, ids=[[1], [1], [1], [1, 2]]))
    assert values(found) == [10.75, 10.75, 10.75, 20.75]


def test_a_function_written_for_trl_gets_what_trl_passes(mine) -> None:
    metrics: dict[str, float] = {}
    [found] = scoring(mine("at_step")).judge(batch([turn("a")] * 2, log_metric=metrics.__setitem__))
    assert values(found) == [3.5, 3.5]
    assert metrics == {"mine": 4.0}
    [found] = scoring(mine("at_step", bonus=2.0)).judge(batch([turn("a")]))
    assert values(found) == [5.0]


def test_a_function_written_for_trl_finds_the_examples_columns(mine) -> None:
    """Options and list answers included, which a row of the data set could not hold unchanged."""
    rows = [EXAMPLES[i].columns() for i in (0, 6, 7)]
    said = [turn(str((row["answer"], row["options"], row["kind"], row.get("family")))) for row in rows]
    [found] = scoring(mine("same")).judge(batch(said, [0, 6, 7]))
    assert values(found) == [1.0, 1.0, 1.0]


def test_an_asynchronous_function_is_awaited(mine) -> None:
    [found] = scoring(mine("slow")).judge(batch([turn("none"), turn("a")]))
    assert values(found) == [None, 1.0]


@pytest.mark.parametrize(
    ("how", "expected", "why"),
    [
        ("raise", ["error"] * 3, "KeyError: 'nobody home'"),
        ("short", ["error"] * 3, "reward broken: returned 1 values for 3 completions"),
        ("word", ["error"] * 3, "returned ['good', 'good', 'good'], wanted a list of numbers or None"),
        ("nothing", ["error"] * 3, "returned None, wanted a list"),
        ("infinite", ["error", None, 1.0], "reward broken: returned an infinite number"),
    ],
)
def test_what_a_function_written_for_trl_does_wrong_is_caught(mine, how: str, expected: list, why: str) -> None:
    found, form = scoring(mine("broken", how=how), rewards.load("format")).judge(batch([turn("a")] * 3))
    assert values(found) == expected
    assert why in found[0].why
    assert values(form) == [0.0] * 3


def test_an_asynchronous_function_has_a_limit_too(mine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rewards.running.loop.GRACE_S", 0.05)
    [found] = scoring(mine("slow"), judge_timeout_s=0.1).judge(batch([turn("a")] * 2))
    assert values(found) == ["timeout"] * 2


def test_ctrl_c_does_not_wait_for_what_hangs(mine, tmp_path: Path) -> None:
    mine("moody")
    script = f"""
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
import rewards
from data import Example
from recipes.schema import Runtime
from rlvr.scoring import Batch, Scoring
moody = rewards.load({str(tmp_path / "mine.py:moody")!r})
judges = Scoring([moody], [Example("x", "?", "y")], frozenset(), Runtime(timeout_s=100.0))
judges.judge(Batch(["a"], [[1]], [0], {{}}))
print("ready", flush=True)
judges.judge(Batch(["hang"] * 40, [[1]] * 40, [0] * 40, {{}}))
"""
    running = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout
    assert running.stdout.readline() == "ready\n"
    time.sleep(0.3)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert running.returncode == -signal.SIGINT, said
