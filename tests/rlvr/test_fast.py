"""The fast path in the trainer: a step is TRL's own, checked on the first batch; else TRL's path is taken."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import data
from recipes import BadInput
from rlvr import building, fast, prefix, rewarding

LORA = "model: {name: CHECKPOINT, lora: {r: 4, target_modules: all-linear}}"
CASES = {
    "dapo": (),
    "two updates of a rollout": (
        "  max_steps: 1\n",
        "  max_steps: 1\n  num_iterations: 1\n  steps_per_generation: 2\n",
    ),
    "accumulated": ("  max_steps: 1\n", "  max_steps: 1\n  gradient_accumulation_steps: 2\n"),
    "with a reference": ("  max_steps: 1\n", "  max_steps: 1\n  beta: 0.1\n"),
    "lora, with a reference": (
        "model: {name: CHECKPOINT}",
        LORA,
        "  max_steps: 1\n",
        "  max_steps: 1\n  beta: 0.1\n",
    ),
    **{kind: ("  max_steps: 1\n", f"  max_steps: 1\n  loss_type: {kind}\n") for kind in ("grpo", "dr_grpo", "cispo")},
    "gspo": ("  max_steps: 1\n", "  max_steps: 1\n  importance_sampling_level: sequence\n"),
    "truncated do not count": ("  max_steps: 1\n", "  max_steps: 1\n  mask_truncated_completions: true\n"),
}


@pytest.fixture
def trained(load, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """trained(fast_path, *swaps) -> the trainer after its steps; rewards differ within each group."""
    folders = itertools.count()

    def _trained(fast_path: str, *swaps: str) -> Any:
        recipe = load(*swaps, "eval:", f"runtime: {{fast_path: {fast_path}}}\neval:")
        examples = data.load("clinic", "train", n=8, families=["lab_range", "lesion_side"])
        out = tmp_path / str(next(folders))
        trainer = building.build(recipe, str(checkpoint), examples, rewarding.load_rewards(recipe), out)
        trainer.args.save_strategy = "no"

        def varied(inputs: list, *args: Any) -> torch.Tensor:
            return torch.arange(len(inputs), dtype=torch.float32)[:, None] % 3

        monkeypatch.setattr(trainer, "_calculate_rewards", varied)
        torch.manual_seed(0)
        trainer.train()
        return trainer

    return _trained


def weights(trainer: Any) -> dict[str, torch.Tensor]:
    return {name: one.detach().clone() for name, one in trainer.model.named_parameters() if one.requires_grad}


@pytest.mark.parametrize("name", CASES)
def test_a_step_is_that_of_trl(trained, monkeypatch, capsys, name: str) -> None:
    # in order, since which completions meet in a batch is drawn otherwise
    monkeypatch.setattr(fast, "by_groups", lambda size, rows: rows)
    monkeypatch.setattr("rlvr.trainer.shuffle_sequence_dict", lambda rows: rows)
    calls: list[int] = []
    own = prefix.scores
    monkeypatch.setattr(prefix, "scores", lambda *args: calls.append(1) or own(*args))
    ours, theirs = trained("on", *CASES[name]), trained("off", *CASES[name])
    assert len(calls) >= 2  # the check, and the update
    said = capsys.readouterr().out
    assert "as TRL's on the first batch" in said
    found, wanted = weights(ours), weights(theirs)
    start = max(float((one - other).abs().max()) for one, other in zip(found.values(), wanted.values(), strict=True))
    assert start < 1e-6
    loss, other = (trainer.state.log_history[0]["loss"] for trainer in (ours, theirs))
    assert loss == pytest.approx(other, abs=1e-6)
    entropies = [trainer.state.log_history[0]["entropy"] for trainer in (ours, theirs)]
    assert entropies[0] == pytest.approx(entropies[1], rel=1e-5)


def test_dropout_of_adapters_is_no_difference(trained, capsys) -> None:
    lora = LORA.replace("r: 4", "r: 4, lora_dropout: 0.5")
    assert trained("on", "model: {name: CHECKPOINT}", lora).fast.is_on
    assert "as TRL's on the first batch" in capsys.readouterr().out


def test_another_result_is_noticed_and_trl_takes_over(trained, monkeypatch, caplog) -> None:
    own = prefix.packed

    def shifted(prompts: Any, *args: Any, **images: Any) -> Any:  # every completion one place too far to the right
        moved = [
            prefix.Prompt(one.ids, one.positions + torch.arange(one.ids.numel()) // 4, one.numbers) for one in prompts
        ]
        return own(moved, *args, **images)

    monkeypatch.setattr(prefix, "packed", shifted)
    assert not trained("auto").fast.is_on
    assert "gives other results than TRL's on the first batch" in caplog.text
    with pytest.raises(BadInput, match="set runtime.fast_path: off"):
        trained("on")


def test_groups_stay_together_and_scalars_stay() -> None:
    rows = {"a": torch.arange(12), "b": [str(i) for i in range(12)], "c": None, "d": torch.tensor(3.0)}
    torch.manual_seed(1)
    found = fast.by_groups(4, rows)
    assert sorted(found["a"].tolist()) == list(range(12))
    assert found["a"].tolist() != list(range(12))
    assert found["b"] == [str(int(i)) for i in found["a"]]
    assert all((group // 4 == group[0] // 4).all() for group in found["a"].view(3, 4))
    assert (found["c"], found["d"]) == (None, rows["d"])
    assert sorted(fast.by_groups(5, rows)["a"].tolist()) == list(range(12))  # no whole groups: rows, as TRL does


@pytest.mark.parametrize("said", ["on", "off", '"off"', "auto"])
def test_the_setting_is_a_word_also_where_yaml_reads_another_type(load, said: str) -> None:
    recipe = load("eval:", f"runtime: {{fast_path: {said}}}\neval:")
    assert recipe.runtime.fast_path == said.strip('"')
