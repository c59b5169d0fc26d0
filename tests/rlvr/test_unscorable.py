"""Completions that cannot be compared have no part in TRL's own arithmetic: advantage 0, in no mean and no spread."""

import json
import math
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

import data
import rewards
from recipes import BadInput
from recipes.schema import Runtime
from rewards.running import Outcome
from rlvr import health
from rlvr.health import Breaker, comparable

MINE = """
import time
from rewards import Response, Score, reward

def obey(word):
    if word == "raise":
        raise ValueError("as told")
    if word == "hang":
        time.sleep(600)
    return None if word == "none" else float(word)

@reward(low=0.0, high=9.0)
def first(response: Response):
    return obey(response.text.split()[0])

@reward(low=0.0, high=9.0)
def second(response: Response):
    return obey(response.text.split()[1])

@reward(low=0.0, high=9.0)
def watch(response: Response):
    return obey(response.text.split()[2])
"""
NAMES = ["first", "second", "watch"]
WEIGHTS = [1.0, 0.5, 0.0]
GROUP = 4
# What the three rewards do on each completion, a group a line; in brackets: what is not to be compared.
BATCHES = {
    "one row of a group": [
        ["1 0 0", "0 0 0", "(raise 2 0)", "0 2 0"],
        ["1 0 0", "(0 raise 0)", "0 1 0", "3 0 0"],
        ["1 0 0", "2 0 0", "3 0 0", "4 0 0"],
    ],
    "the clock": [
        ["1 0 0", "0 0 0", "(hang 2 0)", "0 2 0"],
        ["1 0 0", "0 4 0", "0 1 0", "(3 hang 0)"],
        ["5 0 0", "5 0 0", "5 0 0", "5 0 0"],
    ],
    "several, and all but one": [
        ["1 0 0", "(raise 0 0)", "(raise raise 0)", "0 2 0"],
        ["1 0 0", "(0 raise 0)", "(raise 1 0)", "(3 raise 0)"],
        ["1 0 0", "2 0 0", "3 0 0", "4 0 0"],
    ],
    "a whole group": [
        ["(raise 0 0)", "(raise 0 0)", "(raise 0 0)", "(raise 0 0)"],
        ["1 0 0", "0 0 0", "0 1 0", "3 0 0"],
        ["1 0 0", "2 0 0", "3 0 0", "4 0 0"],
    ],
    "everything": [["(raise 0 0)"] * 4, ["(none none 1)"] * 4, ["(0 raise 0)"] * 4],
    "a reward without weight": [
        ["1 0 raise", "0 0 none", "1 0 7", "0 2 hang"],
        ["1 0 0", "0 0 0", "0 1 0", "(raise 0 1)"],
        ["(none none 3)", "2 0 0", "3 0 0", "4 0 0"],
    ],
    "None for a whole group: the others decide": [
        ["none 1 0", "none 2 0", "none 1 0", "none 0 0"],
        ["0 none 0", "1 none 0", "3 none 0", "3 none 0"],
        ["1 0 0", "2 0 0", "3 0 0", "4 0 0"],
    ],
    "None for some of a group: they are left out": [
        ["(none 1 0)", "1 2 0", "0 1 0", "0 0 0"],
        ["0 0 0", "(1 none 0)", "(3 none 0)", "3 3 0"],
        ["(none 1 0)", "(none 1 0)", "(none 1 0)", "4 0 0"],
    ],
    "None beside a failure: what failed is no measure of what could be graded": [
        ["(raise 1 0)", "1 none 0", "2 none 0", "3 none 0"],
        ["(none 1 0)", "(1 none 0)", "(none 2 0)", "(2 none 0)"],
        ["1 0 0", "2 0 0", "3 0 0", "4 0 0"],
    ],
}


def weighted(text: str) -> float | None:
    """The sum that counts, None for a completion in brackets."""
    if text.startswith("("):
        return None
    return sum(w * float(word) for w, word in zip(WEIGHTS, text.split(), strict=True) if w and word != "none")


