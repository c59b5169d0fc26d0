"""A file in the run's folder stops training after a step, with a checkpoint that goes on to the very same end."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from sft import stopping
from sft.processes import Processes
from tests.sft import runs

FINAL = Path("checkpoints") / "final"


def control_after(stop: stopping.StopFile, step: int) -> SimpleNamespace:
    control = SimpleNamespace(should_save=False, should_training_stop=False)
    stop.on_step_end(None, SimpleNamespace(global_step=step, max_steps=5), control)
    return control


def test_a_file_stops_a_run_that_is_not_at_its_end(tmp_path: Path) -> None:
    (tmp_path / "stop").touch()  # of a run before
    stop = stopping.StopFile(Processes(), tmp_path)
    assert not (tmp_path / "stop").exists()
    assert not control_after(stop, 1).should_training_stop
    (tmp_path / "stop").touch()
    assert not control_after(stop, 5).should_training_stop  # its last step: it ends by itself
    assert not stop.came
    found = control_after(stop, 2)
    assert (found.should_save, found.should_training_stop, stop.came) == (True, True, True)
    assert str(tmp_path / "stop") in stop.said(2)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_stopped_run_is_not_finished_and_goes_on_to_the_same_end(checkpoint: Path, tmp_path: Path) -> None:
    import subprocess
    import time

    whole, run = tmp_path / "whole", tmp_path / "run"
    epochs = ["sft.num_train_epochs=4", "sft.logging_steps=3"]
    assert runs.train(checkpoint, whole, *epochs).returncode == 0
    how = runs.command(checkpoint, run, *epochs)
    process = subprocess.Popen(**how, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not (run / "metrics.jsonl").is_file():
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.002)
    (run / "stop").touch()
    said, errors = process.communicate(timeout=240)
    assert process.returncode == stopping.EXIT_CODE, errors
    assert f"as {run / 'stop'} asked; --resume goes on from there" in said
    assert not (run / "lineage.json").exists()
    assert not (run / FINAL).exists()
    assert len(list(run.glob("checkpoints/checkpoint-*"))) == 1

    done = runs.train(checkpoint, run, *epochs, "--resume")
    assert done.returncode == 0, done.stderr
    assert runs.rows(run) == runs.rows(whole)
    before, after = runs.weights(whole / FINAL), runs.weights(run / FINAL)
    assert all(before[name].equal(after[name]) for name in before)
