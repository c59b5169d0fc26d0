"""A recipe as a Slurm job: stand-ins for Slurm's commands start a launcher for each node, here on one machine; the
trainer is the real one, on two processes that meet as those of two nodes would."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from recipes import ROOT, folder
from tests.sft import runs

SCRIPT = ROOT / "recipes" / "accelerate" / "slurm.sh"
SRUN = r"""#!/usr/bin/env bash
echo "srun $SLURM_NNODES nodes, $RESUME" >> "$CALLS"
while [[ $1 == -* ]]; do shift; done
nodes=()
for node in $(seq 0 $((SLURM_NNODES - 1))); do
  SLURM_NODEID=$node "$@" & nodes+=($!)
done
code=0
for node in "${nodes[@]}"; do wait "$node" || code=$?; done
exit "$code"
"""
SCONTROL = r"""#!/usr/bin/env bash
echo "scontrol $*" >> "$CALLS"
[ "$1" != show ] || printf '127.0.0.1\nnode-b\n'
"""
EPOCHS = "sft.num_train_epochs=6"


def job(checkpoint: Path, run: Path, *overrides: str, job_id: int) -> dict[str, Any]:
    """What Popen takes: the script as Slurm starts it on the first of two nodes of one process."""
    made = runs.command(checkpoint, run, *overrides, launcher=["bash", str(SCRIPT)])
    names = run.parent / "bin"
    names.mkdir(exist_ok=True)
    for name, text in {"srun": SRUN, "scontrol": SCONTROL}.items():
        (names / name).write_text(text)
        (names / name).chmod(0o755)
    made["env"] |= {
        "PATH": os.pathsep.join([str(names), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "CALLS": str(run.parent / "calls"),
        "CONFIG": "recipes/accelerate/multi_gpu.yaml",
        "GPUS": "1",
        "SLURM_NNODES": "2",
        "SLURM_JOB_ID": str(job_id),
        "SLURM_JOB_NODELIST": "node-[a-b]",
        "SLURM_SUBMIT_DIR": str(ROOT),
    }
    return {**made, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "start_new_session": True}


def test_the_script_is_sound() -> None:
    assert subprocess.run(["bash", "-n", SCRIPT]).returncode == 0
    wanted = [line for line in SCRIPT.read_text().splitlines() if line.startswith("#SBATCH")]
    assert {"#SBATCH --ntasks-per-node=1", "#SBATCH --signal=B:USR1@600", "#SBATCH --requeue"} <= set(wanted)


def test_a_faulty_recipe_ends_the_job_before_any_node_is_asked(tmp_path: Path) -> None:
    process = subprocess.Popen(**job(tmp_path, tmp_path / "run", "sft.learning_rat=1", job_id=1))
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "sft.learning_rat: unknown key (did you mean learning_rate?)" in said
    assert not (tmp_path / "calls").exists()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_job_saves_at_its_notice_and_goes_on_when_it_is_started_again(checkpoint: Path, tmp_path: Path) -> None:
    whole, run = tmp_path / "whole", tmp_path / "run"
    batch = [EPOCHS, "sft.per_device_train_batch_size=2"]
    assert runs.train(checkpoint, whole, *batch, launcher=runs.TWO).returncode == 0

    process = subprocess.Popen(**job(checkpoint, run, *batch, job_id=int(time.time())))
    metrics = run / "metrics.jsonl"
    while not (metrics.is_file() and len(metrics.read_text().splitlines()) >= 3):
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGUSR1)  # as --signal=B:USR1, to the script alone
    said, errors = process.communicate(timeout=500)
    assert "--resume goes on from there" in said, errors
    assert not folder.is_finished(run)
    [saved] = run.glob("checkpoints/checkpoint-*")
    assert 3 <= int(saved.name.rpartition("-")[2]) < runs.rows(whole)[-1]["step"]
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls[1:2] == ["srun 2 nodes, "]
    assert calls[-1].startswith("scontrol requeue ")

    process = subprocess.Popen(**job(checkpoint, run, *batch, job_id=int(time.time())))
    said, errors = process.communicate(timeout=500)
    assert process.returncode == 0, errors
    assert folder.is_finished(run)
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls[-1] == "srun 2 nodes, --resume"
    # not to the bit: a node here has all cores for its one process, the two of torchrun share them
    for found, wanted in zip(runs.rows(run), runs.rows(whole), strict=True):
        assert found == pytest.approx(wanted, rel=1e-5)
    before, after = (runs.weights(one / "checkpoints" / "final") for one in (whole, run))
    assert max(runs.apart(before, after).values()) < 1e-5
