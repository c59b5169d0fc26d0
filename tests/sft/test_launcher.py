"""What a launcher is asked for and the recipe does not mean is refused before a model is loaded, by name."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from recipes import ROOT, BadInput
from sft import launcher

LEFT = ("ACCELERATE_", "FSDP_", "PARALLELISM_", "RANK", "WORLD_SIZE", "MASTER_", "LOCAL_", "TORCHELASTIC_")
ZERO = {"ACCELERATE_USE_DEEPSPEED": "true", "ACCELERATE_MIXED_PRECISION": "no"}
ZERO3 = {**ZERO, "ACCELERATE_DEEPSPEED_ZERO_STAGE": "3", "ACCELERATE_DEEPSPEED_ZERO3_SAVE_16BIT_MODEL": "true"}
FSDP = {"ACCELERATE_USE_FSDP": "true", "FSDP_VERSION": "2", "FSDP_STATE_DICT_TYPE": "FULL_STATE_DICT"}
STEPS = "max_steps: 2, gradient_accumulation_steps: 4"


@pytest.fixture(autouse=True)
def no_launcher(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith(LEFT)]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("given", "settings", "said"),
    [
        ({"WORLD_SIZE": "4"}, "", "run.hardware.gpus: is 8, by which batch, steps and memory are judged, but 4 proc"),
        ({"ACCELERATE_MIXED_PRECISION": "fp16"}, "bf16: true", "mixed_precision is fp16, but the recipe's .* is bf16"),
        ({"ACCELERATE_MIXED_PRECISION": "bf16"}, "bf16: false", "mixed_precision is bf16, but the recipe's .* is no"),
        ({"ACCELERATE_MIXED_PRECISION": "fp8"}, "bf16: true", "mixed_precision is fp8, but .* is bf16; set mixed_prec"),
        ({**ZERO, "ACCELERATE_GRADIENT_ACCUMULATION_STEPS": "2"}, "", "gradient_accumulation_steps 2, the recipe sft"),
        ({**ZERO, "ACCELERATE_GRADIENT_CLIPPING": "0.5"}, "", "gradient_clipping 0.5, the recipe sft.max_grad_norm 1"),
        ({**ZERO3, "ACCELERATE_DEEPSPEED_ZERO3_SAVE_16BIT_MODEL": "false"}, "", "saves no whole weights, .* set zero3"),
        ({**FSDP, "FSDP_VERSION": "1"}, "", "has fsdp_version 1, which .*; set fsdp_version: 2"),
        ({**FSDP, "FSDP_STATE_DICT_TYPE": "SHARDED_STATE_DICT"}, "", "SHARDED_STATE_DICT, which .*: FULL_STATE_DICT"),
        ({**FSDP, "PARALLELISM_CONFIG_CP_SIZE": "2"}, "", "has cp_size 2, but rows are not divided; remove it"),
        ({}, "fsdp: full_shard, fsdp_config: {version: 1}", "sft.fsdp_config has fsdp_version 1, which"),
        (
            {},
            "fsdp: full_shard, fsdp_config: {state_dict_type: SHARDED_STATE_DICT}",
            "sft.fsdp_config has fsdp_state_dict_ty",
        ),
        ({"ACCELERATE_USE_MEGATRON_LM": "true"}, "", "asks for Megatron-LM"),
    ],
    ids=lambda one: next(reversed(one), "") if isinstance(one, dict) else None,
)
def test_contradictions_are_refused(
    load, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], settings: str, said: str
) -> None:
    hardware = "report_to: none, hardware: {device: cuda, gpus: 8}"
    recipe = load("report_to: none", hardware, "max_steps: 2", f"{STEPS}{settings and ', '}{settings}")
    for name, value in {"WORLD_SIZE": "8", **given}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadInput, match=said) as refused:
        launcher.refuse(recipe)
    assert len(refused.value.problems) == 1


@pytest.mark.parametrize("given", [{}, ZERO, ZERO3, FSDP, {"ACCELERATE_MIXED_PRECISION": "bf16"}])
def test_what_agrees_passes(load, monkeypatch: pytest.MonkeyPatch, given: dict[str, str]) -> None:
    hardware = "report_to: none, hardware: {device: cuda, gpus: 8}"
    for name, value in {"WORLD_SIZE": "8", **given}.items():
        monkeypatch.setenv(name, value)
    launcher.refuse(load("report_to: none", hardware, "max_steps: 2", f"{STEPS}, bf16: true"))


def test_any_number_of_processes_suits_a_recipe_for_any_device(load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "3")
    launcher.refuse(load())


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"optimizer": {"type": "AdamW"}}, "has a optimizer of its own, which knows no learning rates by part"),
        ({"scheduler": {"type": "WarmupLR"}}, "has a scheduler of its own"),
        ({"gradient_accumulation_steps": 8}, "gradient_accumulation_steps 8, the recipe sft.gradient_accumulation_st"),
        ({"train_micro_batch_size_per_gpu": 2}, "train_micro_batch_size_per_gpu 2, the recipe sft.per_device_train_b"),
        ({"gradient_clipping": 0.1}, "gradient_clipping 0.1, the recipe sft.max_grad_norm 1.0"),
        ({"zero_optimization": {"stage": 3}}, "saves no whole weights"),
    ],
)
@pytest.mark.parametrize("where", ["recipe", "launcher"])
def test_a_config_of_deepspeeds_own_is_read(
    load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, config: dict, said: str
) -> None:
    file = tmp_path / "zero.json"
    file.write_text(json.dumps({"gradient_accumulation_steps": "auto", "zero_optimization": {"stage": 2}, **config}))
    settings = STEPS
    if where == "recipe":
        settings += f", deepspeed: {file}"
    else:
        monkeypatch.setenv("ACCELERATE_USE_DEEPSPEED", "true")
        monkeypatch.setenv("ACCELERATE_DEEPSPEED_CONFIG_FILE", str(file))
    with pytest.raises(BadInput, match=said) as refused:
        launcher.refuse(load("max_steps: 2", settings))
    assert len(refused.value.problems) == 1
    assert str(file) in str(refused.value)
    file.write_text("{")
    with pytest.raises(BadInput, match="zero.json cannot be read"):
        launcher.refuse(load("max_steps: 2", settings))


def test_a_config_without_accumulation_would_step_at_every_batch(load, tmp_path: Path) -> None:
    """accelerate writes 1 where DeepSpeed's file says nothing."""
    (tmp_path / "zero.json").write_text('{"zero_optimization": {"stage": 2}}')
    recipe = load("max_steps: 2", f"{STEPS}, deepspeed: {tmp_path}/zero.json")
    with pytest.raises(BadInput, match="gradient_accumulation_steps 1, the recipe sft.gradient_accumulation_steps 4"):
        launcher.refuse(recipe)


def test_it_needs_no_torch() -> None:
    code = "import sys, sft.launcher; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
