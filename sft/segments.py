"""Attention within the samples of a packed row, on any device: the samples of a row do not see each other.

A packed row is one sequence whose text positions begin at 0 again with each sample. Flash attention reads the samples'
ends from these positions by itself; PyTorch's own kernels would be given a square mask, most of which is empty: what
they compute grows with the square of the row. Here each sample is a call of its own, so the work is that of the
samples, and nothing is masked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

NAME = "segments"


def attend(
    module: torch.nn.Module,
    query: torch.Tensor,  # [1, heads, row, size]
    key: torch.Tensor,  # [1, key heads, row, size]
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    position_ids: torch.Tensor | None = None,  # [1, row]
    sliding_window: int | None = None,
    **rest: Any,
) -> tuple[torch.Tensor, None]:
    """Causal attention of each sample to itself, [1, row, heads, size]; whatever is no packed row (a padded batch,
    generation with its cache) is PyTorch's own. ValueError where a sample is longer than a sliding window."""
    n = query.shape[2]
    if attention_mask is not None or position_ids is None or position_ids.shape != (1, n) or key.shape[2] != n:
        given = {"scaling": scaling, "dropout": dropout, "position_ids": position_ids, **rest}
        return sdpa_attention_forward(module, query, key, value, attention_mask, **given)
    sizes = lengths(position_ids)
    if sliding_window is not None and max(sizes) > sliding_window:
        raise ValueError(f"attention by segments has no sliding window; a sample is longer than {sliding_window}")
    found = [
        scaled_dot_product_attention(
            q, k, v, is_causal=True, scale=scaling, dropout_p=dropout, enable_gqa=k.shape[1] != q.shape[1]
        )
        for q, k, v in zip(*(tensor.split(sizes, dim=2) for tensor in (query, key, value)), strict=True)
    ]
    return torch.cat(found, dim=2).transpose(1, 2), None


def mask(
    batch_size: int, q_length: int, kv_length: int, attention_mask: torch.Tensor | None = None, **rest: Any
) -> torch.Tensor | None:
    """None for a row that comes without a mask of its own, else what PyTorch's attention is given."""
    if attention_mask is None and batch_size == 1 and q_length == kv_length:
        return None
    return sdpa_mask(
        batch_size=batch_size, q_length=q_length, kv_length=kv_length, attention_mask=attention_mask, **rest
    )


def lengths(position_ids: torch.Tensor) -> list[int]:
    """Tokens of each sample of a row, from where its text positions, [1, row], begin at 0 again.

    The answer is kept on the tensor, which all layers are given, and the backward pass with its checkpoints again: on a
    GPU each reading would wait for the device.
    """
    known = getattr(position_ids, "lengths", None)
    if known is None:
        row = position_ids[0]
        starts = torch.nonzero(row == 0)[:, 0].tolist()
        known = [end - start for start, end in zip(starts, [*starts[1:], len(row)], strict=True)]
        position_ids.lengths = known  # pyright: ignore[reportAttributeAccessIssue]
    return known


def use(model: PreTrainedModel) -> str:
    """Give the language model the attention that keeps packed samples apart; the one that was chosen, by name.

    Flash attention stays where the model was loaded with it; the vision tower, which keeps images apart itself, keeps
    its own.
    """
    text: Any = model.config.get_text_config()
    if "flash" in (text._attn_implementation or ""):
        return text._attn_implementation
    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, mask)
    if text is model.config:
        model.set_attn_implementation(NAME)
    else:
        model.set_attn_implementation({"text_config": NAME})
    return NAME


def leak(model: Any, n_words: int, *, mrope: bool, device: Any = None) -> float:
    """How far the log-probabilities of a sample move when another stands before it in the row, at most; 0 up to
    rounding where samples are kept apart. model: as it trains, whatever it is wrapped in; n_words: of its vocabulary;
    mrope: whether its positions are those of text, time, height and width."""
    samples = [torch.arange(start, start + 8, device=device) % n_words for start in (1, 11)]
    places = torch.arange(8, device=device)

    def read(row: Sequence[torch.Tensor]) -> torch.Tensor:
        positions = torch.cat([places for _ in row])[None]
        positions = positions.expand(4, 1, -1) if mrope else positions
        logits = model(input_ids=torch.cat(list(row))[None], position_ids=positions, use_cache=False).logits
        return logits[0, -8:].float().log_softmax(-1)

    training = model.training
    model.eval()  # dropout would move them too, and take random numbers that a resumed run then lacks
    try:
        with torch.no_grad():
            return float((read(samples) - read(samples[1:])).abs().max())
    finally:
        model.train(training)
