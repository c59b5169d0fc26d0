"""The plan of a GRPO run counts as TRL does: prompts, rollouts, steps, and what is read beside what is trained."""

import json
from pathlib import Path
from typing import Any

import pytest

import data
from recipes import BadInput
from rlvr import building, plan, rewarding
from rlvr.check import batches
from sft import lengths
from sft.lengths import Length
from sft.plan import Origin
from sft.sizes import Parameters

from .test_check import run

SETTINGS = [
    "max_steps: 7",
    "num_train_epochs: 2",
    "num_train_epochs: 1\n  gradient_accumulation_steps: 2",
    "num_train_epochs: 3\n  steps_per_generation: 2",
    "num_train_epochs: 1\n  steps_per_generation: 2\n  num_iterations: 3",
    "num_train_epochs: 1.5\n  generation_batch_size: 12\n  gradient_accumulation_steps: 2",
]


@pytest.fixture
def here(load, checkpoint: Path):
    """here(*swaps) -> a recipe that starts from the tiny checkpoint."""
    return lambda *swaps: load("CHECKPOINT", str(checkpoint), *swaps)


@pytest.mark.parametrize("settings", SETTINGS)
def test_steps_and_batches_are_those_of_the_trainer(here, checkpoint: Path, tmp_path: Path, settings: str) -> None:
    recipe = here("max_steps: 1", settings)
    examples = data.load("clinic", "train", n=13, families=["lab_range", "lesion_side"])
    trainer = building.build(recipe, str(checkpoint), examples, rewarding.load_rewards(recipe), tmp_path / "run")
    *_, steps = trainer.set_initial_training_values(trainer.args, trainer.get_train_dataloader())
    batch = batches(recipe)
    found = plan._steps(recipe, batch, len(examples))
    assert (found["n"], found["completions"]) == (steps, trainer.args.train_batch_size * batch.step // batch.micro)
    assert batch.rollout == trainer.args.generation_batch_size
    assert batch.prompts == trainer.args.generation_batch_size // trainer.args.num_generations
    made = steps * trainer.args.gradient_accumulation_steps
    reuse = trainer.args.steps_per_generation * trainer.args.num_iterations
    assert found["rollouts"] == -(-made // reuse)


def test_the_plan_of_a_run_on_a_checkpoint(here, processor: Any) -> None:
    recipe = here("max_completion_length: 8", "max_completion_length: 4050\n  beta: 0.1")
    examples = data.load("clinic", "train", n=16, families=["lab_range", "lesion_side"])
    exact = [length.tokens for length in lengths.of_prompts(processor, examples, "plain")]
    found = plan.facts(recipe)
    spread = found["tokens a prompt"]
    assert (spread["min"], spread["max"]) == (min(exact), max(exact))
    over = sum(n > 46 for n in exact)
    assert 0 < over < 16
    assert found["over the limit"] == {
        "text": f"{over} of 16 prompts above 46 (context 4096 - max_completion_length 4050)",
        "n": over,
        "limit": 46,
    }
    assert found["tokens a step"]["completions"] == 4 * 4050
    assert found["memory, plain"]["reference_gb"] == found["memory, plain"]["weights_gb"]
    assert found["largest logits"]["text"] == f"{4096 * 400 * 4 / 2**20:,.0f} MB at once"
    assert 0 < found["hours"]["low"] < found["hours"]["high"]
    made = found["steps"]["n"] * found["steps"]["completions"]
    slow, fast = found["hours"]["rollouts_a_second"]
    assert (slow, fast) == pytest.approx([made / 3600 / found["hours"][name] for name in ("high", "low")])
    assert f"at most {fast:,.1f} to {slow:,.1f} rollouts a second" in found["hours"]["text"]
    assert json.loads(json.dumps(found)) == found


def test_vllms_limit_is_the_context(here) -> None:
    found = plan.facts(here("max_completion_length: 8", "max_completion_length: 8\n  vllm_max_model_length: 28"))
    assert found["over the limit"]["limit"] == 20
    assert found["over the limit"]["n"] > 0


@pytest.mark.parametrize(
    ("settings", "passes"),
    [
        ("beta: 0.0", 0),
        ("beta: 0.1", 1),
        ("use_vllm: true", 0),  # the update's own log-probabilities correct vLLM's
        ("use_vllm: true\n  beta: 0.1", 1),
        ("use_vllm: true\n  num_iterations: 2", 1),
        ("use_vllm: true\nruntime:\n  fast_path: off", 1),  # by a pass of their own
        ("use_vllm: true\n  beta: 0.1\nruntime:\n  fast_path: off", 2),
        ("use_vllm: true\n  vllm_importance_sampling_correction: false", 0),
        ("num_iterations: 2", 1),  # the second use of a completion needs its old log-probabilities
        ("steps_per_generation: 2", 1),
        ("steps_per_generation: 2\n  gradient_accumulation_steps: 4", 0),
    ],
)
def test_completions_are_read_again_for_what_the_loss_needs(load, settings: str, passes: int) -> None:
    settings, _, runtime = settings.partition("runtime:")
    recipe = load(
        "  use_vllm: false\n", "", "max_steps: 1", settings, "eval:", f"runtime: {{{runtime.strip()}}}\neval:"
    )
    assert plan._forward_passes(recipe, batches(recipe)) == passes


@pytest.mark.parametrize(("fast_path", "micro", "shared"), [("off", 4, 1), ("auto", 4, 2), ("on", 1, 1)])
def test_flops_are_counted_by_hand(load, fast_path: str, micro: int, shared: int) -> None:
    """4 completions a step in groups of 2, used twice; prompts of 10 and 20 tokens, 1 parameter."""
    recipe = load(
        "per_device_train_batch_size: 4",
        f"per_device_train_batch_size: {micro}\n  gradient_accumulation_steps: {4 // micro}",
        "max_steps: 1",
        "beta: 0.1\n  num_iterations: 2",
        "eval:",
        f"runtime: {{fast_path: {fast_path}}}\neval:",
    )
    origin = Origin(Parameters(1, per_token=1))
    found = plan._flops(recipe, batches(recipe), [Length(10, 0), Length(20, 0)], 5, 6, origin)
    generated, trained = 12, 24
    rollout = 2 * (15 / 2 + 5)  # a group's prompt is read once
    again = 2 * 2 * (15 / shared + 5)  # old and reference log-probabilities
    assert found == generated * (rollout + again) + trained * 6 * (15 / shared + 5)


def test_too_few_examples_for_one_rollout_are_bad_input(here, tmp_path: Path) -> None:
    recipe = here("max_steps: 1", "max_steps: 1\n  steps_per_generation: 10")
    text = r"r\.yaml:3: data\.train: 16 examples do not fill one rollout of 20 prompts: nothing would be trained"
    with pytest.raises(BadInput, match=text):
        plan.facts(recipe)


def test_the_command_prints_the_plan(here, tmp_path: Path) -> None:
    here("max_steps: 1", "max_steps: 3")
    done = run(str(tmp_path / "r.yaml"), "--plan")
    assert done.returncode == 0, done.stderr
    lines = dict(line.split(":", 1) for line in done.stdout.splitlines() if ":" in line)
    assert lines["rewards"].strip() == "1 x answer_match"  # what --check prints
    assert lines["steps"].strip() == "3 of 4 completions each: 0.38 epochs, 3 rollouts of 2 prompts x 2"
    assert lines["missing here"].strip() == "nothing"
    assert lines["tokens a prompt"].strip().startswith("min ")
    assert not (tmp_path / "grpo").exists()


def test_it_is_judged_or_planned_not_both(here, tmp_path: Path) -> None:
    here()
    done = run(str(tmp_path / "r.yaml"), "--plan", "--check")
    assert done.returncode == 2
    assert "not allowed with argument" in done.stderr.splitlines()[-1]
