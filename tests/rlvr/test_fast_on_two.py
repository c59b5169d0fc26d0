"""The fast path on two processes: a step is TRL's own, and what one process finds counts for both."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def ran(checkpoint: Path, folder: Path, *said: str) -> list[dict[str, Any]]:
    """What each process found."""
    folder.mkdir()
    script = Path(__file__).with_name("fast_on_two.py")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    done = subprocess.run(
        [*command, str(script), str(checkpoint), str(folder), *said],
        env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [torch.load(folder / f"rank-{rank}.pt") for rank in (0, 1)]


@pytest.fixture(scope="module")
def theirs(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return ran(checkpoint, tmp_path_factory.mktemp("two") / "off", "off")


def test_a_step_is_that_of_trl(checkpoint: Path, theirs: list[dict[str, Any]], tmp_path: Path) -> None:
    ours = ran(checkpoint, tmp_path / "on", "on")
    assert [found["is_on"] for found in ours] == [True, True]
    # the check and two batches each: of the second process's, where nothing is to be learnt, one completion
    assert [found["scored"][1:] for found in ours] == [[2, 4], [1, 1]]
    for found, wanted in zip(ours, theirs, strict=True):
        assert max(float((found["weights"][name] - one).abs().max()) for name, one in wanted["weights"].items()) < 1e-5
        assert found["log"]["loss"] == pytest.approx(wanted["log"]["loss"], abs=1e-6)
        assert found["log"]["grad_norm"] == pytest.approx(wanted["log"]["grad_norm"], rel=1e-4)
    assert all(torch.equal(ours[0]["weights"][name], one) for name, one in ours[1]["weights"].items())


def test_where_one_process_finds_a_difference_both_do_without(
    checkpoint: Path, theirs: list[dict[str, Any]], tmp_path: Path
) -> None:
    ours = ran(checkpoint, tmp_path / "auto", "auto", "apart")
    assert [found["is_on"] for found in ours] == [False, False]
    found, wanted = ours[0]["weights"], theirs[0]["weights"]
    assert max(float((found[name] - one).abs().max()) for name, one in wanted.items()) < 1e-5
