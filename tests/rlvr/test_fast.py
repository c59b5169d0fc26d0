"""The fast path in the trainer: a step is TRL's own, checked on the first batch; else TRL's path is taken."""

import itertools
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from trl.trainer.grpo_trainer import GRPOTrainer

import data
from recipes import BadInput
from rlvr import building, fast, prefix, rewarding, update

TIMED = re.compile(r"time|runtime|per_second|_ms$")
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


VLLM = {
    f"{level} {way}": ("  max_steps: 1\n", f"  max_steps: 1\n  vllm_importance_sampling_mode: {level}_{way}\n")
    for level in ("token", "sequence")
    for way in ("truncate", "mask")
}


@pytest.fixture
def trained(load, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """trained(fast_path, *swaps) -> the trainer after its steps.

    rewards: of the four completions of a batch; they differ within each group unless told otherwise. vllm: the trainer
    takes what it sampled for vLLM's, whose log-probabilities are somewhat other, and missing here and there.
    """
    folders = itertools.count()
    monkeypatch.setattr(
        building.golds, "refuse_unfair", lambda *_: None
    )  # starts the rewards' processes, needless here

    def _trained(
        fast_path: str, *swaps: str, rewards: Sequence[float] = (0, 1, 2, 0), vllm: bool = False, **settings: Any
    ) -> Any:
        recipe = load(*swaps, "eval:", f"runtime: {{fast_path: {fast_path}}}\neval:")
        examples = data.load("clinic", "train", n=8, families=["lab_range", "lesion_side"])
        out = tmp_path / str(next(folders))
        trainer = building.build(recipe, str(checkpoint), examples, rewarding.load_rewards(recipe), out)
        trainer.args.save_strategy = "no"

        def varied(inputs: list, *args: Any) -> torch.Tensor:
            found = torch.tensor([float(rewards[i % 4]) for i in range(len(inputs))])[:, None]
            trainer._flat = update.flat(found, trainer.reward_weights, 2)
            return found

        monkeypatch.setattr(trainer, "_calculate_rewards", varied)
        if vllm:
            monkeypatch.setattr(trainer, "_generate_single_turn", sampled_elsewhere(trainer))
            trainer.use_vllm = True
        torch.manual_seed(0)
        trainer.train()
        return trainer

    return _trained


def sampled_elsewhere(trainer: Any) -> Callable[..., Any]:
    own = trainer._generate_single_turn

    def sampled(*args: Any) -> Any:
        trainer.use_vllm = False
        ids, _ = own(*args)
        trainer.use_vllm = True
        return ids, [[None if k == 3 else -5.9 - 0.1 * (k % 4) for k, _ in enumerate(row)] for row in ids]

    return sampled


def weights(trainer: Any) -> dict[str, torch.Tensor]:
    return {name: one.detach().clone() for name, one in trainer.model.named_parameters() if one.requires_grad}


@pytest.fixture
def in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows stay in order, since which completions meet in a batch is drawn otherwise."""
    monkeypatch.setattr(fast, "by_groups", lambda size, rows: rows)
    monkeypatch.setattr("rlvr.trainer.shuffle_sequence_dict", lambda rows: rows)


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The completions scored in each pass of the fast path."""
    found: list[int] = []
    own = prefix.scores

    def scores(model: Any, batch: prefix.Batch, *rest: Any) -> Any:
        found.append(int(batch.mask[:, -batch.keep :].any(dim=1).sum()))
        return own(model, batch, *rest)

    monkeypatch.setattr(prefix, "scores", scores)
    return found


def demand_same(ours: Any, theirs: Any, but: Sequence[str] = ()) -> None:
    found, wanted = weights(ours), weights(theirs)
    assert max(float((found[name] - wanted[name]).abs().max()) for name in wanted) < 1e-6
    logs = [
        {name: value for name, value in trainer.state.log_history[0].items() if not TIMED.search(name)}
        for trainer in (ours, theirs)
    ]
    left_out = dict.fromkeys(but, 0.0)
    assert logs[0] | left_out == pytest.approx(logs[1] | left_out, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_a_step_is_that_of_trl(trained, in_order, passes, capsys, name: str) -> None:
    ours, theirs = trained("on", *CASES[name]), trained("off", *CASES[name])
    assert len(passes) >= 2  # the check, and the update
    assert "as TRL's on the first batch" in capsys.readouterr().out
    demand_same(ours, theirs)


@pytest.mark.parametrize("more", ["", "  beta: 0.1\n"])
def test_in_half_precision_as_near_as_that_can_be(trained, in_order, passes, capsys, more: str) -> None:
    swaps = ("  max_steps: 1\n", f"  max_steps: 1\n  bf16: true\n{more}")
    ours, theirs = trained("on", *swaps), trained("off", *swaps)
    assert "as TRL's on the first batch" in capsys.readouterr().out
    logs = [trainer.state.log_history[0] for trainer in (ours, theirs)]
    assert logs[0]["grad_norm"] == pytest.approx(logs[1]["grad_norm"], rel=0.02)
    assert logs[0]["grad_norm"] != pytest.approx(logs[1]["grad_norm"], rel=1e-6)  # it is half precision


@pytest.mark.parametrize("name", VLLM)
def test_vllm_is_corrected_for_without_a_pass_of_its_own(trained, in_order, passes, name: str) -> None:
    ours = trained("on", *VLLM[name], vllm=True)
    assert passes == [2, 4]  # the check, and the update
    theirs = trained("off", *VLLM[name], vllm=True)
    assert "sampling/importance_sampling_ratio/mean" in theirs.state.log_history[0]
    demand_same(ours, theirs)


@pytest.mark.parametrize("name", ["two updates of a rollout", "with a reference"])
def test_with_more_passes_so_it_is_too(trained, in_order, passes, name: str) -> None:
    demand_same(trained("on", *CASES[name], vllm=True), trained("off", *CASES[name], vllm=True))


@pytest.mark.parametrize("more", ["", "  beta: 0.1\n"])
def test_where_no_completion_counts_nothing_moves(trained, in_order, passes, more: str) -> None:
    swaps = ("  max_steps: 1\n", f"  max_steps: 1\n  mask_truncated_completions: true\n{more}")
    swaps += ("max_completion_length: 8", "max_completion_length: 1")
    ours, theirs = trained("on", *swaps), trained("off", *swaps)
    assert passes == [0] * (2 if more else 1)  # the reference, the update: no check
    assert ours.state.log_history[0]["grad_norm"] == 0.0
    demand_same(ours, theirs)


UNMOVED = {"one group": ((1, 0, 0.1, 0.1), 2), "all groups": ((0.1, 0.1, 0.3, 0.3), 1), "no group": ((0, 1, 1, 0), 4)}


@pytest.mark.parametrize("vllm", [False, True], ids=["", "vllm"])
@pytest.mark.parametrize("name", UNMOVED)
def test_what_moves_nothing_is_not_computed(trained, in_order, passes, name: str, vllm: bool) -> None:
    rewards, computed = UNMOVED[name]
    ours = trained("on", rewards=rewards, vllm=vllm)
    assert passes[-1] == computed
    theirs = trained("off", rewards=rewards, vllm=vllm)
    of_fewer = [*update.METRICS, "entropy"]  # of the rows computed
    demand_same(ours, theirs, but=[] if computed == 4 else of_fewer if vllm else ["entropy"])


@pytest.mark.parametrize("kind", ["grpo", "bnpo", "dr_grpo", "cispo", "sapo"])
def test_so_it_is_for_each_loss(trained, in_order, passes, kind: str) -> None:
    swaps, rewards = ("  max_steps: 1\n", f"  max_steps: 1\n  loss_type: {kind}\n"), UNMOVED["one group"][0]
    ours = trained("on", *swaps, rewards=rewards)
    assert passes[-1] == 2
    demand_same(ours, trained("off", *swaps, rewards=rewards), but=["entropy"])


@pytest.mark.parametrize("more", ["beta: 0.1", "top_entropy_quantile: 0.8", "entropy_coef: 0.01"])
def test_where_the_loss_has_another_term_all_are_computed(trained, in_order, passes, more: str) -> None:
    swaps = ("  max_steps: 1\n", f"  max_steps: 1\n  {more}\n")
    ours = trained("on", *swaps, rewards=(1, 1, 0, 0))
    assert passes[-1] == 4
    demand_same(ours, trained("off", *swaps, rewards=(1, 1, 0, 0)))


@pytest.mark.parametrize("steps", [0, 1])
def test_an_engine_that_dies_leaves_the_weights(trained, monkeypatch, steps: int) -> None:
    calls = itertools.count()
    own = GRPOTrainer._generate_single_turn

    def dying(self: Any, *args: Any) -> Any:
        if next(calls) == steps:
            raise RuntimeError("EngineCore encountered an issue.\nSee stack trace")
        self.use_vllm = False
        ids, _ = own(self, *args)
        self.use_vllm = True
        return ids, [[-5.9] * len(row) for row in ids]

    def then_dying(trainer: Any) -> Any:
        monkeypatch.setattr(GRPOTrainer, "_generate_single_turn", dying)
        return trainer._generate_single_turn

    monkeypatch.setattr(sys.modules[__name__], "sampled_elsewhere", then_dying)
    remedy = "continue with --resume: the weights after step 1 are saved" if steps else "start again"
    told = rf"^step {steps + 1}: vLLM broke down while it sampled \(.*EngineCore encountered an issue.*\); {remedy}$"
    with pytest.raises(BadInput, match=told) as stopped:
        trained("on", "max_steps: 1", "max_steps: 3", vllm=True)
    assert len(stopped.value.problems) == 1


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
