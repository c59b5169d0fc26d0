"""Rollouts: their pure parts, and that vLLM and the policy agree about every token that was sampled."""

import json
import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM
from trl.trainer.utils import add_fused_lm_head

from eval.engines import vision_ids
from recipes import BadInput
from rlvr.rollouts import arrived, ban_in_model, collapse_image_pads, in_groups

PAD = 9


@pytest.mark.parametrize(
    ("ids", "collapsed"),
    [
        ([], []),
        ([1, 2, 3], [1, 2, 3]),
        ([1, PAD, 2], [1, PAD, 2]),
        ([1, PAD, PAD, PAD, PAD, 2], [1, PAD, 2]),
        ([PAD, PAD, 1], [PAD, 1]),
        ([1, PAD, PAD], [1, PAD]),
        ([1, 7, PAD, PAD, 8, 7, PAD, PAD, PAD, 8, 2], [1, 7, PAD, 8, 7, PAD, 8, 2]),  # two images, their marks between
        ([1, 7, PAD, 8, 7, PAD, 8], [1, 7, PAD, 8, 7, PAD, 8]),
        ([1, 1, PAD, PAD, 1, 1], [1, 1, PAD, 1, 1]),  # other repetitions stay
    ],
)
def test_a_run_of_pads_becomes_one(ids: list[int], collapsed: list[int]) -> None:
    assert collapse_image_pads(ids, PAD) == collapsed
    assert collapse_image_pads(collapsed, PAD) == collapsed


def test_a_text_model_has_no_pads_to_collapse() -> None:
    assert collapse_image_pads([1, 1, 9, 9], None) == [1, 1, 9, 9]


def test_expanded_prompts_collapse_to_what_the_template_says(processor: Any, picture) -> None:
    image = "<|vision_start|><|image_pad|><|vision_end|>"
    text = f"a{image}{image}b{image}c"
    pictures = [picture(56, 56), picture(200, 100), picture(30, 90)]
    expanded = processor(text=[text], images=pictures)["input_ids"][0]
    plain = processor.tokenizer(text)["input_ids"]
    assert len(expanded) > len(plain)
    assert collapse_image_pads(list(expanded), processor.image_token_id) == plain


A, B = object(), object()


@pytest.mark.parametrize(
    ("prompts", "images", "n", "told"),
    [
        ([[1], [1], [2], [2]], None, 2, True),
        ([[1], [1], [2], [2]], None, 4, False),
        ([[1], [1], [2], [2]], None, 1, True),
        ([[1], [1], [1]], None, 2, False),  # half a group is on another process
        ([[1], [2], [1], [2]], None, 2, False),
        ([[1], [1], [1], [1]], [[A], [A], [B], [B]], 2, True),
        ([[1], [1], [1], [1]], [[A], [A], [B], [B]], 4, False),  # the same words, another picture
        ([[1], [1], [1], [1]], [None, None, [A, B], [A, B]], 2, True),
        ([[1], [1], [1], [1]], [None, None, [A, B], [B, A]], 2, False),
        ([], None, 2, True),
    ],
)
def test_rows_in_groups_are_known(prompts, images, n, told) -> None:
    assert in_groups(prompts, images, n) == told


def prompt(processor: Any) -> dict[str, torch.Tensor]:
    return dict(processor(text=["<|im_start|>user\nIs it high?<|im_end|>\n"], return_tensors="pt"))


NORM = torch.arange(100.0)


@pytest.mark.parametrize(
    ("kept", "found", "said"),
    [
        (NORM, {"norm"}, ""),
        (NORM.to(torch.bfloat16), {"norm"}, ""),  # the engine rounds
        (NORM.repeat(2), {"norm"}, ""),  # one part of what vLLM joins
        (NORM, {"norm", "a scale of its own"}, ""),
        (NORM + 1, {"norm"}, "holds other values for model.norm"),
        (NORM, set(), "has no place for model.norm"),
    ],
)
def test_a_tensor_that_did_not_arrive_ends_the_run(kept: torch.Tensor, found: set[str], said: str) -> None:
    def load(weights: list) -> set[str]:
        [(name, tensor)] = weights
        assert name == "model.norm"
        assert tensor is NORM
        return found

    with pytest.raises(BadInput, match=said) if said else nullcontext():
        assert arrived({"norm": kept}, load, [("model.norm", NORM)]) == found


def test_banned_tokens_have_no_probability_and_the_others_keep_their_odds(model: Any, processor: Any) -> None:
    banned = vision_ids(processor)
    inputs = prompt(processor)
    with torch.no_grad():
        before = model(**inputs).logits[0]  # (length, vocab)
        ban_in_model(model, banned)
        after = model(**inputs).logits[0]
    assert before.softmax(-1)[:, banned].max() > 1e-4  # they could have been sampled
    assert after.softmax(-1)[:, banned].max() == 0
    rest = [i for i in range(before.shape[1]) if i not in banned]
    assert torch.equal(before[:, rest], after[:, rest])


