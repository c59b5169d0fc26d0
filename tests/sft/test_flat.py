"""A row of samples without padding computes what each of them computes alone: log-probabilities and gradients."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

from sft import flat, segments
from sft.models import load_model
from sft.samples import Encoded, Encoder, Sample

EXACT = 1e-5  # relative, in fp32


@pytest.fixture
def read(processor: Any, picture: Callable[..., Any]) -> list[Encoded]:
    """Text, one image, several, several turns; long and short."""
    said = ["mass", "a mass in the left lung, seen in both views and in the earlier film as well", "no", "two", "left"]
    sizes = [[(56, 84)], [], [(90, 60), (112, 40), (56, 56)], [], [(200, 100)]]
    samples = [
        Sample(
            str(number),
            (
                {
                    "role": "user",
                    "content": [*({"type": "image"} for _ in row), {"type": "text", "text": "What is it?"}],
                },
                {"role": "assistant", "content": text},
                {"role": "user", "content": "Sure?"},
                {"role": "assistant", "content": "<think>yes</think>"},
            ),
            tuple(picture(*size, seed=number) for size in row),
        )
        for number, (text, row) in enumerate(zip(said, sizes, strict=True))
    ]
    return [Encoder(processor)(sample) for sample in samples]


def alone(model: Any, samples: list[Encoded]) -> torch.Tensor:
    """Log-probabilities of what is learnt, each sample in a pass of its own, with its gradients added up."""
    found = []
    for one in samples:
        seen = {} if one.pixels is None else {"pixel_values": one.pixels, "image_grid_thw": one.grids}
        logits = model(input_ids=one.ids[None], mm_token_type_ids=one.kinds[None], **seen).logits[0, :-1]
        found.append(logits.log_softmax(-1).gather(1, one.ids[1:, None])[:, 0][one.learnt[1:]])
    (-torch.cat(found).sum()).backward()
    return torch.cat(found)


def together(model: Any, row: dict[str, torch.Tensor]) -> torch.Tensor:
    """The same of a row."""
    given = {name: row[name] for name in row if name not in ("names", "supervised", "labels", "shift_labels")}
    logits = model(**given, use_cache=False).logits[0, row["supervised"]]
    found = logits.log_softmax(-1).gather(1, row["shift_labels"][0, :, None])[:, 0]
    (-found.sum()).backward()
    return found


def apart(one: Any, other: Any) -> float:
    """The largest relative difference between the gradients of two models."""
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    return max(float((a.grad - b.grad).norm() / b.grad.norm().clamp(min=1e-12)) for a, b in pairs)


@pytest.mark.parametrize("attention", ["segments", "sdpa", "eager"])
def test_a_row_computes_what_its_samples_compute(checkpoint: Path, read: list[Encoded], attention: str) -> None:
    packed, plain = load_model(str(checkpoint), attention=None), load_model(str(checkpoint))
    if attention == "segments":
        assert segments.use(packed) == "segments"
    else:
        packed.set_attn_implementation(attention)
    row = flat.Flat(flat.positions_of(str(checkpoint)))([{"samples": read[:3]}, {"samples": read[3:]}])
    assert row["input_ids"].shape == (1, sum(len(one.ids) for one in read))
    found, exact = together(packed, row), alone(plain, read)
    assert torch.allclose(found, exact, rtol=EXACT, atol=EXACT)
    assert apart(packed, plain) < EXACT


def test_gradient_checkpoints_find_the_samples_again(checkpoint: Path, read: list[Encoded]) -> None:
    packed, plain = load_model(str(checkpoint)), load_model(str(checkpoint))
    segments.use(packed)
    packed.gradient_checkpointing_enable({"use_reentrant": False})
    packed.train()
    found = together(packed, flat.Flat(flat.positions_of(str(checkpoint)))([{"samples": read}]))
    assert torch.allclose(found, alone(plain, read), rtol=EXACT, atol=EXACT)
    assert apart(packed, plain) < EXACT


SIZES = {
    "vocab_size": 100,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
}


@pytest.mark.parametrize(("config", "model"), [(Qwen2Config, Qwen2ForCausalLM), (LlamaConfig, LlamaForCausalLM)])
def test_text_models_are_packed_alike(config: Any, model: Any) -> None:
    torch.manual_seed(0)
    packed = model(config(**SIZES))
    plain = model(config(**SIZES))
    plain.load_state_dict(packed.state_dict())
    segments.use(packed)
    sizes = (5, 40, 1, 17)
    ids = [torch.randint(100, (n,)) for n in sizes]
    samples = [Encoded(str(len(one)), one, torch.rand(len(one)) < 0.6, torch.zeros_like(one)) for one in ids]
    row = flat.Flat()([{"samples": samples}])
    assert row["position_ids"].tolist() == [[*range(5), *range(40), 0, *range(17)]]
    found = together(packed, row)
    exact = []
    for one in samples:
        logits = plain(input_ids=one.ids[None]).logits[0, :-1]
        exact.append(logits.log_softmax(-1).gather(1, one.ids[1:, None])[:, 0][one.learnt[1:]])
    (-torch.cat(exact).sum()).backward()
    assert torch.allclose(found, torch.cat(exact), rtol=EXACT, atol=EXACT)
    assert apart(packed, plain) < EXACT


def test_a_model_that_lets_samples_see_each_other_is_found_out(checkpoint: Path) -> None:
    model = load_model(str(checkpoint))
    segments.use(model)
    assert segments.leak(model, 390, mrope=True) < 1e-6
    assert segments.leak(model, 390, mrope=False) > 0.01  # without text positions it cannot tell


def test_a_model_trained_on_rows_answers_as_before(checkpoint: Path, processor: Any) -> None:
    """Padded batches, with a cache, as `generate` makes them."""
    model, plain = load_model(str(checkpoint)).eval(), load_model(str(checkpoint)).eval()
    segments.use(model)
    asked = processor.tokenizer(
        ["What is seen in it?", "K 5.4"], padding=True, padding_side="left", return_tensors="pt"
    )
    said = [one.generate(**asked, max_new_tokens=12, do_sample=False) for one in (model, plain)]
    assert torch.equal(*said)


def test_a_sliding_window_shorter_than_a_sample_is_refused(checkpoint: Path) -> None:
    row = torch.zeros(1, 2, 8, 4)
    places = torch.arange(8)[None]
    segments.attend(torch.nn.Identity(), row, row, row, None, position_ids=places, sliding_window=8)
    with pytest.raises(ValueError, match="no sliding window"):
        segments.attend(torch.nn.Identity(), row, row, row, None, position_ids=places, sliding_window=7)
