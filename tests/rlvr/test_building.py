"""What is refused before a trainer is built, prompts without room, and what a built one has."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import data
from data import Example
from recipes import BadInput
from rlvr import building, rewarding
from sft import lengths


@pytest.fixture(scope="module")
def examples(picture: Callable[..., Any]) -> list[Example]:
    """No image, one and several, of sizes below, within and above the pixel budget, tall and wide."""
    sizes = [[], [(56, 56)], [(84, 112), (60, 70)], [(200, 150)], [(20, 90), (300, 40), (57, 113)]]
    return [
        Example(str(i), f"What do these {len(row)} show?", "mass", images=tuple(picture(*size) for size in row))
        for i, row in enumerate(sizes)
    ]


def test_prompts_that_leave_no_room_are_refused_with_the_remedy(
    load, processor: Any, examples: list[Example], tmp_path: Path
) -> None:
    found = [length.tokens for length in lengths.of_prompts(processor, examples, "plain")]
    longest = max(found)
    worst = found.index(longest)
    building.refuse_long_prompts(load(), processor, examples, completion=8, context=longest + 8)
    with pytest.raises(BadInput) as refused:
        building.refuse_long_prompts(load(), processor, examples, completion=8, context=longest + 7)
    [line] = refused.value.problems
    assert line.startswith(f"{tmp_path}/r.yaml:13: grpo.max_completion_length: 1 of 5 prompts are too long: ")
    for part in (
        f"row {worst} has {longest} tokens, room is {longest - 1} (context {longest + 7} - max_completion_length 8)",
        "raise grpo.vllm_max_model_length",
        "lower model.max_pixels",
    ):
        assert part in line


@pytest.fixture
def built(load, checkpoint: Path, tmp_path: Path) -> Callable[..., Any]:
    """built(*swaps) -> the trainer of a recipe, over the tiny checkpoint."""

    def _built(*swaps: str, use: list[Example] | None = None) -> Any:
        recipe = load(*swaps)
        examples = use or data.load("clinic", "train", n=4, families=["lab_range", "lesion_side"])
        return building.build(recipe, str(checkpoint), examples, rewarding.load_rewards(recipe), tmp_path / "run")

    return _built


def test_the_trainer_has_the_recipes_settings(built) -> None:
    trainer = built(
        "{use: answer_match}", "{use: answer_match, weight: 0.7}\n  - {use: format, weight: 0.2}",
        "max_steps: 1", "max_steps: 1\n  beta: 0.1\n  learning_rate: 2e-5",
        "report_to: none", "report_to: none, seed: 5",
    )  # fmt: skip
    args = trainer.args
    assert (args.seed, args.beta, args.learning_rate, args.num_generations) == (5, 0.1, 2e-5, 2)
    assert trainer.reward_func_names == ["answer_match", "format"]
    assert args.reward_weights == [0.7, 0.2]
    assert trainer.ref_model is not None
    for model in (trainer.model, trainer.ref_model):
        assert model.get_output_embeddings().bias.min() < -9000  # neither can write a vision token
    assert trainer.model.dtype == torch.float32
    assert building.precision(trainer) == "float32"


def test_a_cap_is_no_summand(built) -> None:
    trainer = built("{use: answer_match}", "{use: answer_match}\n  - {use: safety_cap, weight: 0.5}")
    assert trainer.reward_func_names == ["answer_match", "safety_cap", "caps"]
    assert trainer.reward_weights.tolist() == [1.0, 0.0, 1.0]


def test_a_prompt_too_long_stops_the_build(built) -> None:
    with pytest.raises(BadInput, match=r"grpo\.max_completion_length: 4 of 4 prompts are too long"):
        built("max_completion_length: 8", "max_completion_length: 4090")


def test_an_answer_ends_at_any_of_the_models_end_tokens(processor: Any, model: Any) -> None:
    tokenizer = processor.tokenizer
    ends = {tokenizer.eos_token_id, tokenizer.pad_token_id}
    assert building._end_ids(processor, model) == ends
    model.generation_config.eos_token_id = [5, tokenizer.eos_token_id]
    assert building._end_ids(tokenizer, model) == ends | {5}