def expected(groups: list[list[str]], scale: str) -> list[float]:
    """GRPO's advantages, worked out from the completions that count and nothing else."""
    everything = [value for group in groups for text in group if (value := weighted(text)) is not None]
    found = []
    for group in groups:
        mine = [value for text in group if (value := weighted(text)) is not None]
        over = mine if scale == "group" else everything
        spread = statistics.stdev(over) + 1e-4 if scale != "none" and len(over) > 1 else 1.0
        sums = map(weighted, group)
        found += [0.0 if value is None or len(mine) < 2 else (value - statistics.mean(mine)) / spread for value in sums]
    return found


def written(text: str) -> str:
    return text.strip("()")


@pytest.fixture(scope="module")
def trainer(checkpoint: Path, processor: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The real trainer on the tiny model, three prompts of four completions; what they say is put into its mouth."""
    from trl.trainer.grpo_config import GRPOConfig

    from rlvr.rows import training_rows
    from rlvr.scoring import Scoring
    from rlvr.trainer import MedGRPOTrainer
    from sft.machine import on_this_device
    from sft.models import load_model

    folder = tmp_path_factory.mktemp("unscorable")
    (folder / "mine.py").write_text(MINE)
    examples = data.load("clinic", "train", n=3, families=["lab_range"])
    settings = {
        "per_device_train_batch_size": 12,
        "num_generations": GROUP,
        "use_vllm": False,
        "reward_weights": WEIGHTS,
        "report_to": "none",
        "max_completion_length": 16,
        "bf16": False,
    }
    graders = [rewards.load(f"./mine.py:{name}", folder) for name in NAMES]
    limits = Runtime(timeout_s=1.0, max_error_rate=1.0)
    return MedGRPOTrainer(
        load_model(str(checkpoint)),
        scoring=Scoring(graders, examples, frozenset({processor.tokenizer.eos_token_id}), limits),
        args=GRPOConfig(output_dir=str(folder), **on_this_device(settings)),
        train_dataset=training_rows(examples, "plain", with_images=False),
        processing_class=processor,
    )


def step(
    trainer: Any, groups: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> tuple[list[float], dict[str, float]]:
    """(advantages, what was logged) of one real rollout whose completions say what the groups tell."""
    tokenizer = trainer.processing_class.tokenizer
    said = [written(text) for group in groups for text in group]
    ids = [tokenizer(text)["input_ids"] + [tokenizer.eos_token_id] for text in said]
    monkeypatch.setattr(trainer, "_generate_single_turn", lambda *_: (ids, None))
    trainer.model.train()
    trainer._metrics["train"].clear()
    rows = [row for row in trainer.train_dataset for _ in range(GROUP)]
    out = trainer._generate_and_score_completions(rows)
    return out["advantages"].tolist(), {name: values[-1] for name, values in trainer._metrics["train"].items()}


@pytest.mark.parametrize("scale", ["group", "batch", "none"])
@pytest.mark.parametrize("name", BATCHES)
def test_what_cannot_be_compared_moves_nothing(
    trainer: Any, name: str, scale: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = BATCHES[name]
    monkeypatch.setattr(trainer, "scale_rewards", scale)
    found, logged = step(trainer, groups, monkeypatch)
    assert found == pytest.approx(expected(groups, scale), abs=2e-4)
    flat = [text for group in groups for text in group]
    for text, advantage in zip(flat, found, strict=True):
        assert advantage == 0.0 or not text.startswith("(")
    sums = [value for text in flat if (value := weighted(text)) is not None]
    assert logged["reward"] == pytest.approx(statistics.mean(sums) if sums else math.nan, nan_ok=True)
    assert logged["reward_health/unscorable_rate"] == pytest.approx(sum(t.startswith("(") for t in flat) / 12)


@pytest.mark.parametrize("name", ["one row of a group", "several, and all but one", "everything"])
def test_nor_where_each_reward_is_normalised_first(trainer: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With TRL's `normalize_then_sum`: the same advantages as with the rows' places taken by nothing at all."""
    groups = BATCHES[name]
    monkeypatch.setattr(trainer, "multi_objective_aggregation", "normalize_then_sum")
    found, _ = step(trainer, groups, monkeypatch)
    changed = [["(raise raise 0)" if text.startswith("(") else text for text in group] for group in groups]
    again, _ = step(trainer, changed, monkeypatch)
    assert found == again
    flat = [text for group in groups for text in group]
    assert all(advantage == 0.0 for text, advantage in zip(flat, found, strict=True) if text.startswith("("))
    assert any(found) == (name != "everything")


def test_what_a_row_would_have_earned_changes_nothing(trainer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """TRL alone would count the other reward of a row whose grader broke: here 9 of 9 points, or none."""
    groups = BATCHES["one row of a group"]
    low = [[text.replace("(raise 2", "(raise 0") for text in group] for group in groups]
    high = [[text.replace("(raise 2", "(raise 9") for text in group] for group in groups]
    assert step(trainer, low, monkeypatch)[0] == step(trainer, high, monkeypatch)[0]


def test_the_health_of_each_reward_is_logged(trainer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    groups = [
        ["1 0 0", "raise 0 0", "hang 2 none", "0 2 raise"],
        ["none 0 1"] * 4,
        ["1 0 0", "2 0 0", "3 0 0", "4 0 0"],
    ]
    _, logged = step(trainer, groups, monkeypatch)
    rates = {name: [logged[f"reward_health/{name}/{rate}_rate"] * 12 for rate in health.RATES] for name in NAMES}
    assert rates["first"] == pytest.approx([0, 4, 1, 1])  # unparsed, none, error, timeout
    assert rates["second"] == pytest.approx([0, 0, 0, 0])
    assert rates["watch"] == pytest.approx([0, 1, 1, 0])
    assert logged["reward_health/first/p99_ms"] > 500 > logged["reward_health/first/p50_ms"] > 0
    assert logged["rewards/first/p10"] == pytest.approx(0.5)  # of 1, 0, 1, 2, 3, 4
    assert logged["rewards/first/p90"] == pytest.approx(3.5)
    assert logged["rewards/first/mean"] == pytest.approx(11 / 6)
    assert logged["time/reward"] > 1.0


def test_the_table_of_completions_tells_why(trainer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    step(trainer, BATCHES["one row of a group"], monkeypatch)
    assert list(trainer._logs["extra"]["first/why"])[:4] == ["", "", "ValueError: as told", ""]


def trained(trainer: Any, said: list[str], monkeypatch: pytest.MonkeyPatch) -> dict[str, torch.Tensor]:
    """The weights after two real steps, loss and update included, from the same start."""
    tokenizer = trainer.processing_class.tokenizer
    ids = [tokenizer(text)["input_ids"] + [tokenizer.eos_token_id] for text in said]
    monkeypatch.setattr(trainer, "_generate_single_turn", lambda *_: (ids, None))
    start = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    trainer.optimizer = trainer.lr_scheduler = None
    trainer._metrics["train"].clear()
    trainer.train()
    after = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    trainer.model.load_state_dict(start)
    return after


def distance(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> float:
    return max((one[name] - other[name]).abs().max().item() for name in one)


def test_the_policy_learns_as_if_the_row_had_said_anything_else(trainer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"max_steps": 2, "learning_rate": 1e-3, "save_strategy": "no", "logging_steps": 1}
    for name, value in settings.items():
        monkeypatch.setattr(trainer.args, name, value)
    rest = ["9 0 0", "0 0 0", "0 0 0"]
    one = trained(trainer, ["raise 9 0", *rest] * 3, monkeypatch)
    lines = [line for line in trainer.state.log_history if "loss" in line]
    other = trained(trainer, ["raise 1 7", *rest] * 3, monkeypatch)
    scored = trained(trainer, ["1 1 1 7 7", *rest] * 3, monkeypatch)
    assert distance(one, trainer.model.state_dict()) > 1e-3
    assert distance(one, other) < 2e-5  # Adam makes much of the last bits of gradients near 0
    assert distance(one, scored) > 2e-4
    for line in lines:
        assert math.isfinite(line["loss"])
        assert line["reward_health/first/error_rate"] == pytest.approx(0.25)
        assert line["reward"] == pytest.approx(3.0)


def test_a_cap_takes_from_the_sum_and_is_logged_as_what_it_is(trainer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The third reward as a cap of strength 0.8; where it is None, there is nothing to take."""
    weights = torch.tensor([1.0, 0.5, 0.8])
    monkeypatch.setattr(trainer, "_caps", [False, False, True])
    monkeypatch.setattr(trainer, "_weights", weights)
    monkeypatch.setattr(trainer, "reward_weights", torch.tensor([1.0, 0.5, 0.0, 1.0]))
    monkeypatch.setattr(trainer, "reward_func_names", [*NAMES, "caps"])
    groups = [
        ["1 2 1", "1 2 0", "1 2 none", "(1 2 raise)"],
        ["none 2 0.5", "none 2 1", "none 1 1", "none 0 0"],
        ["(none none 0)", "3 none 0", "3 1 1", "(none 1 1)"],
    ]
    groups[2][1] = "(3 none 0)"
    found, logged = step(trainer, groups, monkeypatch)
    sums: list[float | None] = [2, 0.4, 2, None, 0.6, 1, 0.5, 0, None, None, 3.5, None]
    for place in range(0, 12, 4):
        mine = [value for value in sums[place : place + 4] if value is not None]
        for value, advantage in zip(sums[place : place + 4], found[place : place + 4], strict=True):
            if value is None or len(mine) == 1:
                assert advantage == 0.0
            else:
                spread = statistics.stdev(mine) + 1e-4
                assert advantage == pytest.approx((value - statistics.mean(mine)) / spread, abs=2e-4)
    kept = [value for value in sums if value is not None]
    assert logged["reward"] == pytest.approx(statistics.mean(kept))
    assert logged["rewards/watch/mean"] == pytest.approx(statistics.mean([1, 0, 0.5, 1, 1, 0, 1]))
    assert logged["rewards/caps/mean"] == pytest.approx((-1.6 - 0.4) / 8)


def test_caps_make_the_total_that_rewards_define() -> None:
    values = [[1.0, 0.5, 0.3, 0.9], [-2.0, 0.5, 0.0, 1.0], [1.0, math.nan, math.nan, 0.5], [math.nan] * 4]
    weights, caps = [1.0, 0.2, 0.7, 1.0], [False, False, True, True]
    taken = health.taken_by_caps(torch.tensor(values), torch.tensor(weights), caps)[:, 0].tolist()
    for row, points in zip(values[:3], taken[:3], strict=True):
        alone = sum(w * v for w, v, cap in zip(weights, row, caps, strict=True) if not cap and not math.isnan(v))
        assert alone + points == pytest.approx(rewards.total(row, weights, caps))
        assert points <= 0
    assert math.isnan(taken[3])


def test_too_many_failures_stop_the_run_in_one_line(trainer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[int] = []
    monkeypatch.setattr(trainer, "_save_checkpoint", lambda model, trial: saved.append(trainer.state.global_step))
    monkeypatch.setattr(trainer, "_breaker", Breaker(3, window=24, patience=3))
    monkeypatch.setattr(trainer.scoring, "runtime", Runtime(timeout_s=1.0, max_error_rate=0.1, window=24))
    groups = [["1 0 0", "raise 0 0", "0 0 0", "0 2 0"], *[["1 0 0", "2 0 0", "3 0 0", "4 0 0"]] * 2]
    trainer.state.global_step = 7
    step(trainer, groups, monkeypatch)
    step(trainer, groups, monkeypatch)
    step(trainer, groups, monkeypatch)  # 2 of the last 24
    groups[1] = ["1 0 0", "2 0 0", "3 0 0", "raise 0 0"]
    with pytest.raises(BadInput) as stopped:
        step(trainer, groups, monkeypatch)
    assert stopped.value.problems == [
        "reward first failed on 3 of its last 24 completions, more than runtime.max_error_rate (0.1 of 24) allows; "
        "one of them: ValueError: as told; mend it and continue with --resume: the weights after step 7 are saved"
    ]
    assert saved == [7]
    trainer.state.global_step = 0
    with pytest.raises(BadInput, match="mend it and start again"):
        step(trainer, groups, monkeypatch)
    assert saved == [7]


def test_a_reward_without_weight_is_put_aside_instead(
    trainer: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(trainer, "_breaker", Breaker(3, window=12, patience=2))
    monkeypatch.setattr(trainer.scoring, "aside", set())
    groups = [["1 0 raise", "2 0 raise", "0 0 0", "0 2 0"], *[["1 0 0", "2 0 0", "3 0 0", "4 0 0"]] * 2]
    before, _ = step(trainer, groups, monkeypatch)
    assert trainer.scoring.aside == {2}
    assert "its weight is 0: it is no longer asked" in caplog.text
    caplog.clear()
    after, logged = step(trainer, groups, monkeypatch)
    assert after == before
    assert logged["reward_health/watch/error_rate"] == 1.0
    assert not caplog.records


def test_the_window_slides() -> None:
    breaker = Breaker(2, window=4, patience=3)
    bad, good = torch.tensor([[True, False]]), torch.tensor([[False, False]])
    assert [breaker.note(rows) for rows in (bad, bad, good, good, bad, good, bad)] == [[]] * 7
    assert breaker.note(bad) == [(0, "3 of its last 4")]


def test_any_failure_is_too_many_where_none_is_allowed() -> None:
    assert Runtime(max_error_rate=0.0).patience == 1
    assert Runtime().patience == 26
    assert Breaker(1, 256, 1).note(torch.tensor([[True], [False]])) == [(0, "1 of its last 2")]


def test_groups_are_whole_when_processes_share_them() -> None:
    """The rows of two processes, gathered: a reward that graded the first half of a group counts for the second."""
    scores = [[1.0], [2.0], [None], [4.0], [None], [None], [None], [None]]
    outcomes = [[Outcome(None if value is None else rewards.Score(value)) for [value] in scores]]
    half = health.table([outcomes[0][:4]]), health.table([outcomes[0][4:]])
    found = comparable(torch.cat(half), torch.tensor([1.0]), [False], group=8)
    assert torch.cat(half).shape == (8, 1, 3)
    assert found[:, 0].isnan().tolist() == [value is None for [value] in scores]


@pytest.mark.slow
def test_two_processes_agree_on_what_counts(checkpoint: Path, tmp_path: Path) -> None:
    """Groups of four over two processes: a failure on the second is seen by the first, and both stop together."""
    (tmp_path / "mine.py").write_text(MINE)
    script = Path(__file__).with_name("two_processes.py")
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    done = subprocess.run(
        [*launch, str(script), str(checkpoint), str(tmp_path)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    ranks = [json.loads((tmp_path / f"rank-{rank}.json").read_text()) for rank in (0, 1)]
    groups = [["1 0 0", "0 0 0", "(raise 2 0)", "0 2 0"]]
    assert [*ranks[0]["advantages"], *ranks[1]["advantages"]] == pytest.approx(expected(groups, "group"), abs=2e-4)
    for rank in ranks:
        assert rank["error_rate"] == 0.25
        assert rank["unscorable_rate"] == 0.25
        assert rank["reward"] == pytest.approx(2 / 3)
    assert ranks[0]["stopped"] == [
        "reward first failed on 2 of its last 8 completions, more than runtime.max_error_rate (0.1 of 16) allows; "
        "one of them: ValueError: as told; mend it and start again"
    ]
    assert ranks[1]["stopped"] == []  # it stops as well, and leaves the word to the first
