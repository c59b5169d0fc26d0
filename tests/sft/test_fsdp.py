"""PyTorch's own sharding (FSDP2) over our parts, attention and rows: the gradients and steps of one process."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import torch

from recipes import ROOT
from sft import flat, parts
from sft.models import load_processor
from sft.samples import Encoder
from tests.sft import runs, sharded

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def on_two(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    out = tmp_path_factory.mktemp("fsdp") / "found.pt"
    how = runs.command(checkpoint, out.with_suffix(""), launcher=runs.TWO)
    how["args"] = [*runs.TWO, "tests/sft/sharded.py", str(checkpoint), str(out)]
    how["env"] |= {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(**how, capture_output=True, timeout=500)
    assert done.returncode == 0, done.stderr[-3000:]
    return torch.load(out)


@pytest.mark.parametrize("case", sharded.CASES)
def test_two_processes_with_parts_of_the_model_step_as_one_does(
    checkpoint: Path, on_two: dict[str, Any], case: str
) -> None:
    rates, two = sharded.CASES[case], on_two[case]
    one = sharded.prepared(str(checkpoint), rates)
    before = {name: value.detach().clone() for name, value in one.named_parameters()}
    assert sum(two["local"].values()) < 0.6 * sum(value.numel() for value in before.values())  # it was in parts
    row = flat.Flat(flat.positions_of(str(checkpoint)))(
        [{"samples": sharded.encoded(Encoder(load_processor(str(checkpoint))))}]
    )
    sharded.step(one, sharded.optimizer_of(one, rates), row, share=1)
    wanted = sharded.found(one)
    trained = {part for part, rate in rates.items() if rate is not None}
    assert {parts.part_of(name) for name in wanted["grads"]} == trained
    assert max(runs.apart(wanted["grads"], two["grads"]).values()) < 1e-5
    assert max(runs.apart(wanted["weights"], two["weights"]).values()) < 1e-5
    moved = {name for name in before if not before[name].equal(two["weights"][name])}
    assert {parts.part_of(name) for name in moved} == trained
    assert two["leak"] < 1e-5
