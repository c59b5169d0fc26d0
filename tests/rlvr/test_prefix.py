"""The prompt once per group: log-probabilities, entropies and gradients are those of TRL's rows."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from PIL import Image
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
)
from trl.trainer.grpo_trainer import GRPOTrainer
from trl.trainer.utils import add_fused_lm_head

from rlvr import attention, prefix
from sft.models import load_model

CLOSE = 1e-4  # of the largest of a tensor


def noise(seed: int, size: int) -> Image.Image:
    values = torch.randint(0, 256, (size, size, 3), generator=torch.Generator().manual_seed(seed))
    return Image.fromarray(values.to(torch.uint8).numpy())


def batch(processor: Any, prompts: list[tuple[str, list[Image.Image]]], sizes: list[list[int]]) -> dict[str, Any]:
    """What TRL hands to its model: prompts padded on the left, completions of these sizes on the right."""
    rows, longest = [], max(max(row) for row in sizes)
    rng = torch.Generator().manual_seed(7)
    for (text, images), lengths in zip(prompts, sizes, strict=True):
        content = [*({"type": "image"} for _ in images), {"type": "text", "text": text}]
        said = processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)
        read = processor(text=[said], images=images or None, return_tensors="pt")
        for n in lengths:
            rows.append((read, torch.randint(20, 300, (n,), generator=rng), len(images)))
    width = max(read["input_ids"].shape[1] for read, _, _ in rows)
    made: dict[str, Any] = {"input_ids": [], "attention_mask": [], "mm_token_type_ids": []}
    for read, completion, _ in rows:
        asked = read["input_ids"][0]
        left, right = width - len(asked), longest - len(completion)
        parts = (torch.zeros(left), asked, completion, torch.zeros(right))
        made["input_ids"].append(torch.cat(parts).long())
        made["attention_mask"].append(
            torch.cat([part * 0 + k for part, k in zip(parts, (0, 1, 1, 0), strict=True)]).long()
        )
        kinds = read.get("mm_token_type_ids", torch.zeros_like(read["input_ids"]))[0]
        made["mm_token_type_ids"].append(torch.nn.functional.pad(kinds, (left, longest)))
    made = {name: torch.stack(values) for name, values in made.items()}
    pictured = [read for read, _, n in rows if n]
    if pictured:
        made["pixel_values"] = torch.cat([read["pixel_values"] for read in pictured])
        made["image_grid_thw"] = torch.cat([read["image_grid_thw"] for read in pictured])
        made["num_images"] = [n for _, _, n in rows]
    return {**made, "logits_to_keep": longest}


LONG = "Is the value of 77 g/L low, normal or high, and what follows from it?"
CASES = {
    "text": ([("Is it low?", []), (LONG, [])], [[5, 9, 1], [7, 3, 9]]),
    "one image": ([("What is it?", [noise(1, 56)])], [[6, 6, 2, 9]]),
    "two images": ([("Which is larger?", [noise(1, 56), noise(2, 84)])], [[4, 8]]),
    "same words, another image": ([("What is it?", [noise(1, 56)]), ("What is it?", [noise(2, 56)])], [[4, 8], [3, 2]]),
    "text and images": ([("Is it low?", []), ("What?", [noise(3, 84)]), (LONG, [noise(1, 56)])], [[3], [5, 2], [1, 6]]),
    "an empty completion": ([("Is it low?", []), ("What?", [noise(3, 84)])], [[0, 4], [5, 0]]),
    "a group without any": ([("Is it low?", []), ("What?", [noise(3, 84)])], [[0, 0], [5, 2]]),
}


TEXT: dict[str, Any] = {
    "vocab_size": 400,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
}
VISION: dict[str, Any] = {"depth": 2, "hidden_size": 16, "num_heads": 2, "intermediate_size": 32, "out_hidden_size": 32}
VISION |= {"patch_size": 14, "num_position_embeddings": 16, "deepstack_visual_indexes": [0, 1]}


def qwen3_vl(processor: Any) -> Any:
    rope = {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 1, 1], "mrope_interleaved": True}
    config = Qwen3VLConfig(text_config={**TEXT, "rope_parameters": rope}, vision_config=VISION)
    config.image_token_id = processor.image_token_id
    return Qwen3VLForConditionalGeneration(config)


ARCHITECTURES = {
    "llama": lambda _: LlamaForCausalLM(LlamaConfig(**TEXT)),
    "qwen2": lambda _: Qwen2ForCausalLM(Qwen2Config(**{k: v for k, v in TEXT.items() if k != "head_dim"})),
    "qwen3": lambda _: Qwen3ForCausalLM(Qwen3Config(**TEXT)),
    "qwen3_vl": qwen3_vl,
}


@pytest.fixture
def policy(checkpoint: Any) -> Any:
    return load_model(str(checkpoint))


def demand_equal(model: Any, given: dict[str, Any], checkpointing: bool | None = None) -> None:
    """Values and all gradients of the shared row are those of TRL's rows."""
    add_fused_lm_head(model.train(), temperature=0.7, outputs=("log_probs", "entropy"))
    trainer: Any = SimpleNamespace(accelerator=SimpleNamespace(autocast=nullcontext, is_main_process=True))
    plain: Any = GRPOTrainer._get_per_token_logps_and_entropies(trainer, model, **given, compute_entropy=True)[:2]
    weighed(*plain).backward()
    wanted = gradients(model)
    model.zero_grad()

    attention.use(model)
    if checkpointing is not None:
        model.gradient_checkpointing_enable({"use_reentrant": checkpointing})
        model.enable_input_require_grads()
    shared: Any = prefix.scores(model, prefix.Batch.of(**given), prefix.rope_of(model))
    weighed(*shared).backward()
    for one, other in zip(shared, plain, strict=True):
        assert one.shape == other.shape
        torch.testing.assert_close(one, other, rtol=0, atol=1e-5)
    found = gradients(model)
    assert found.keys() == wanted.keys()
    for tensor, value in wanted.items():
        apart = float((found[tensor] - value).abs().max() / value.abs().max().clamp(min=1e-8))
        assert apart < CLOSE, f"{tensor}: {apart:.2g}"


