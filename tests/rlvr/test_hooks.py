"""Evaluation around training, and the alarm on the engines' agreement."""

import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import TrainerControl, TrainerState, TrainingArguments

import data
from eval import kept
from recipes import BadInput
from rlvr import building, hooks, rewarding
from rlvr.hooks import GAP, EvalHook, LogProbAlarm

CONTROL = TrainerControl()


@pytest.fixture
def args(tmp_path: Path) -> TrainingArguments:
    return TrainingArguments(output_dir=str(tmp_path / "args"), use_cpu=True)


def state(step: int = 0, of: int = 4, first: bool = True) -> TrainerState:
    return TrainerState(global_step=step, max_steps=of, is_world_process_zero=first)


@pytest.mark.parametrize(
    ("dtype", "gap", "rings"),
    [
        ("float32", 0.9e-3, 0.0),
        ("float32", 1.1e-3, 1.0),
        ("bfloat16", 1.1e-3, 0.0),
        ("bfloat16", 6e-2, 1.0),
        ("float16", 6e-2, 1.0),
    ],
)
def test_the_alarm_rings_above_its_limit_and_not_below(
    args: Any, caplog: pytest.LogCaptureFixture, dtype: str, gap: float, rings: float
) -> None:
    logs = {GAP: gap, "reward": 0.5}
    with caplog.at_level(logging.WARNING, logger="rlvr.hooks"):
        LogProbAlarm(dtype).on_log(args, state(9), CONTROL, logs=logs)
    assert logs == {GAP: gap, "reward": 0.5, "alarms/logprob_gap": rings}
    assert len(caplog.records) == rings
    assert not rings or f"step 9: vLLM and the policy differ by {gap:.4f}" in caplog.text


def test_the_alarm_is_silent_where_nothing_was_compared(args: Any, caplog: pytest.LogCaptureFixture) -> None:
    for logs, where in (({"reward": 0.5}, state()), ({}, state()), (None, state()), ({GAP: 1.0}, state(first=False))):
        kept = None if logs is None else dict(logs)
        LogProbAlarm().on_log(args, where, CONTROL, logs=logs)
        assert logs == kept
    assert not caplog.records


@pytest.fixture
def hooked(load, checkpoint: Path, tmp_path: Path) -> Callable[..., EvalHook]:
    """hooked(*swaps, trainer=None) -> the hook of a recipe, over a trainer whose rollouts are HF generate."""

    def _hooked(*swaps: str, trainer: Any = None) -> EvalHook:
        recipe = load(*swaps)
        examples = data.load("clinic", "train", n=4, families=["lab_range", "lesion_side"])
        run = tmp_path / "run"
        graded = rewarding.load_rewards(recipe)
        trainer = trainer or building.build(recipe, str(checkpoint), examples, graded, run)
        return EvalHook(recipe, trainer, run)

    return _hooked


def told(hook: EvalHook) -> dict[str, float]:
    """What the trainer logged last, of the evaluation."""
    return {key: value for key, value in hook.trainer.state.log_history[-1].items() if key.startswith("eval/")}


def answers(hook: EvalHook, place: str) -> list[str]:
    rows = (hook.folder / place / "clinic_val" / "responses.jsonl").read_text().splitlines()
    return [json.loads(row)["completion"] for row in rows]


def disturb(hook: EvalHook) -> None:
    torch.manual_seed(0)
    for value in hook.trainer.model.parameters():
        value.data += 0.3 * torch.randn_like(value)


def test_before_and_after_are_measured_kept_and_logged(args: Any, hooked: Callable[..., EvalHook]) -> None:
    hook = hooked()
    hook.on_train_begin(args, state(0), CONTROL)
    assert set(told(hook)) == {f"eval/clinic_val/{key}" for key in ("accuracy", "low", "high", "format_rate")}
    disturb(hook)
    hook.on_train_end(args, state(4), CONTROL)
    assert {"eval/clinic_val/gain", "eval/clinic_val/gain_low", "eval/clinic_val/gain_high"} < set(told(hook))
    assert [result.items.keys() for result in hook.before] == [result.items.keys() for result in hook.after]
    assert len(hook.after[0].items) == 6
    assert [path.name for path in sorted(hook.folder.iterdir())] == ["after", "before"]
    assert kept.read(hook.folder / "after")[0].summary() == hook.after[0].summary()
    assert answers(hook, "before") != answers(hook, "after")  # the weights of the moment answered


def test_gains_compare_the_same_items(hooked: Callable[..., EvalHook], made: Callable[..., Any]) -> None:
    hook = hooked()
    found = hook._values([made([1, 1, 0, 1], "a"), made([0, 0], "b")], [made([0, 1, 0, 0], "a")])
    assert found["eval/a/accuracy"] == 0.75
    assert found["eval/a/gain"] == 0.5
    assert found["eval/a/gain_low"] <= 0.5 <= found["eval/a/gain_high"]
    assert found["eval/b/accuracy"] == 0.0
    assert "eval/b/gain" not in found  # never measured before
    with pytest.raises(BadInput, match="not asked the same items"):
        hook._values([made([1, 1, 0, 1], "a")], [made([0, 1], "a")])


