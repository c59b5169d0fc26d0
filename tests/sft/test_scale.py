"""The same recipe on several processes and under DeepSpeed: the losses and weights of one, or a plain refusal."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel

from recipes import ROOT
from sft import parts
from sft.models import load_model
from tests.sft import runs

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
EXACT = 1e-5  # relative, in fp32
RATES = ["tune.vision=1e-4", "tune.llm=2e-3"]
ON_CPU = {"DS_ACCELERATOR": "cpu"}


@pytest.fixture(scope="module")
def alone(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of one process, with a rate for each part."""
    run = tmp_path_factory.mktemp("alone") / "run"
    done = runs.train(checkpoint, run, *RATES)
    assert done.returncode == 0, done.stderr
    return run


def demand_equal(run: Path, alone: Path) -> None:
    pairs = [(a, b) for a, b in zip(runs.rows(run), runs.rows(alone), strict=True) if "loss" in b]
    assert len(pairs) == 12
    for found, wanted in pairs:
        assert found["loss"] == pytest.approx(wanted["loss"], rel=EXACT)
        assert found["learning_rate"] == wanted["learning_rate"]
        assert found["num_tokens"] == wanted["num_tokens"]
    final = Path("checkpoints") / "final"
    assert max(runs.apart(runs.weights(alone / final), runs.weights(run / final)).values()) < EXACT


@pytest.mark.parametrize(
    ("launcher", "batch", "steps"),
    [(runs.TWO, 2, 1), (runs.TWO, 1, 2), (runs.PLAIN, 1, 4)],
    ids=["2 x 2", "2 x 1 x 2", "1 x 4"],
)
def test_processes_and_small_batches_add_up_to_the_large_batch(
    checkpoint: Path, alone: Path, tmp_path: Path, launcher: list[str], batch: int, steps: int
) -> None:
    sizes = [f"sft.per_device_train_batch_size={batch}", f"sft.gradient_accumulation_steps={steps}"]
    done = runs.train(checkpoint, tmp_path / "run", *RATES, *sizes, launcher=launcher)
    assert done.returncode == 0, done.stderr
    demand_equal(tmp_path / "run", alone)


def deepspeed(folder: Path, stage: int) -> list[str]:
    """A DeepSpeed config for a CPU, as overrides of the recipe."""
    config: dict[str, Any] = {
        "zero_optimization": {"stage": stage, "stage3_gather_16bit_weights_on_model_save": True},
        "zero_allow_untested_optimizer": True,
        "zero_force_ds_cpu_optimizer": False,
        "gradient_clipping": "auto",
        "train_batch_size": "auto",
        "train_micro_batch_size_per_gpu": "auto",
        "gradient_accumulation_steps": "auto",
    }
    (folder / "zero.json").write_text(json.dumps(config))
    return [f"sft.deepspeed={folder / 'zero.json'}"]


@pytest.mark.parametrize("stage", [2, 3])
def test_zero_does_the_steps_of_one_process(checkpoint: Path, alone: Path, tmp_path: Path, stage: int) -> None:
    overrides = [*RATES, *deepspeed(tmp_path, stage), "sft.use_cpu=false"]
    done = runs.train(checkpoint, tmp_path / "run", *overrides, launcher=runs.ONE, **ON_CPU)
    assert done.returncode == 0, done.stderr
    demand_equal(tmp_path / "run", alone)


def accelerated(stage: int, processes: int = 2) -> tuple[list[str], list[str]]:
    """The launcher and the overrides with which a recipe's ZeRO setting runs in processes on a CPU: accelerate counts
    one process there unless it is told the backend, which it hears in this way only."""
    config = ROOT / "recipes" / "accelerate" / f"zero{stage}.yaml"
    launch = [runs.PLAIN[0], "-m", "accelerate.commands.launch", "--config_file", str(config)]
    how = ["--num_processes", str(processes), "--main_process_port", "0"]
    return [*launch, *how], ["sft.use_cpu=false", "sft.ddp_backend=gloo"]