def weighed(logps: torch.Tensor, entropies: torch.Tensor) -> torch.Tensor:
    """A loss that no sum of gradients could hide in: each place counts otherwise."""
    weights = torch.randn(logps.shape, generator=torch.Generator().manual_seed(3))
    return (logps * weights).sum() + (entropies * weights.flip(0)).sum()


def gradients(model: Any) -> dict[str, torch.Tensor]:
    return {name: one.grad.clone() for name, one in model.named_parameters() if one.grad is not None}


@pytest.mark.parametrize("checkpointing", [None, True, False], ids=["", "reentrant", "non-reentrant"])
@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients_are_those_of_trl(policy, processor, name: str, checkpointing: bool | None) -> None:
    demand_equal(policy, batch(processor, *CASES[name]), checkpointing)


@pytest.mark.parametrize("kind", ARCHITECTURES)
def test_so_they_are_of_other_models(processor, kind: str) -> None:
    torch.manual_seed(0)
    given = batch(processor, *CASES["text and images" if kind == "qwen3_vl" else "text"])
    if kind != "qwen3_vl":
        del given["mm_token_type_ids"]
    demand_equal(ARCHITECTURES[kind](processor), given)


def test_each_prompt_and_each_image_is_in_the_row_once(policy, processor) -> None:
    given = batch(processor, *CASES["same words, another image"])
    row = prefix.row_of(prefix.Batch.of(**given), prefix.rope_of(policy))
    sizes = given["attention_mask"].sum(dim=1).tolist()
    asked = [sizes[0] - 4, sizes[2] - 3]
    assert row.layout.groups == (attention.Group(asked[0] - 1, (4, 8)), attention.Group(asked[1] - 1, (3, 2)))
    assert len(row.inputs["image_grid_thw"]) == 2
    assert row.rows == ((0, 4), (1, 8), (2, 3), (3, 2))


@pytest.mark.parametrize("kind", ["qwen2_5_vl", "qwen3_vl"])
def test_an_image_that_nothing_looks_at_changes_nothing_but_passes_the_tower(policy, processor, kind: str) -> None:
    given = batch(processor, *CASES["text"])
    model = policy if kind == "qwen2_5_vl" else qwen3_vl(processor)
    add_fused_lm_head(model, outputs=("log_probs", "entropy"))
    attention.use(model)
    found = []
    for blank in (None, model.config):
        model.zero_grad()
        shared: Any = prefix.scores(model, prefix.Batch.of(**given), prefix.rope_of(model), blank)
        weighed(*shared).backward()
        found.append((shared, gradients(model)))
    (wanted, pulls), (got, others) = found
    for one, other in zip(got, wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-5)
    assert all("visual" in name and not others[name].any() for name in others.keys() - pulls.keys())
    assert others.keys() == {name for name, one in model.named_parameters() if one.requires_grad}
    for name, value in pulls.items():
        assert float((others[name] - value).abs().max() / value.abs().max().clamp(min=1e-8)) < CLOSE


def test_the_head_sees_only_what_is_scored(policy, processor) -> None:
    given = batch(processor, *CASES["text and images"])
    add_fused_lm_head(policy, outputs=("log_probs", "entropy"))
    attention.use(policy)
    seen: list[torch.Size] = []
    policy.base_model.register_forward_hook(lambda module, args, output: seen.append(output.last_hidden_state.shape))
    prefix.scores(policy, prefix.Batch.of(**given), prefix.rope_of(policy))
    policy(input_ids=given["input_ids"][:1, -6:])  # without a layout: all
    assert [shape[1] for shape in seen] == [3 + 5 + 2 + 1 + 6, 6]


def test_without_a_token_to_score_one_is_all_the_same(policy, processor) -> None:
    given = batch(processor, [("Is it low?", []), ("What?", [noise(3, 84)])], [[3, 2], [4]])
    given["attention_mask"][:, -4:] = 0  # as where all completions were cut off and do not count
    row = prefix.row_of(prefix.Batch.of(**given), prefix.rope_of(policy))
    assert row.rows == ((0, 1),)
    assert row.labels.tolist() == [given["input_ids"][0, -4:-3].tolist()]
