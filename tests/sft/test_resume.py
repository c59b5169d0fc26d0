"""A run that was killed goes on as if it had not been: the same weights to the bit, the same rows of metrics."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.sft import runs

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
FINAL = Path("checkpoints") / "final"
SAVING = ["sft.save_strategy=steps", "sft.save_steps=1", "sft.save_total_limit=2", "sft.logging_steps=3"]
WAYS = {
    "plain": ["sft.num_train_epochs=4", "tune.vision=1e-4", "tune.llm=2e-3"],
    "packed": ["sft.num_train_epochs=12", "sft.packing=true", "sft.max_length=160", "tune.vision=frozen"],
    "accumulated": ["sft.num_train_epochs=4", "sft.per_device_train_batch_size=1", "sft.gradient_accumulation_steps=5"],
    "lora": ["sft.num_train_epochs=4", "model.lora={r: 4, lora_dropout: 0.2, target_modules: [q_proj, v_proj, qkv]}"],
}


def killed(checkpoint: Path, run: Path, *overrides: str) -> int:
    """Start a run and kill it, without a warning, once it has saved step 4; the last step that it saved."""
    place = run / "checkpoints" / "checkpoint-4"
    how = runs.command(checkpoint, run, *overrides)
    process = subprocess.Popen(**how, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    while not place.is_dir():
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.002)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert not (run / "lineage.json").exists()
    return max(int(path.name.rpartition("-")[2]) for path in run.glob("checkpoints/checkpoint-*"))


@pytest.mark.parametrize("way", WAYS)
def test_a_killed_run_goes_on_as_if_it_had_not_been(checkpoint: Path, tmp_path: Path, way: str) -> None:
    whole, torn = tmp_path / "whole", tmp_path / "torn"
    overrides = [*SAVING, *WAYS[way]]
    assert runs.train(checkpoint, whole, *overrides).returncode == 0
    step = killed(checkpoint, torn, *overrides)
    assert step < runs.rows(whole)[-1]["step"]
    done = runs.train(checkpoint, torn, *overrides, "--resume")
    assert done.returncode == 0, done.stderr
    assert runs.rows(torn) == runs.rows(whole)
    before, after = runs.weights(whole / FINAL), runs.weights(torn / FINAL)
    assert all(before[name].equal(after[name]) for name in before)
    assert len(list(torn.glob("checkpoints/checkpoint-*"))) == 2


def test_what_a_run_cannot_go_on_from_is_refused(checkpoint: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    killed(checkpoint, run, *SAVING)
    last = max(run.glob("checkpoints/checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]))
    kept = {path: path.read_bytes() for path in last.iterdir()}

    def refused(*overrides: str, **how: list[str]) -> str:
        done = runs.train(checkpoint, run, *SAVING, *overrides, "--resume", **how)
        assert done.returncode in (1, 2)  # 1 is the launcher's
        assert {path: path.read_bytes() for path in last.iterdir()} == kept
        lines = [line for line in done.stderr.splitlines() if "error: " in line and str(run) in line]
        return lines[0]

    assert "its run.seed was 0, not 1; resume with run.seed=0" in refused("run.seed=1")
    assert "was saved by 1 processes, and 2 would go on from it; start 1" in refused(launcher=runs.TWO)
    assert "its recipe has changed since: sft.packing" in refused("sft.packing=true", "sft.max_length=300")
    kept.pop(last / "optimizer.pt")
    (last / "optimizer.pt").unlink()
    assert f"{last}: holds no optimizer state (optimizer*)" in refused()