def test_what_is_watched_goes_into_the_trainers_own_log(args: Any, hooked: Callable[..., EvalHook]) -> None:
    hook = hooked("eval: {", "eval: {every_steps: 2, every_n: 3, watch: [clinic_val], samples: [1, 2], ")
    hook.on_train_begin(args, state(0), CONTROL)
    assert {name.split("/")[1] for name in told(hook)} == {"clinic_val", "clinic_val@2"}
    metrics = hook.trainer._metrics["train"]
    for step, due in ((1, False), (2, True), (3, False), (4, False)):  # at the last step the full measurement is due
        metrics.clear()
        hook.on_step_end(args, state(step), CONTROL)
        assert bool(metrics) == due, step
        if due:
            assert metrics["eval/clinic_val/gain"] == [0.0]  # the weights have not moved
            assert len(metrics["eval/clinic_val/accuracy"]) == 1
    assert len(hook.start[0].items) == 3


def test_without_a_watched_suite_the_first_items_of_the_suites_are_watched(
    args: Any, hooked: Callable[..., EvalHook]
) -> None:
    hook = hooked("eval: {", "eval: {every_steps: 1, every_n: 2, ")
    hook.on_train_begin(args, state(0), CONTROL)
    hook.on_step_end(args, state(1), CONTROL)
    assert hook.trainer._metrics["train"]["eval/clinic_val/gain"] == [0.0]
    assert (len(hook.start[0].items), len(hook.before[0].items)) == (2, 6)


def test_a_resumed_run_keeps_what_was_measured_at_its_first_start(args: Any, hooked: Callable[..., EvalHook]) -> None:
    watching = "eval: {", "eval: {every_steps: 1, every_n: 2, "
    first = hooked(*watching)
    first.on_train_begin(args, state(0), CONTROL)
    disturb(first)
    again = hooked(*watching, trainer=first.trainer)
    n_logged = len(again.trainer.state.log_history)
    again.on_train_begin(args, state(2), CONTROL)
    assert [result.summary() for result in again.before] == [result.summary() for result in first.before]
    assert [result.summary() for result in again.start] == [result.summary() for result in first.start]
    assert len(again.trainer.state.log_history) == n_logged  # and is not logged a second time


def test_an_evaluation_that_was_cut_off_is_made_again(args: Any, hooked: Callable[..., EvalHook]) -> None:
    first = hooked()
    first.on_train_begin(args, state(0), CONTROL)
    whole = answers(first, "before")
    draft = first.folder / ".before" / "clinic_val"  # as a killed run leaves it
    shutil.move(first.folder / "before", first.folder / ".before")
    (draft / "result.json").unlink()
    (draft / "responses.jsonl").write_text((draft / "responses.jsonl").read_text()[:100])
    again = hooked(trainer=first.trainer)
    again.on_train_begin(args, state(0), CONTROL)
    assert answers(again, "before") == whole
    assert [path.name for path in again.folder.iterdir()] == ["before"]


def test_the_end_is_measured_anew_where_training_went_on(args: Any, hooked: Callable[..., EvalHook]) -> None:
    hook = hooked()
    hook.on_train_begin(args, state(0), CONTROL)
    hook.on_train_end(args, state(4), CONTROL)
    old = answers(hook, "after")
    disturb(hook)
    hook.on_train_end(args, state(4), CONTROL)
    assert answers(hook, "after") != old


def test_without_suites_nothing_is_asked(args: Any, hooked: Callable[..., EvalHook]) -> None:
    hook = hooked("suites: [{use: clinic_val, n: 6, families: [lab_range, lesion_side]}]", "every_steps: 1")
    for event in (hook.on_train_begin, hook.on_step_end, hook.on_train_end):
        event(args, state(0), CONTROL)
    assert (hook.before, hook.start, hook.after) == ([], [], [])
    assert not hook.folder.exists()


@pytest.mark.parametrize(("swaps", "limit"), [((), 8), (("eval: {", "eval: {max_tokens: 3, "), 3)])
def test_answers_end_where_the_recipe_says(
    args: Any, hooked: Callable[..., EvalHook], swaps: tuple[str, ...], limit: int
) -> None:
    hook = hooked(*swaps)
    hook.on_train_begin(args, state(0), CONTROL)
    assert max(record.n_tokens for record in hook.before[0].records) == limit


def test_every_limit_has_its_precision() -> None:
    assert set(hooks.MAX_GAP) == {"float32", "bfloat16", "float16"}
    with pytest.raises(KeyError):
        LogProbAlarm("int8")


def test_the_best_by_the_lower_end_is_kept(
    args: Any, hooked: Callable[..., EvalHook], made: Callable[..., Any]
) -> None:
    hook = hooked("eval: {", "eval: {every_steps: 1, every_n: 3, ")
    hook.on_train_begin(args, state(0), CONTROL)
    best = hook.folder.parent / "checkpoints" / "best"
    measured = iter([[0] * 40, [1] * 20 + [0] * 20, [1, 1], [1] * 22 + [0] * 18, [1] * 21 + [0] * 19])
    hook._quick = lambda place=None: [made(next(measured), "s")]
    hook.start, kept = [], []
    for step in range(1, 6):  # 2 of 2 is the highest accuracy, and says the least
        hook.on_step_end(args, state(step, of=9), CONTROL)
        kept.append(json.loads((best / "best.json").read_text())["step"] if best.exists() else None)
    assert kept == [None, 2, 2, 4, 4]
    assert (best / "model.safetensors").exists()
    assert (best / "tokenizer_config.json").exists()
    again = EvalHook(hook.recipe, hook.trainer, hook.folder.parent)
    again.on_train_begin(args, state(4, of=9), CONTROL)
    assert again._best == pytest.approx(hook._best)
