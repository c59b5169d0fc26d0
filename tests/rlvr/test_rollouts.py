"""The pure parts of the rollouts; that the two engines agree is measured by test_engines_agree.py."""

from typing import Any

import pytest
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM
from trl.trainer.utils import add_fused_lm_head

from eval.engines import vision_ids
from rlvr.rollouts import ban_in_model, collapse_image_pads

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


def prompt(processor: Any) -> dict[str, torch.Tensor]:
    return dict(processor(text=["<|im_start|>user\nIs it high?<|im_end|>\n"], return_tensors="pt"))


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
        vocab_size=32, hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=1
    )
    model = Qwen2ForCausalLM(config).bfloat16()
    ban_in_model(model, [3, 5])
    logits = model(torch.tensor([[1, 2]])).logits
    assert logits.dtype == torch.bfloat16
    assert logits.float().softmax(-1)[..., [3, 5]].max() == 0


def test_nothing_to_ban_changes_nothing(model: Any) -> None:
    ban_in_model(model, [])
    assert model.get_output_embeddings().bias is None
