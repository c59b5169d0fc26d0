"""One stage of fine-tuning: what is learnt from, what is learnt, and what is saved."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from eval.hook import EvalHook
from rewards import parse
from sft import lessons, mixture, models, stage

GAIN = "eval/clinic_val/gain"
TEXT = "families: [lab_range, lesion_side]", "families: [lab_range]"


@pytest.fixture
def trained(load, checkpoint: Path, tmp_path: Path) -> Callable[..., Any]:
    """trained(*swaps, model=...) -> TRL's trainer over the tiny checkpoint, on the recipe's own demonstrations."""

    def _trained(*swaps: str, model: str = "{name: HERE}") -> Any:
        recipe = load("MODEL", model.replace("HERE", str(checkpoint)), *swaps)
        samples = lessons.samples(recipe, mixture.load(recipe))
        return stage.trainer(recipe, str(checkpoint), samples, tmp_path / "run" / "checkpoints", [])

    return _trained


@pytest.mark.parametrize("swaps", [(), TEXT], ids=["mixed", "text alone"])
def test_the_loss_is_on_the_completion_alone(trained, swaps: tuple[str, ...]) -> None:
    trainer = trained(*swaps)
    tokenizer = trainer.processing_class.tokenizer
    for batch in trainer.get_train_dataloader():
        said = tokenizer.decode(batch["shift_labels"][0])
        assert torch.equal(batch["input_ids"][0, batch["supervised"] + 1], batch["shift_labels"][0])
        completions = said.split("<|im_end|>\n")[:-1]
        assert len(completions) == tokenizer.decode(batch["input_ids"][0]).count("<|im_start|>assistant")
        for text in completions:
            assert text.startswith("<think>")
            assert text.endswith("</answer>")
            assert parse(text).answer


def weights(model: Any) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in model.named_parameters()}


def test_a_stage_changes_the_weights_and_saves_a_whole_checkpoint(trained, tmp_path: Path) -> None:
    trainer = trained("max_steps: 2", "max_steps: 2, learning_rate: 1e-2, logging_steps: 1")
    before = weights(trainer.model)
    trainer.train()
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    assert losses[1] < losses[0]
    after = weights(trainer.model)
    assert any((after[name] - before[name]).abs().max() > 1e-4 for name in after if "visual" in name)
    assert any((after[name] - before[name]).abs().max() > 1e-4 for name in after if "language_model" in name)

    stale = tmp_path / "run" / "checkpoints" / ".final" / "model-00001-of-00002.safetensors"
    stale.parent.mkdir(parents=True)
    stale.touch()  # of a run that was killed while it saved
    final = stage.save(trainer, tmp_path / "run" / "checkpoints" / "final")
    assert not (final / stale.name).exists()
    assert not stale.parent.exists()
    loaded = models.load_model(str(final))
    assert all(torch.equal(value, after[name]) for name, value in loaded.named_parameters())
    assert models.load_processor(str(final)).image_processor is not None


def test_adapters_are_merged_so_that_every_engine_loads_the_result(trained, tmp_path: Path) -> None:
    lora = "{name: HERE, lora: {r: 4, target_modules: [q_proj, v_proj, qkv]}}"
    trainer = trained("max_steps: 2", "max_steps: 2, learning_rate: 5e-2", model=lora)
    assert all("lora" in name for name, value in trainer.model.named_parameters() if value.requires_grad)
    trainer.train()
    batch = next(iter(trainer.get_train_dataloader()))
    names = ("input_ids", "position_ids", "pixel_values", "image_grid_thw")
    batch = {name: batch[name] for name in names} | {"use_cache": False}  # with one, packed rows are not noticed
    trainer.model.eval()
    with torch.no_grad():
        adapted = trainer.model(**batch).logits
        with trainer.model.disable_adapter():
            plain = trainer.model(**batch).logits
    assert (adapted - plain).abs().max() > 1e-2

    final = stage.save(trainer, tmp_path / "run" / "checkpoints" / "final")
    merged = models.load_model(str(final)).eval()
    with torch.no_grad():
        assert torch.allclose(merged(**batch).logits, adapted, atol=1e-4)
    assert not list(final.glob("adapter_*"))
    assert (final.with_name("adapter") / "adapter_model.safetensors").is_file()


def test_a_new_checkpoint_reads_what_it_is_going_to_learn(load, tmp_path: Path) -> None:
    recipe = load()
    samples = lessons.samples(recipe, mixture.load(recipe))
    said = [sample.texts()[-1] for sample in samples]
    start = stage.new_checkpoint(recipe, samples, tmp_path / "new")
    processor = models.load_processor(start)
    n_tokens = [len(ids) for ids in processor.tokenizer(said)["input_ids"]]
    assert sum(n_tokens) < 0.6 * sum(len(text) for text in said)  # its words have become tokens
    again = stage.new_checkpoint(recipe, samples, tmp_path / "again")
    assert (Path(start) / "model.safetensors").read_bytes() == (Path(again) / "model.safetensors").read_bytes()
    assert (Path(start) / "tokenizer.json").read_bytes() == (Path(again) / "tokenizer.json").read_bytes()


def test_settings_of_the_recipe_win_over_those_of_the_machine() -> None:
    from sft.machine import on_this_device

    if torch.cuda.is_available():
        assert on_this_device({"bf16": False}) == {"bf16": False, "gradient_checkpointing": True}
        return
    assert on_this_device({"learning_rate": 1.0}) == {
        "use_cpu": True,
        "bf16": False,
        "gradient_checkpointing": False,
        "learning_rate": 1.0,
    }
    assert on_this_device({"gradient_checkpointing": True})["gradient_checkpointing"] is True


def test_held_out_items_are_asked_before_during_and_after(load, trained, tmp_path: Path) -> None:
    held_out = "report_to: none}\neval: {suites: [{use: clinic_val, n: 6}], every_steps: 1, max_tokens: 8}"
    swaps = ("max_steps: 2", "max_steps: 2, logging_steps: 1", "report_to: none}", held_out)
    trainer = trained(*swaps)
    recipe = load("MODEL", "{name: x}", *swaps)
    trainer.add_callback(EvalHook(recipe, trainer, tmp_path / "run"))
    trainer.train()
    told = [(entry["step"], entry["eval/clinic_val/accuracy"]) for entry in trainer.state.log_history if GAIN in entry]
    assert [step for step, _ in told] == [1, 2]
    for place in ("before", "start", "after"):
        assert (tmp_path / "run" / "eval" / place / "clinic_val" / "result.json").is_file()
    assert trainer.model.training


def test_a_checkpoint_gives_its_weights_back(trained, checkpoint: Path, tmp_path: Path) -> None:
    """transformers finds none of their names, and says nothing."""
    trainer = trained()
    before = weights(trainer.model)
    trainer.model.save_pretrained(tmp_path / "kept")
    with torch.no_grad():
        for value in trainer.model.parameters():
            value.add_(1.0)
    trainer._load_from_checkpoint(str(tmp_path / "kept"))
    assert all(torch.equal(value, before[name]) for name, value in trainer.model.named_parameters())