@pytest.mark.parametrize("stage", [2, 3])
def test_zero_on_two_processes_does_the_steps_of_one(checkpoint: Path, alone: Path, tmp_path: Path, stage: int) -> None:
    launcher, overrides = accelerated(stage)
    overrides += [*RATES, "sft.per_device_train_batch_size=2"]
    done = runs.train(checkpoint, tmp_path / "run", *overrides, launcher=launcher, **ON_CPU)
    assert done.returncode == 0, done.stderr
    demand_equal(tmp_path / "run", alone)


@pytest.mark.parametrize("stage", [2, 3])
def test_adapters_are_merged_where_the_model_lies_in_parts(checkpoint: Path, tmp_path: Path, stage: int) -> None:
    launcher, overrides = accelerated(stage)
    overrides += ["model.lora={r: 4, target_modules: [q_proj, v_proj, qkv]}", "tune.vision=frozen"]
    overrides += ["sft.max_steps=3", "sft.learning_rate=5e-2"]
    done = runs.train(checkpoint, tmp_path / "run", *overrides, launcher=launcher, **ON_CPU)
    assert done.returncode == 0, done.stderr
    place = tmp_path / "run" / "checkpoints"
    adapted: Any = PeftModel.from_pretrained(load_model(str(checkpoint)), str(place / "adapter")).eval()
    moved = {name for name, one in adapted.named_parameters() if "lora_B" in name and one.abs().max() > 0}
    assert {parts.part_of(name) for name in moved} == {"llm"}
    words = torch.arange(1, 40)[None]
    with torch.no_grad():
        found = load_model(str(place / "final")).eval()(input_ids=words).logits
        wanted = adapted(input_ids=words).logits
        assert (wanted - load_model(str(checkpoint)).eval()(input_ids=words).logits).abs().max() > 1e-2
    assert torch.allclose(found, wanted, atol=1e-4)


@pytest.mark.parametrize("stage", [2, 3])
def test_zero_moves_the_parts_that_are_tuned_and_goes_on_from_its_checkpoint(
    checkpoint: Path, tmp_path: Path, stage: int
) -> None:
    overrides = ["tune.llm=frozen", *deepspeed(tmp_path, stage), "sft.use_cpu=false"]
    saving = ["sft.save_strategy=steps", "sft.save_steps=5"]
    whole, run = tmp_path / "whole", tmp_path / "run"
    done = runs.train(checkpoint, whole, *overrides, *saving, launcher=runs.ONE, **ON_CPU)
    assert done.returncode == 0, done.stderr
    before, after = runs.weights(checkpoint), runs.weights(whole / "checkpoints" / "final")
    moved = {name for name in before if not before[name].equal(after[name])}
    assert {parts.part_of(name) for name in moved} == {"vision", "projector"}
    assert {parts.part_of(name) for name in before.keys() - moved} == {"llm"}

    whole.rename(run)
    (run / "lineage.json").unlink()  # as if it had been killed after step 10
    done = runs.train(checkpoint, run, *overrides, *saving, "--resume", launcher=runs.ONE, **ON_CPU)
    assert done.returncode == 0, done.stderr
    again = runs.weights(run / "checkpoints" / "final")
    assert max(runs.apart(after, again).values()) == 0


@pytest.mark.parametrize("what", ["zero-2", "zero-3", "fsdp", "accelerate"])
def test_what_a_cpu_would_silently_ignore_is_refused(checkpoint: Path, tmp_path: Path, what: str) -> None:
    overrides, launcher, said, environment = [], runs.ONE, "", {}
    if what == "accelerate":
        launcher = [runs.PLAIN[0], "-m", "accelerate.commands.launch", "--cpu", "--num_processes", "2"]
        said = "asked for several processes, but started one"
    elif what == "fsdp":
        environment = {"ACCELERATE_USE_FSDP": "true", "FSDP_VERSION": "2", "FSDP_STATE_DICT_TYPE": "FULL_STATE_DICT"}
        launcher, said = runs.TWO, "fsdp was asked for, but training would run as MULTI_CPU"
    else:
        overrides = deepspeed(tmp_path, int(what[-1]))
        environment, said = ON_CPU, "deepspeed was asked for, but training would run as"
    done = runs.train(checkpoint, tmp_path / "run", *overrides, launcher=launcher, **environment)
    assert done.returncode in (1, 2)  # 1 is the launcher's
    assert said in done.stderr, done.stderr[-3000:]
    assert not (tmp_path / "run").exists()
