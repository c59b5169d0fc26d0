"""The attention that a recipe names is the one that is trained with, and counts the same."""

from pathlib import Path

import pytest
import torch

from sft import lessons, mixture, stage


@pytest.mark.parametrize("named", ["sdpa", "eager"])
def test_the_named_attention_is_used_and_learns_the_same(
    load, checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], named: str
) -> None:
    ended = []
    for number, more in enumerate((f", attn_implementation: {named}", "")):
        recipe = load("MODEL", f"{{name: {checkpoint}{more}}}", "max_steps: 2", "max_steps: 2, learning_rate: 1e-3")
        samples = lessons.samples(recipe, mixture.load(recipe))
        trainer = stage.trainer(recipe, str(checkpoint), samples, tmp_path / str(number) / "checkpoints", [])
        used = trainer.model.config.get_text_config()._attn_implementation
        assert used == (named if more else "segments")
        assert f"attention: {used} ({'as the recipe says' if more else 'no GPU'})" in capsys.readouterr().out
        trainer.train()
        ended.append({name: value.detach() for name, value in trainer.model.named_parameters()})
    one, other = ended
    for name in one:
        if not name.endswith("k_proj.bias"):  # attention does not depend on it
            assert torch.allclose(one[name], other[name], rtol=1e-3, atol=1e-5), name
