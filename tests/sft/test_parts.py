"""A stage trains the parts that it names, at their rates, and no other."""

from pathlib import Path
from typing import Any

import pytest
import torch

from sft import lessons, mixture, parts, stage

RATES = "  tune: {TUNE}\n"


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("model.visual.patch_embed.proj.weight", "vision"),
        ("model.visual.blocks.3.attn.qkv.bias", "vision"),
        ("model.visual.merger.mlp.0.weight", "projector"),
        ("model.visual.deepstack_merger_list.1.norm.weight", "projector"),
        ("base_model.model.model.visual.merger.mlp.0.lora_A.default.weight", "projector"),
        ("model.language_model.layers.0.mlp.up_proj.weight", "llm"),
        ("lm_head.weight", "llm"),
        ("model.layers.0.self_attn.q_proj.weight", "llm"),
    ],
)
def test_parts_by_name(name: str, part: str) -> None:
    assert parts.part_of(name) == part


def test_the_small_lingshu_has_all_parts_and_nothing_between(checkpoint: Path) -> None:
    from sft.models import load_model

    model: Any = load_model(str(checkpoint))
    found = parts.counts(model.named_parameters())
    visual = sum(one.numel() for one in model.model.visual.parameters())
    merger = sum(one.numel() for one in model.model.visual.merger.parameters())
    assert found == {
        "vision": visual - merger,
        "projector": merger,
        "llm": sum(one.numel() for one in model.parameters()) - visual,
    }


def moved(before: dict[str, torch.Tensor], model: Any) -> dict[str, float]:
    """Part -> how far its numbers have moved, at most."""
    found = dict.fromkeys(parts.PARTS, 0.0)
    for name, value in model.named_parameters():
        part = parts.part_of(name)
        found[part] = max(found[part], float((value.detach() - before[name]).abs().max()))
    return found


@pytest.mark.parametrize("lora", ["", ", lora: {r: 4, target_modules: all-linear}"], ids=["full", "lora"])
@pytest.mark.parametrize(
    ("tune", "trained"),
    [
        ("llm: frozen", {"vision", "projector"}),
        ("vision: frozen, projector: frozen", {"llm"}),
        ("vision: frozen, llm: frozen", {"projector"}),
        ("vision: 1.0e-3", {"vision", "projector", "llm"}),
    ],
)
def test_exactly_the_named_parts_move(
    load, checkpoint: Path, tmp_path: Path, tune: str, trained: set[str], lora: str
) -> None:
    recipe = load("MODEL", f"{{name: {checkpoint}{lora}}}", "max_steps: 2", "max_steps: 2, learning_rate: 1.0e-2")
    recipe = recipe.model_copy(update={"tune": type(recipe.tune).model_validate(_mapping(tune))})
    samples = lessons.samples(recipe, mixture.load(recipe))
    trainer = stage.trainer(recipe, str(checkpoint), samples, tmp_path / "run" / "checkpoints", [])
    before = {name: value.detach().clone() for name, value in trainer.model.named_parameters()}
    trainer.train()
    assert {part for part, far in moved(before, trainer.model).items() if far > 0} == trained


def _mapping(text: str) -> dict[str, Any]:
    import yaml

    return yaml.safe_load(f"{{{text}}}")


def test_every_part_has_its_own_rate_and_schedule(load, checkpoint: Path, tmp_path: Path) -> None:
    recipe = load("MODEL", f"{{name: {checkpoint}}}", "max_steps: 2", "max_steps: 4, learning_rate: 1.0e-5")
    recipe = recipe.model_copy(update={"tune": type(recipe.tune).model_validate({"vision": 2.0e-6})})
    samples = lessons.samples(recipe, mixture.load(recipe))
    trainer = stage.trainer(recipe, str(checkpoint), samples, tmp_path / "run" / "checkpoints", [])
    trainer.create_optimizer_and_scheduler(4)
    assert trainer.lr_scheduler is not None
    for step in range(3):
        groups = trainer.optimizer.param_groups
        left = 1 - step / 4  # linear, TRL's default
        assert {group["part"]: group["lr"] for group in groups} == pytest.approx(
            {"vision": 2e-6 * left, "projector": 1e-5 * left, "llm": 1e-5 * left}
        )
        trainer.optimizer.step()
        trainer.lr_scheduler.step()
