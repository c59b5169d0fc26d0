"""One run, several processes: who writes, and whether they train together as was asked."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from accelerate import Accelerator
from transformers import TrainingArguments

from recipes import BadInput, folder
from sft.processes import Processes

LAUNCHER = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "ACCELERATE_USE_DEEPSPEED", "ACCELERATE_USE_FSDP")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LAUNCHER:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def trainer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """As much of a trainer as is asked: one real process on a CPU, and its arguments."""
    args = TrainingArguments(output_dir=str(tmp_path_factory.mktemp("args")), use_cpu=True)
    return SimpleNamespace(accelerator=Accelerator(cpu=True), args=args)


def test_one_process_is_the_first_and_runs_by_itself(tmp_path: Path, load) -> None:
    ranks = Processes()
    assert (ranks.is_first, ranks.size) == (True, 1)
    assert ranks.first(lambda: "done") == "done"
    run = ranks.claim(load(), resume=False)
    assert run == tmp_path / "base"
    assert {"recipe.json", "versions.json"} <= {path.name for path in run.iterdir()}
    folder.release(run)


def test_what_started_is_what_trains(trainer: Any) -> None:
    Processes().verify(trainer)


def test_processes_that_do_not_train_together_are_refused(trainer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ranks = Processes()
    ranks.size = 2  # as a launcher had said it, without the group that Processes() would wait for
    with pytest.raises(BadInput, match="2 processes were started, but 1 would train together"):
        ranks.verify(trainer)


@pytest.mark.parametrize("name", ["deepspeed", "fsdp"])
def test_sharding_that_would_be_ignored_is_refused(trainer: Any, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"ACCELERATE_USE_{name.upper()}", "true")
    with pytest.raises(BadInput, match=f"{name} was asked for, but training would run as NO"):
        Processes().verify(trainer)


def test_a_precision_of_the_launchers_own_is_refused(trainer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "bf16")
    with pytest.raises(BadInput, match="mixed_precision is bf16, but no is what this machine trains in"):
        Processes().verify(trainer)


def test_sharding_set_by_the_recipe_is_refused_as_well(trainer: Any) -> None:
    asked = SimpleNamespace(accelerator=trainer.accelerator, args=SimpleNamespace(deepspeed="zero2.json", fsdp=None))
    with pytest.raises(BadInput, match="deepspeed was asked for"):
        Processes().verify(asked)


def test_the_last_checkpoint_is_the_one_with_most_steps_that_is_whole(tmp_path: Path) -> None:
    assert Processes.last_checkpoint(tmp_path) is None
    places = tmp_path / "checkpoints"
    for name in ("checkpoint-5", "checkpoint-20", "checkpoint-100", "checkpoint-105", "new", "final"):
        (places / name).mkdir(parents=True)
    assert Processes.last_checkpoint(tmp_path) is None
    for name in ("checkpoint-5", "checkpoint-20", "checkpoint-100"):  # at 105 the run was killed while it saved
        (places / name / "trainer_state.json").write_text("{}")
    assert Processes.last_checkpoint(tmp_path) == str(places / "checkpoint-100")


def test_a_run_that_is_refused_before_it_began_leaves_no_folder(tmp_path: Path, load) -> None:
    recipe = load()

    def refused(write: bool) -> None:
        with Processes().claimed(recipe, resume=False) as run:
            assert run == tmp_path / "base"
            if write:
                (run / "metrics.jsonl").write_text("{}")
            raise BadInput("too long")

    for begun in (False, True):
        with pytest.raises(BadInput, match="too long"):
            refused(write=begun)
        assert (tmp_path / "base").exists() == begun
    assert (tmp_path / "base" / "metrics.jsonl").exists()
