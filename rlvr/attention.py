"""Attention of rows in which completions share their prompt (`rlvr.prefix`).

What it is told comes as an argument of the forward pass, and the implementation stays the model's for good: gradient
checkpointing runs a layer again in the backward pass, and must find both as they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface

from sft.segments import mask

NAME = "shared_prefix"


@dataclass(frozen=True)
class Group:
    """Tokens of a prefix, and of each suffix that goes on from it, in the order of the row."""

    prefix: int
    suffixes: tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """The groups of a row, one after the other."""

    groups: tuple[Group, ...]
    _masks: dict[tuple[int, int], torch.Tensor] = field(default_factory=dict, compare=False, repr=False)

    @property
    def sizes(self) -> list[int]:
        """Tokens of each block of the row."""
        return [n for group in self.groups for n in (group.prefix, *group.suffixes)]

    @property
    def scored(self) -> list[bool]:
        """Of each place of the row, whether its next token is scored: it is in a suffix."""
        made: list[bool] = []
        for group in self.groups:
            made += [False] * group.prefix + [True] * sum(group.suffixes)
        return made

    def mask(self, prefix: int, suffix: int, device: torch.device) -> torch.Tensor:
        """Bool [suffix, prefix + suffix]: all of the prefix, and of itself what is not after. All layers share it."""
        found = self._masks.get((prefix, suffix))
        if found is None or found.device != device:
            found = torch.ones(suffix, prefix + suffix, dtype=torch.bool, device=device).tril(prefix)
            self._masks[prefix, suffix] = found
        return found


def attend(
    module: torch.nn.Module,
    query: torch.Tensor,  # [1, heads, row, size]
    key: torch.Tensor,  # [1, key heads, row, size]
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    layout: Layout | None = None,
    **rest: Any,
) -> tuple[torch.Tensor, None]:
    """Attention of a row by its layout, [1, row, heads, size]; without one, PyTorch's own."""
    if layout is None:
        return sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, dropout=dropout, **rest
        )
    how = {"scale": scaling, "dropout_p": dropout, "enable_gqa": key.shape[1] != query.shape[1]}
    blocks = zip(*(tensor.split(layout.sizes, dim=2) for tensor in (query, key, value)), strict=True)
    found = []
    for group in layout.groups:
        q, prefix_k, prefix_v = next(blocks)
        found.append(scaled_dot_product_attention(q, prefix_k, prefix_v, is_causal=True, **how))
        for n in group.suffixes:
            q, k, v = next(blocks)
            k, v = torch.cat([prefix_k, k], dim=2), torch.cat([prefix_v, v], dim=2)
            mask = layout.mask(group.prefix, n, q.device)
            found.append(scaled_dot_product_attention(q, k, v, attn_mask=mask, **how))
    return torch.cat(found, dim=2).transpose(1, 2), None


def use(model: Any) -> None:
    """Give the language model this attention for good; what comes without a layout is computed by PyTorch's own, and
    the vision tower keeps what it has. model: a plain one, or one with adapters."""
    model = core_of(model)
    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, mask)  # none for a row that comes without one of its own
    text: Any = model.config.get_text_config()
    model.set_attn_implementation(NAME if text is model.config else {"text_config": NAME})
    model.base_model.register_forward_hook(_keep_scored, with_kwargs=True)


def _keep_scored(module: Any, args: Any, given: Mapping[str, Any], output: Any) -> Any:
    """Of the last hidden states, [1, row, size], those that are scored, [1, m, size]: TRL's head then multiplies no
    others with the vocabulary, and takes `shift_labels` for theirs."""
    layout = given.get("layout")
    if layout is not None:
        states = output.last_hidden_state
        output.last_hidden_state = states[:, torch.tensor(layout.scored, device=states.device)]
    return output


def core_of(model: Any) -> Any:
    """The model under its adapters."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model
