"""Three stages by one command: what is missing is built, what is there is reused, and the last checkpoint tells all."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import recipes
from sft import parts

from .conftest import MODEL

pytestmark = pytest.mark.slow
STAGE = """\
model: {MODEL}
data:
  train: [{{use: clinic, n: 16, seed: {seed}, families: [lab_range, lesion_side]}}]
  prompt: plain
tune: {{llm: {llm}}}
sft: {{per_device_train_batch_size: 8, max_steps: 2, learning_rate: 1.0e-3, logging_steps: 1, save_strategy: "no"}}
run: {{auto: true, output_dir: {out}, report_to: none}}
"""


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of three stages, of which the second trains no language model, and what the command printed."""
    home = tmp_path_factory.mktemp("chain")
    model = MODEL
    for number, llm in enumerate(("null", "frozen", "null"), 1):
        text = STAGE.format(MODEL=model, seed=number, llm=llm, out=home / f"stage{number}")
        (home / f"stage{number}.yaml").write_text(text)
        model = f"{{from: {home}/stage{number}.yaml}}"
    return home, train(home)


def train(home: Path) -> str:
    marks = ("ACCELERATE_", "RANK", "WORLD_SIZE", "MASTER_", "LOCAL_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(marks)}
    done = subprocess.run(
        [sys.executable, "sft/train.py", str(home / "stage3.yaml")],
        cwd=recipes.ROOT,
        env={**environment, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def lineage(run: Path) -> dict:
    beside = json.loads((run / "checkpoints" / "final" / "lineage.json").read_text())
    assert beside == json.loads((run / "lineage.json").read_text())
    return beside


def test_each_stage_is_built_on_the_one_before(chain: tuple[Path, str]) -> None:
    home, said = chain
    assert said.count("building the base first") == 2
    made = lineage(home / "stage3")
    assert [one["recipe"] for one in made["ancestors"]] == [f"{home}/stage2.yaml", f"{home}/stage1.yaml"]
    assert [Path(recipes.ROOT, one).resolve().name for one in made["parents"]] == ["stage2", "stage1"]
    assert made["ancestors"][0] == {k: v for k, v in lineage(home / "stage2").items() if k != "ancestors"}
    digests = set()
    for number, one in zip((3, 2, 1), (made, *made["ancestors"]), strict=True):
        assert one["resolved"]["tune"]["llm"] == ("frozen" if number == 2 else None)
        assert one["data"][0]["rows"] == one["examples"] == 16
        digests.add(one["data"][0]["digest"])
        assert {"loss", "train_loss", "num_tokens"} <= one["metrics"].keys()
        assert one["git"]
        assert "torch" in one["packages"]
    assert len(digests) == 3
    page = (home / "stage3" / "checkpoints" / "final" / "README.md").read_text()
    assert f"| `{home}/stage2.yaml` | all but llm | 16 |" in page


def test_the_second_stage_moved_the_vision_tower_alone(chain: tuple[Path, str]) -> None:
    from safetensors.torch import load_file

    first, second = (load_file(chain[0] / f"stage{n}/checkpoints/final/model.safetensors") for n in (1, 2))
    moved = {name for name in first if not first[name].equal(second[name])}
    assert {parts.part_of(name) for name in moved} == {"vision", "projector"}


def test_what_is_there_is_reused_and_what_is_missing_built(chain: tuple[Path, str]) -> None:
    home, _ = chain
    (home / "stage2").rename(home / "aside")
    before = (home / "stage1" / "lineage.json").stat().st_mtime_ns
    assert train(home).count("building the base first") == 1
    assert (home / "stage1" / "lineage.json").stat().st_mtime_ns == before
    assert not (home / "stage1-2").exists()
    assert lineage(home / "stage3-2")["ancestors"][1] == lineage(home / "stage3")["ancestors"][1]
