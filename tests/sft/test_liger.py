"""Liger's kernels leave the loss as it is: they are run here without a GPU, by Triton's interpreter."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from recipes import ROOT
from sft.machine import LIGER

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    script, out = Path(__file__).with_name("liger_interpreted.py"), tmp_path_factory.mktemp("liger")
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, str(script), str(checkpoint), str(out)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("kind", LIGER)
def test_logits_and_gradients_are_those_of_transformers(found: dict[str, Any], kind: str) -> None:
    assert found["kinds"][kind]["liger"] > 0
    assert 0 < found["kinds"][kind]["apart"] < 1e-4  # 0: nothing was replaced


@pytest.mark.parametrize("how", ["full", "lora"])
def test_a_stage_learns_the_same_with_them(found: dict[str, Any], how: str) -> None:
    own, liger = found["own"][how], found["liger"][how]
    assert len(own) == 2
    assert own[0] != own[1]
    assert liger == pytest.approx(own, rel=1e-4)
