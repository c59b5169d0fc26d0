"""What is chosen for machines that are not here either, why, and what none of them is asked for without a word."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from recipes import BadInput
from sft import machine
from sft.machine import Machine

from . import runs

ALL = frozenset({"flash_attn", "liger_kernel"})
LAPTOP = Machine()
T4 = Machine("Tesla T4", (7, 5), ALL)
BARE = Machine("NVIDIA A100", (8, 0))
A100 = Machine("NVIDIA A100", (8, 0), ALL)


def chosen(here: Machine, given: dict[str, Any], kind: str | None = "qwen2_5_vl", **more: Any) -> dict[str, str]:
    return {one.name: f"{one.value} ({one.why})" for one in machine.choices(here, given, kind=kind, **more)}


@pytest.mark.parametrize(
    ("here", "name", "line"),
    [
        (LAPTOP, "device", "CPU (no GPU)"),
        (A100, "device", "GPU (NVIDIA A100, compute capability 8.0)"),
        (LAPTOP, "precision", "fp32 (no GPU: bf16 costs time there)"),
        (T4, "precision", "fp32 (this GPU has no bf16; sft.fp16: true is faster)"),
        (A100, "precision", "bf16 (this GPU has it; the weights are kept in fp32)"),
        (LAPTOP, "attention", "segments (no GPU)"),
        (T4, "attention", "segments (flash attention needs compute capability 8.0)"),
        (BARE, "attention", "segments (flash-attn is not installed)"),
        (A100, "attention", "flash_attention_2 (flash-attn is installed)"),
        (LAPTOP, "optimizer", "adamw_torch_fused (one kernel for many weights)"),
        (LAPTOP, "gradient checkpointing", "off (no GPU: it saves memory and costs time)"),
        (T4, "gradient checkpointing", "on (memory runs short on a GPU first)"),
        (LAPTOP, "liger", "off (no GPU)"),
        (BARE, "liger", "off (liger-kernel is not installed)"),
        (T4, "liger", "on (the kernels of its layers; not the loss)"),
        (A100, "activation offload", "off (costs speed; sft.activation_offloading: true where memory runs out)"),
        (A100, "torch.compile", "off (rows of many lengths are compiled again and again)"),
    ],
)
def test_what_a_machine_gets_where_the_recipe_says_nothing(here: Machine, name: str, line: str) -> None:
    assert chosen(here, {})[name] == line


def test_the_choices_are_told_to_trl_by_its_own_names() -> None:
    from trl.trainer.sft_config import SFTConfig

    names = SFTConfig.__dataclass_fields__.keys()
    told = {here: machine.told(machine.choices(here, {}, kind="qwen3_vl")) for here in (LAPTOP, T4, A100)}
    off = {"optim": "adamw_torch_fused", "bf16": False}
    assert told[LAPTOP] == {**off, "use_cpu": True, "gradient_checkpointing": False}
    assert told[T4] == {**off, "gradient_checkpointing": True, "use_liger_kernel": True}
    assert told[A100] == {**told[T4], "bf16": True}
    assert all(one.keys() <= names for one in told.values())


@pytest.mark.parametrize(
    ("given", "name", "line"),
    [
        ({"bf16": False}, "precision", "fp32"),
        ({"bf16": True}, "precision", "bf16"),
        ({"fp16": True}, "precision", "fp16"),
        ({"use_cpu": True}, "device", "CPU"),
        ({"optim": "paged_adamw_8bit"}, "optimizer", "paged_adamw_8bit"),
        ({"gradient_checkpointing": False}, "gradient checkpointing", "off"),
        ({"gradient_checkpointing": True}, "gradient checkpointing", "on"),
        ({"use_liger_kernel": False}, "liger", "off"),
        ({"activation_offloading": True}, "activation offload", "on"),
        ({"torch_compile": True}, "torch.compile", "on"),
        ({"torch_compile_mode": "max-autotune"}, "torch.compile", "on"),
        ({"torch_compile": False}, "torch.compile", "off"),
    ],
)
@pytest.mark.parametrize("here", [LAPTOP, T4, A100], ids=["laptop", "t4", "a100"])
def test_what_the_recipe_says_always_wins(here: Machine, given: dict[str, Any], name: str, line: str) -> None:
    assert chosen(here, given)[name] == f"{line} (as the recipe says)"
    assert not machine.told(machine.choices(here, given)).keys() & given.keys()


def test_one_choice_follows_from_another() -> None:
    assert chosen(A100, {"bf16": False})["attention"] == "segments (flash attention computes in bf16 or fp16 alone)"
    assert chosen(A100, {"bf16": False}, attention="eager")["attention"] == "eager (as the recipe says)"
    assert chosen(A100, {}, kind="gpt2")["liger"] == "off (not tested with gpt2)"
    assert chosen(A100, {}, kind=None)["liger"] == "off (the model is not known here yet)"
    on_cpu = chosen(A100, {"use_cpu": True})
    assert {name: on_cpu[name] for name in ("precision", "attention", "liger")} == {
        name: chosen(LAPTOP, {})[name] for name in ("precision", "attention", "liger")
    }


REFUSED = [
    (LAPTOP, {"fp16": True}, None, "sft.fp16: training in fp16 needs a GPU, and there is none here; remove it"),
    (LAPTOP, {"use_liger_kernel": True}, None, "sft.use_liger_kernel: Liger's kernels need a GPU, and there is none"),
    (LAPTOP, {"activation_offloading": True}, None, "sft.activation_offloading: activations are moved off a GPU, and"),
    (A100, {"use_liger_kernel": True, "use_cpu": True}, None, "sft.use_liger_kernel: Liger's kernels need a GPU"),
    (T4, {"bf16": True}, None, "sft.bf16: there is none on this GPU (Tesla T4, compute capability 7.5); set sft.fp16"),
    (LAPTOP, {}, "flash_attention_2", "flash_attention_2 needs compute capability 8.0, here is no GPU"),
    (T4, {"fp16": True}, "flash_attention_2", "needs compute capability 8.0, here is Tesla T4, compute capability 7.5"),
    (A100, {"bf16": False}, "flash_attention_2", "flash_attention_2 computes in bf16 or fp16 alone; set sft.bf16"),
    (A100, {"use_liger_kernel": True}, None, "sft.use_liger_kernel: no kernels were tested for a model of type gpt2"),
    (A100, {"liger_kernel_config": {"fused_linear_cross_entropy": True}}, None, "the place of TRL's own fused head"),
]


@pytest.mark.parametrize(("here", "given", "attention", "line"), REFUSED)
def test_what_a_machine_cannot_do_is_refused_with_a_line(
    load, monkeypatch: pytest.MonkeyPatch, here: Machine, given: dict[str, Any], attention: str | None, line: str
) -> None:
    recipe = load("MODEL", f"{{name: owner/model{f', attn_implementation: {attention}' if attention else ''}}}")
    recipe.sft.update(given)
    [found] = machine.problems(here, recipe, "gpt2")
    assert line in found
    assert "\n" not in found
    monkeypatch.setattr(machine, "here", lambda: here)
    with pytest.raises(BadInput) as refused:
        machine.of_recipe(recipe, "gpt2")
    assert refused.value.problems == [found]
    fact = machine.fact(recipe, "gpt2")
    assert fact["refused"] == [found]
    assert fact["text"].endswith(f"refused here: {found}")


@pytest.mark.parametrize("here", [LAPTOP, T4, BARE, A100], ids=["laptop", "t4", "bare", "a100"])
def test_nothing_is_refused_that_was_not_asked_for(load, here: Machine) -> None:
    assert list(machine.problems(here, load(), "qwen2_5_vl")) == []
    recipe = load()
    recipe.sft.update(machine.told(machine.choices(here, {}, kind="qwen2_5_vl")))
    assert list(machine.problems(here, recipe, "qwen2_5_vl")) == []


def test_the_machine_that_is_here_is_seen() -> None:
    found = machine.here()
    assert (found.gpu is not None) == torch.cuda.is_available()
    assert (found.capability > (0, 0)) == torch.cuda.is_available()


def test_the_lines_are_said_once_by_all_processes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for rank, n in (("0", 8), ("1", 0)):
        monkeypatch.setenv("RANK", rank)
        machine.say(machine.choices(LAPTOP, {}))
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == n
    assert str(machine.choices(BARE, {})[2]) == "attention: segments (flash-attn is not installed)"


@pytest.mark.slow
def test_a_run_says_what_was_chosen_and_keeps_it(checkpoint: Path, tmp_path: Path) -> None:
    """By the ordinary command, over a base in 4 bits; a second run asks for what is not here."""
    few = "model.quantization_config={load_in_4bit: true}", "model.lora={r: 4, target_modules: all-linear}"
    done = runs.train(checkpoint, tmp_path / "run", *few, "sft.num_train_epochs=1")
    assert done.returncode == 0, done.stderr[-3000:]
    kept = json.loads((tmp_path / "run" / "lineage.json").read_text())["chosen"]
    assert kept == {one.name: f"{one.value} ({one.why})" for one in machine.choices(machine.here(), {}, kind="")}
    for name, text in kept.items():
        assert done.stdout.count(f"{name}: {text}\n") == 1
    assert "quantization_config" not in (tmp_path / "run" / "checkpoints" / "final" / "config.json").read_text()
    if not torch.cuda.is_available():
        refused = runs.train(checkpoint, tmp_path / "other", "sft.use_liger_kernel=true")
        assert (refused.returncode, refused.stdout) == (2, "")
        [line] = refused.stderr.splitlines()
        assert line.endswith("sft.use_liger_kernel: Liger's kernels need a GPU, and there is none here; remove it")
        assert not (tmp_path / "other").exists()
