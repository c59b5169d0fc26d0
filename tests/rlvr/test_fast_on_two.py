"""The fast path on two processes: a step is TRL's own, and what one process finds counts for both."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from recipes import ROOT
from rlvr import prefix
from tests.rlvr import fast_sharded

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


TORCHRUN = ("torch.distributed.run", "--standalone", "--nproc_per_node", "2")


def zero(stage: int) -> tuple[str, ...]:
    config = ROOT / "recipes" / "accelerate" / f"zero{stage}.yaml"
    how = ("--num_processes", "2", "--main_process_port", "0")
    return "accelerate.commands.launch", "--config_file", str(config), *how


def ran(
    checkpoint: Path, folder: Path, *said: str, launcher: tuple[str, ...] = TORCHRUN, script: str = "fast_on_two.py"
) -> list[dict[str, Any]]:
    """What each process found."""
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", *launcher, str(Path(__file__).with_name(script)), str(checkpoint), str(folder), *said],
        env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "DS_ACCELERATOR": "cpu"},
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


@pytest.mark.parametrize("stage", [2, 3])
def test_with_deepspeed_a_step_is_that_of_trl(
    checkpoint: Path, theirs: list[dict[str, Any]], tmp_path: Path, stage: int
) -> None:
    ours = ran(checkpoint, tmp_path / "on", "on", f"zero{stage}", launcher=zero(stage))
    assert [found["is_on"] for found in ours] == [True, True]
    assert [found["scored"][1:] for found in ours] == [[2, 4], [1, 1]]
    for found, wanted in zip(ours, theirs, strict=True):
        assert max(float((found["weights"][name] - one).abs().max()) for name, one in wanted["weights"].items()) < 1e-6
        assert found["log"]["grad_norm"] == pytest.approx(wanted["log"]["grad_norm"], rel=1e-4)


def test_where_one_process_finds_a_difference_both_do_without(
    checkpoint: Path, theirs: list[dict[str, Any]], tmp_path: Path
) -> None:
    ours = ran(checkpoint, tmp_path / "auto", "auto", "apart")
    assert [found["is_on"] for found in ours] == [False, False]
    found, wanted = ours[0]["weights"], theirs[0]["weights"]
    assert max(float((found[name] - one).abs().max()) for name, one in wanted.items()) < 1e-5


def test_fsdp_scores_and_pulls_as_the_whole_model_does(checkpoint: Path, processor: Any, tmp_path: Path) -> None:
    ours = ran(checkpoint, tmp_path / "parts", script="fast_sharded.py")
    model = fast_sharded.prepared(str(checkpoint))
    for found, case in zip(ours, fast_sharded.SEEN, strict=True):
        given = fast_sharded.batch(processor, *fast_sharded.CASES[case])
        wanted: Any = prefix.scores(model, prefix.Batch.of(**given), prefix.rope_of(model))
        fast_sharded.weighed(*wanted).backward()
        for one, other in zip(found["scores"], wanted, strict=True):
            torch.testing.assert_close(one, other.detach(), rtol=0, atol=1e-5)
    sizes = {name: one.numel() for name, one in model.named_parameters()}
    assert sum(ours[0]["local"].values()) < 0.6 * sum(sizes.values())  # it lay in parts
    wanted = {name: one.grad / 2 for name, one in model.named_parameters() if one.grad is not None}  # FSDP's mean
    assert ours[0]["grads"].keys() == wanted.keys()
    for name, one in wanted.items():
        assert float((ours[0]["grads"][name] - one).abs().max() / one.abs().max().clamp(min=1e-8)) < 1e-4, name
