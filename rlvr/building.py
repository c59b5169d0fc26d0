"""From a judged recipe to a trainer that is ready to start."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig
from trl.trainer.grpo_config import GRPOConfig

from data import Example
from eval.engines import text_tokenizer
from eval.gguf import local_checkpoint
from recipes import BadInput, Recipe
from rewards import Reward, TrlReward
from rlvr import golds, towers
from rlvr.check import batches
from rlvr.rows import training_rows
from rlvr.scoring import Scoring
from rlvr.trainer import MedGRPOTrainer
from sft import lengths
from sft.machine import on_this_device
from sft.models import load_model, load_processor, pixel_budget
from sft.stage import save

__all__ = ["build", "save"]


def build(
    recipe: Recipe,
    start: str | None,
    examples: Sequence[Example],
    graded: Sequence[tuple[Reward | TrlReward, float]],
    folder: Path,
) -> MedGRPOTrainer:
    """The trainer over checkpoint `start`; settings under TRL's own names, rewards in the recipe's order."""
    assert start is not None, "the schema lets no grpo recipe start from model.init"
    model = recipe.model
    start = local_checkpoint(start)
    processor = load_processor(start, revision=model.revision, min_pixels=model.min_pixels, max_pixels=model.max_pixels)
    lengths.refuse_images_for_a_text_model(processor, examples)
    args = GRPOConfig(
        output_dir=str(folder / "checkpoints"),
        seed=recipe.run.seed,
        report_to=list(recipe.run.report_to),
        run_name=folder.name,
        reward_weights=[weight for _, weight in graded],
        **{"logging_steps": 1, **on_this_device(recipe.grpo)},
    )
    shown = any(example.images for example in examples)
    rows = training_rows(examples, recipe.data.prompt, with_images=shown, kept=batches(recipe).prompts)
    policy = load_model(start, revision=model.revision, dtype=_dtype(args))
    refuse_long_prompts(recipe, processor, examples, args.max_completion_length, _context(args, policy))
    ends = _end_ids(processor, policy)
    golds.refuse_unfair(recipe, graded, examples, processor, ends)
    trainer = MedGRPOTrainer(
        policy,
        scoring=Scoring([reward for reward, _ in graded], examples, ends, recipe.runtime),
        args=args,
        train_dataset=rows,
        processing_class=processor,
        peft_config=LoraConfig(**model.lora) if model.lora else None,
        pixels=pixel_budget(model.min_pixels, model.max_pixels) or None,
        fast_path=recipe.runtime.fast_path,
        dynamic_sampling=recipe.runtime.dynamic_sampling,
        one_step_off=recipe.runtime.one_step_off,
        curriculum=recipe.runtime.curriculum,
    )
    towers.attach(trainer, recipe.runtime.vision_cache_mb)
    return trainer


def _dtype(args: GRPOConfig) -> torch.dtype:
    """Weights in bf16 where the optimizer is told to keep up with that, else fp32 (bf16 then means autocast)."""
    given: Any = args.model_init_kwargs or {}
    wanted = given.get("dtype", "float32")
    return getattr(torch, wanted) if isinstance(wanted, str) else wanted


def precision(trainer: MedGRPOTrainer) -> str:
    """What the policy computes in, as a torch dtype's name: autocast's, else its weights'."""
    policy: Any = trainer.model
    return "bfloat16" if trainer.args.bf16 else str(policy.dtype).removeprefix("torch.")


def _end_ids(processor: Any, model: Any) -> frozenset[int]:
    tokenizer = text_tokenizer(processor)
    ends = model.generation_config.eos_token_id
    ends = ends if isinstance(ends, list) else [ends]
    return frozenset(i for i in (*ends, tokenizer.eos_token_id, tokenizer.pad_token_id) if i is not None)


def _context(args: GRPOConfig, model: Any) -> int:
    """Tokens that prompt and completion may have together."""
    return args.vllm_max_model_length or model.config.get_text_config().max_position_embeddings


def refuse_long_prompts(
    recipe: Recipe, processor: Any, examples: Sequence[Example], completion: int | None, context: int
) -> None:
    """BadInput where a prompt, images expanded, and a full completion do not fit into the context together."""
    found = [length.tokens for length in lengths.of_prompts(processor, examples, recipe.data.prompt)]
    room = context - (completion or 0)
    if not found or max(found) <= room:
        return
    worst = max(range(len(found)), key=found.__getitem__)
    text = (
        f"{sum(n > room for n in found)} of {len(found)} prompts are too long: row {worst} has {found[worst]} "
        f"tokens, room is {room} (context {context} - max_completion_length {completion}); raise "
        f"grpo.vllm_max_model_length, lower model.max_pixels, or shorten the prompts in the data set"
    )
    raise BadInput([recipe.problem("grpo.max_completion_length", text)])
