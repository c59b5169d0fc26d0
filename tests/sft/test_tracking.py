"""Numbers of a run reach its own file whatever happens, and W&B never waits for a key or a network."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from transformers import TrainerControl, TrainerState, TrainingArguments

import recipes
from sft import tracking

TRACKERS = ("WANDB_DIR", "WANDB_MODE", "WANDB_PROJECT", "WANDB_SILENT", "WANDB_API_KEY", "TRACKIO_DIR")
LOGGED_IN = "machine 127.0.0.1\n login user\n password 0123456789\n"


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No tracker is set up, nobody is logged in; whatever a test sets is taken back."""
    for name in (*TRACKERS, "TENSORBOARD_LOGGING_DIR", "WANDB_BASE_URL", "NETRC"):
        monkeypatch.setenv(name, "")  # so that it is restored, even where the code sets it
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    return monkeypatch


@pytest.fixture
def listening():
    """The address of a server that takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def mode_of(load, folder: Path) -> str | None:
    tracking.prepare(load("report_to: none", "report_to: [wandb, tensorboard]"), folder)
    return os.environ.get("WANDB_MODE")


def test_without_a_key_wandb_is_offline(load, clean: pytest.MonkeyPatch, tmp_path: Path, listening: str) -> None:
    clean.setenv("WANDB_BASE_URL", listening)
    assert mode_of(load, tmp_path / "run") == "offline"
    assert os.environ["WANDB_DIR"] == str(tmp_path / "run")
    assert os.environ["TENSORBOARD_LOGGING_DIR"] == str(tmp_path / "run" / "tensorboard")


def test_without_a_network_wandb_is_offline(load, clean: pytest.MonkeyPatch, tmp_path: Path, listening: str) -> None:
    clean.setenv("WANDB_API_KEY", "0" * 40)
    clean.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")  # nobody listens there
    assert mode_of(load, tmp_path) == "offline"


@pytest.mark.parametrize("key", ["environment", "netrc"])
def test_with_key_and_network_wandb_is_left_alone(
    load, clean: pytest.MonkeyPatch, tmp_path: Path, listening: str, key: str
) -> None:
    clean.setenv("WANDB_BASE_URL", listening)
    if key == "netrc":
        (tmp_path / ".netrc").write_text(LOGGED_IN)
    else:
        clean.setenv("WANDB_API_KEY", "0" * 40)
    assert mode_of(load, tmp_path) is None


def test_what_the_user_set_stays(load, clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clean.setenv("WANDB_MODE", "disabled")
    clean.setenv("WANDB_DIR", "/mine")
    assert mode_of(load, tmp_path) == "disabled"
    assert os.environ["WANDB_DIR"] == "/mine"


def test_without_wandb_in_the_recipe_its_mode_is_not_touched(load, clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tracking.prepare(load(), tmp_path)
    assert "WANDB_MODE" not in os.environ


def test_wandb_itself_starts_without_a_question(load, clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The real client, with an open standard input from which it could ask for a key."""
    pytest.importorskip("wandb")
    load("report_to: none", "report_to: wandb")
    script = (
        "import sys, pathlib, recipes; from sft import tracking;"
        "tracking.prepare(recipes.load(sys.argv[1]), pathlib.Path(sys.argv[2]));"
        "import wandb; run = wandb.init(); run.log({'reward': 1.0}); run.finish(); print('done')"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "r.yaml"), str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=recipes.ROOT, text=True, **pipes) as client:
        said, _ = client.communicate(timeout=120)
    assert "done" in said
    assert list((tmp_path / "wandb").glob("offline-run-*/*.wandb"))


def lines(folder: Path) -> list[dict]:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    text = (folder / "metrics.jsonl").read_text()
    return [json.loads(line, parse_constant=refuse) for line in text.splitlines()]


def test_every_line_of_the_metrics_is_json(tmp_path: Path) -> None:
    metrics = tracking.MetricsFile(tmp_path)
    args, state, control = TrainingArguments(output_dir=str(tmp_path)), TrainerState(), TrainerControl()
    state.global_step = 7
    metrics.on_log(args, state, control, logs={"reward": 0.5, "kl": float("nan"), "lr": 1e-6, "rewards/a/mean": None})
    metrics.on_log(args, state, control, logs={})
    metrics.write(8, {"loss": float("-inf"), "step_time": 2})
    first, second = lines(tmp_path)
    assert first.pop("seconds") >= 0
    assert first == {"step": 7, "reward": 0.5, "kl": None, "lr": 1e-6, "rewards/a/mean": None}
    assert (second["step"], second["loss"], second["step_time"]) == (8, None, 2)


def test_only_the_first_process_writes_and_a_resumed_run_goes_on_below(tmp_path: Path) -> None:
    args, state, control = TrainingArguments(output_dir=str(tmp_path)), TrainerState(), TrainerControl()
    tracking.MetricsFile(tmp_path).on_log(args, state, control, logs={"reward": 1.0})
    state.is_world_process_zero = False
    tracking.MetricsFile(tmp_path).on_log(args, state, control, logs={"reward": 2.0})
    state.is_world_process_zero = True
    tracking.MetricsFile(tmp_path).on_log(args, state, control, logs={"reward": 3.0})
    assert [line["reward"] for line in lines(tmp_path)] == [1.0, 3.0]


def test_a_resumed_run_drops_the_rows_of_steps_it_makes_again(tmp_path: Path) -> None:
    args, state, control = TrainingArguments(output_dir=str(tmp_path)), TrainerState(), TrainerControl()
    metrics = tracking.MetricsFile(tmp_path)
    metrics.on_train_begin(args, state, control)  # a new run: nothing there yet
    for step in range(6):
        metrics.write(step, {"reward": float(step)})
    with metrics.path.open("a") as file:
        file.write('{"step": 6, "rew')  # killed while it wrote
    state.global_step = 3
    tracking.MetricsFile(tmp_path).on_train_begin(args, state, control)
    assert [line["step"] for line in lines(tmp_path)] == [0, 1, 2, 3]
    state.global_step = 0  # it had not come to a checkpoint
    tracking.MetricsFile(tmp_path).on_train_begin(args, state, control)
    assert lines(tmp_path) == []