def test_the_ban_is_nowhere_to_be_saved_trained_or_synchronised(model: Any, processor: Any, tmp_path) -> None:
    saved, trained = set(model.state_dict()), {name for name, _ in model.named_parameters()}
    ban_in_model(model, vision_ids(processor))
    assert set(model.state_dict()) == saved
    assert {name for name, _ in model.named_parameters()} == trained
    model.save_pretrained(tmp_path)
    again = type(model).from_pretrained(tmp_path)
    assert again.get_output_embeddings().bias is None


@pytest.mark.parametrize("fused", [False, True], ids=["logits", "TRL's fused head"])
def test_losses_stay_finite_under_the_ban(model: Any, processor: Any, fused: bool) -> None:
    """Gradients, and the entropy, in which a probability of 0 meets its logarithm."""
    inputs = prompt(processor)
    said = inputs["input_ids"]
    if fused:
        add_fused_lm_head(model, outputs=("log_probs", "entropy"))
    ban_in_model(model, vision_ids(processor))
    if fused:
        output = model(**inputs, labels=said, fused_lm_head=True)
        log_probs, entropy = output.log_probs[:, 1:], output.entropy[:, 1:]
    else:
        drawn = torch.distributions.Categorical(logits=model(**inputs).logits[:, :-1])
        log_probs, entropy = drawn.log_prob(said[:, 1:]), drawn.entropy()
    assert entropy.isfinite().all()
    assert entropy.min() > 0
    (log_probs.sum() + entropy.sum()).backward()
    gradients = [value.grad for value in model.parameters() if value.grad is not None]
    assert max(gradient.abs().max() for gradient in gradients) > 0
    assert all(gradient.isfinite().all() for gradient in gradients)


def test_TRLs_fused_head_scores_under_the_ban_too(model: Any, processor: Any) -> None:
    banned = vision_ids(processor)
    inputs = prompt(processor)
    labels = inputs["input_ids"].clone()
    labels[:, -1] = banned[0]
    add_fused_lm_head(model, outputs=("log_probs", "entropy"))
    with torch.no_grad():
        free = model(**inputs, labels=labels, fused_lm_head=True).log_probs[0]
        ban_in_model(model, banned)
        held = model(**inputs, labels=labels, fused_lm_head=True).log_probs[0]
    assert free[-1] > -20
    assert held[-1] < -9000
    assert (held[1:-1] > free[1:-1]).all()  # what the banned ones had is shared out among the others


def test_the_ban_keeps_the_models_precision() -> None:
    config = Qwen2Config(
        vocab_size=32,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
    )
    model = Qwen2ForCausalLM(config).bfloat16()
    ban_in_model(model, [3, 5])
    logits = model(torch.tensor([[1, 2]])).logits
    assert logits.dtype == torch.bfloat16
    assert logits.float().softmax(-1)[..., [3, 5]].max() == 0


def test_nothing_to_ban_changes_nothing(model: Any) -> None:
    ban_in_model(model, [])
    assert model.get_output_embeddings().bias is None


@pytest.fixture(scope="module", params=["all weights", "lora"])
def mixed(request: pytest.FixtureRequest, checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What mixed_run.py measured in a short run on rows of 0, 1 and 2 images, beta 0.04, two passes over each batch."""
    out = tmp_path_factory.mktemp("mixed")
    command = [sys.executable, str(Path(__file__).with_name("mixed_run.py")), str(checkpoint), str(out), request.param]
    done = subprocess.run(
        command,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    return json.loads((out / "mixed.json").read_text())


@pytest.mark.slow
def test_vllm_and_the_policy_agree_after_every_update(mixed: dict[str, Any]) -> None:
    """In fp32, on text and images alike, and on images that are seen again after the weights have moved."""
    assert len(mixed["gap_mean"]) == len(mixed["gap_max"]) == 3  # six steps, two to each batch of rollouts
    assert max(mixed["gap_mean"]) < 1e-3
    assert max(mixed["gap_max"]) < 1e-2


@pytest.mark.slow
def test_a_group_is_one_request(mixed: dict[str, Any]) -> None:
    assert mixed["requests"] == [8] * 3  # 32 completions, four to a group


@pytest.mark.slow
def test_the_weights_had_really_moved(mixed: dict[str, Any]) -> None:
    assert len(mixed["moved"]) > 10
    assert min(mixed["moved"].values()) > 1e-3
    assert any("visual" in name for name in mixed["moved"])
    assert len(mixed["steps"]) == 6


@pytest.mark.slow
def test_the_measurement_notices_expanded_image_pads(mixed: dict[str, Any]) -> None:
    assert max(mixed["gap_mean_uncollapsed"]) > 1e-2


@pytest.mark.slow
def test_no_vision_token_is_ever_sampled(mixed: dict[str, Any]) -> None:
    assert mixed["tokens_sampled"] > 200  # of about 400, the 4 vision tokens among them
    assert mixed["vision_tokens_sampled"] == []


@pytest.mark.slow
def test_the_policy_leaves_its_reference_as_it_learns(mixed: dict[str, Any]) -> None:
    kl = [step["kl"] for step in mixed["steps"]]
    assert kl[0] == pytest.approx(0.0, abs=1e-6)
    assert min(kl[2:]) > 1e-3
    assert all(step["entropy"] > 0 for step in mixed["steps"])
