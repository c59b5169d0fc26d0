"""LoRA and its kin by peft's own keys: exactly what they name is trained, and the merged checkpoint says the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from sft import lessons, mixture, models, parts, stage

VARIANTS = {
    "lora": "lora: {r: 4, target_modules: [q_proj, v_proj, qkv]}",
    "rslora": "lora: {r: 4, use_rslora: true, target_modules: all-linear}",
    "dora": "lora: {r: 4, use_dora: true, target_modules: all-linear}",
    "saved": "lora: {r: 4, target_modules: [q_proj, v_proj], modules_to_save: [merger]}",
    "4bit": "lora: {r: 4, target_modules: all-linear}, quantization_config: {load_in_4bit: true}",
    "4bit dora": "lora: {r: 4, use_dora: true, target_modules: all-linear}, quantization_config: {load_in_4bit: true}",
    "8bit": "lora: {r: 4, target_modules: all-linear}, quantization_config: {load_in_8bit: true}",
}
NAMES = ("input_ids", "position_ids", "pixel_values", "image_grid_thw")


@pytest.fixture
def trained(load, checkpoint: Path, tmp_path: Path) -> Callable[..., Any]:
    """trained("lora: {...}", "vision: frozen") -> a trainer whose two steps are done, and which parameters moved."""

    def _trained(model: str, tune: str = "") -> tuple[Any, set[str]]:
        swaps = ("sft:", f"tune: {{{tune}}}\nsft:") if tune else ()
        fast = ("max_steps: 2", "max_steps: 2, learning_rate: 5e-2")
        recipe = load("MODEL", f"{{name: {checkpoint}, {model}}}", *fast, *swaps)
        samples = lessons.samples(recipe, mixture.load(recipe))
        trainer = stage.trainer(recipe, str(checkpoint), samples, tmp_path / "run" / "checkpoints", [])
        before = {name: value.detach().clone() for name, value in trainer.model.named_parameters()}
        trainer.train()
        moved = {name for name, value in trainer.model.named_parameters() if not torch.equal(value, before[name])}
        return trainer, moved

    return _trained


def batch_of(trainer: Any) -> dict[str, Any]:
    batch = next(iter(trainer.get_train_dataloader()))
    return {name: batch[name] for name in NAMES} | {"use_cache": False}  # with one, packed rows are not noticed


@torch.no_grad()
def said(model: Any, batch: dict[str, Any]) -> torch.Tensor:
    return model.eval()(**batch).logits.float()


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS.keys())
@pytest.mark.parametrize("tune", ["", "llm: frozen", "vision: frozen, projector: frozen"], ids=["all", "eyes", "llm"])
def test_exactly_what_is_named_is_trained(trained, variant: str, tune: str) -> None:
    left = {words.partition(":")[0].strip() for words in tune.split(",") if words}
    if "modules_to_save" in variant and left == {"llm"}:
        left = {"llm", "vision"}  # of which nothing is named
    _, moved = trained(variant, tune)
    assert all(".lora_" in name or ".modules_to_save.default." in name for name in moved)
    assert {parts.part_of(name) for name in moved} & left == set()
    expected = {"vision", "projector", "llm"} - left
    if "[q_proj, v_proj, qkv]" in variant:
        expected -= {"projector"}
    if "modules_to_save" in variant:
        expected -= {"vision"}
    assert {parts.part_of(name) for name in moved} == expected
    assert any("lora_magnitude_vector" in name for name in moved) == ("use_dora" in variant)
    assert any("modules_to_save" in name for name in moved) == (
        "modules_to_save" in variant and "projector" not in left
    )


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS.keys())
def test_the_merged_checkpoint_says_what_base_and_adapter_say(
    trained, checkpoint: Path, tmp_path: Path, variant: str
) -> None:
    from peft import PeftModel

    trainer, _ = trained(variant)
    batch, final = batch_of(trainer), tmp_path / "run" / "checkpoints" / "final"
    adapted = said(trainer.model, batch)
    stage.save(trainer, final)
    assert not list(final.glob("adapter_*"))
    merged = models.load_model(str(final))
    assert getattr(merged.config, "quantization_config", None) is None
    base = models.load_model(str(checkpoint))
    plain = said(base, batch)
    beside = said(PeftModel.from_pretrained(base, str(final.with_name("adapter"))), batch)
    assert (beside - plain).abs().max() > 1e-2
    assert torch.allclose(said(merged, batch), beside, atol=1e-4)
    if "bit" not in variant:
        assert torch.allclose(adapted, beside, atol=1e-4)
    else:  # what was trained stood over rounded weights
        assert (adapted - beside).norm() < 0.5 * (beside - plain).norm()


@pytest.mark.parametrize(("bits", "kind"), [("load_in_4bit", "Linear4bit"), ("load_in_8bit", "Linear8bitLt")])
def test_the_matrices_of_the_language_model_alone_are_held_in_few_bits(
    load, checkpoint: Path, bits: str, kind: str
) -> None:
    recipe = load("MODEL", f"{{name: {checkpoint}, lora: {{r: 4}}, quantization_config: {{{bits}: true}}}}")
    model: Any = models.load_model(str(checkpoint), quantized=recipe.model.quantization_config)
    found = {name: type(one).__name__ for name, one in model.named_modules() if isinstance(one, nn.Linear)}
    assert {name for name, one in found.items() if one == kind} == {
        name for name in found if ".layers." in name and "language_model" in name
    }
    assert found["lm_head"] == "Linear"
    assert any("visual" in name for name in found)
    plain = models.load_model(str(checkpoint))
    whole = dict(plain.named_parameters())
    untouched = [name for name, one in model.named_parameters() if one.dtype == torch.float32]
    assert all(torch.equal(whole[name], value) for name, value in model.named_parameters() if name in untouched)
    assert any("visual.blocks" in name for name in untouched)


def test_gradients_pass_through_few_bits_also_after_an_evaluation(load, checkpoint: Path) -> None:
    """bitsandbytes would pack the weights for reading alone, and hold gradients up from then on."""
    recipe = load("MODEL", f"{{name: {checkpoint}, lora: {{r: 4}}, quantization_config: {{load_in_4bit: true}}}}")
    model: Any = models.load_model(str(checkpoint), quantized=recipe.model.quantization_config)
    embeddings = model.get_input_embeddings().weight.requires_grad_()
    ids = torch.arange(9)[None]
    gradients = []
    for _ in range(2):
        model.zero_grad()
        model.train()(input_ids=ids, use_cache=False).logits.square().sum().backward()
        gradients.append(embeddings.grad.clone())
        said(model, {"input_ids": ids})
    assert gradients[0].abs().sum() > 0
    assert torch.equal(*gradients)


def test_what_the_recipe_says_of_few_bits_is_handed_on(load, checkpoint: Path) -> None:
    few = "load_in_4bit: true, bnb_4bit_quant_type: fp4, bnb_4bit_use_double_quant: true, llm_int8_skip_modules: [x]"
    recipe = load("MODEL", f"{{name: {checkpoint}, lora: {{r: 4}}, quantization_config: {{{few}}}}}")
    wanted = recipe.model.quantization_config
    assert wanted
    found = models._few_bits(wanted, torch.bfloat16)
    assert (found.bnb_4bit_quant_type, found.bnb_4bit_use_double_quant) == ("fp4", True)
    assert found.bnb_4bit_compute_dtype == torch.bfloat16
    assert found.llm_int8_skip_modules == ["x"]
    float32 = wanted.model_copy(update={"bnb_4bit_compute_dtype": "float32", "llm_int8_skip_modules": None})
    assert models._few_bits(float32, torch.bfloat16).bnb_4bit_compute_dtype == torch.float32
    assert models._few_bits(float32, torch.bfloat16).llm_int8_skip_modules == list(models.WHOLE)
