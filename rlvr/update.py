"""What an update can tell by its own forward pass, so that no other pass is run for it, and which rows need none.

Where a batch of rollouts is used up in one step of the optimizer, the policy that scores it is the one that sampled it:
the old log-probabilities are the update's own, and so is the correction for vLLM's. A completion of advantage 0 moves
nothing unless the loss has another term.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from accelerate.utils import gather

MODES = ("token_truncate", "token_mask", "sequence_truncate", "sequence_mask")
METRICS = (
    "sampling/sampling_logp_difference/mean",
    "sampling/sampling_logp_difference/max",
    "sampling/importance_sampling_ratio/min",
    "sampling/importance_sampling_ratio/mean",
    "sampling/importance_sampling_ratio/max",
)


@dataclass(frozen=True)
class Correction:
    """TRL's `vllm_importance_sampling_mode`, `_clip_min` and `_clip_max`."""

    mode: str
    low: float | None
    high: float | None

    def __call__(self, logps: torch.Tensor, sampled: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """pi / pi of vLLM of each token, [rows, tokens], or of each row, [rows, 1]; 1 where vLLM gave none (NaN)."""
        apart = torch.nan_to_num((logps - sampled) * mask, nan=0.0)
        if self.mode.startswith("sequence"):
            apart = apart.sum(dim=-1, keepdim=True)
        ratio = apart.exp()
        if self.mode.endswith("truncate"):
            return ratio.clamp(min=self.low, max=self.high)
        low, high = -math.inf if self.low is None else self.low, math.inf if self.high is None else self.high
        return ratio.masked_fill((ratio < low) | (ratio > high), 0.0)


@dataclass
class Gaps:
    """How far vLLM and the policy lie apart, over the batches of one step of the optimizer."""

    apart: list[torch.Tensor] = field(default_factory=list)
    ratios: list[torch.Tensor] = field(default_factory=list)

    def metrics(self, device: torch.device) -> dict[str, float]:
        """Of all processes, by TRL's names and as TRL counts them; begins anew."""
        apart, ratios = (torch.cat(found) if found else torch.empty(0) for found in (self.apart, self.ratios))
        apart, ratios = (found if found.numel() else torch.zeros(1) for found in (apart, ratios))
        here = [apart.mean(), apart.max(), ratios.min(), ratios.mean(), ratios.max()]
        found = of_all(torch.stack([value.to(device, torch.float32) for value in here])[None])
        total = (found[:, 0].mean(), found[:, 1].max(), found[:, 2].min(), found[:, 3].mean(), found[:, 4].max())
        self.apart, self.ratios = [], []
        return dict(zip(METRICS, (value.item() for value in total), strict=True))


class Update:
    """A batch on its way through TRL's `_compute_loss`.

    inputs: TRL's. spare: rows of advantage 0 move nothing. correction: for vLLM's probabilities, None where there is
    none or a pass before has made it; `gaps` notes what it sees.
    """

    def __init__(self, inputs: dict[str, Any], *, spare: bool, correction: Correction | None, gaps: Gaps) -> None:
        self.inputs, self.correction, self.gaps = inputs, correction, gaps
        self.mask = mask = counted(inputs)
        self.spare = spare
        self.computed = torch.ones(len(mask), dtype=torch.bool, device=mask.device)

    def attention(self, mask: torch.Tensor, keep: int) -> torch.Tensor:
        """[rows, prompt + tokens] without the tokens of rows that need not be computed."""
        if self.spare:
            self.computed = self.inputs["advantages"].view(len(mask), -1).ne(0).any(dim=1)
            sizes = self.mask.sum(dim=1)
            if not (self.computed & (sizes > 0)).any() and (sizes > 0).any():
                # one all the same: every process takes part in a pass, and the loss has a graph
                self.computed[sizes.where(sizes > 0, sizes.max() + 1).argmin()] = True
        shown = mask[:, -keep:] * self.computed[:, None]
        return torch.cat([mask[:, :-keep], shown], dim=1)

    def whole(self, logps: torch.Tensor, entropies: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor | None]:
        """With the rows that were not computed: at ratio 1, and with the others' mean entropy, which leaves TRL's
        metrics those of the rows computed. Puts the correction into the inputs, where TRL's loss looks for it."""
        rows = self.computed[:, None]
        old = self.inputs.get("old_per_token_logps")
        known = self.mask.bool() & rows
        if not bool(rows.all()):
            logps = torch.where(rows, logps, torch.zeros_like(logps) if old is None else old)
            if entropies is not None:
                mean = entropies.detach()[known].mean() if known.any() else entropies.new_zeros(())
                entropies = torch.where(rows, entropies, mean)
        if self.correction:
            sampled = torch.where(rows, self.inputs["sampling_per_token_logps"], logps.detach())
            ratio = self.correction(logps.detach(), sampled, self.mask)
            self.inputs["importance_sampling_ratio"] = ratio
            apart = (logps.detach() - sampled).abs()[known]
            self.gaps.apart.append(apart[~apart.isnan()])
            by_row = self.correction.mode.startswith("sequence")
            self.gaps.ratios.append(ratio[self.computed].flatten() if by_row else ratio[known])
        return logps, entropies


def of_all(value: torch.Tensor) -> torch.Tensor:
    """The tensors of all processes, one after the other."""
    found: Any = gather(value)
    return found


def counted(rollouts: Mapping[str, Any]) -> torch.Tensor:
    """[rows, tokens]: 1 where a token counts in the loss."""
    mask = rollouts["completion_mask"]
    return mask * rollouts["tool_mask"] if "tool_mask" in rollouts else mask


def is_aligned(args: Any) -> bool:
    """Whether each batch of rollouts is used up within one step of the optimizer, so that the policy stays the same."""
    return args.gradient_accumulation_steps % (args.steps_per_generation * args.num_iterations) == 0


def totals(rewards: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """[completions]: the weighted sums of rewards [completions, functions]; NaN for a row that is all NaN, which is not
    compared."""
    found = (rewards * weights.to(rewards.device)).nansum(dim=1)
    return found.masked_fill(rewards.isnan().all(dim=1), torch.nan)


def flat(rewards: torch.Tensor, weights: torch.Tensor, group: int) -> torch.Tensor:
    """Bool [completions]: those in a group in which all compared rewards are exactly equal.

    Their mean is rounded, and divided by a standard deviation of 0 + 1e-4 the rest would pass for an advantage.
    rewards: [completions, functions], all NaN for a row that is not compared.
    """
    return alike(totals(rewards, weights), group)


def alike(totals: torch.Tensor, group: int) -> torch.Tensor:
    """Bool [completions]: those in a group whose `totals` are exactly equal, but for those that are NaN."""
    grouped = totals.view(-1, group)
    low, high = (grouped.nan_to_num(nan=end) for end in (math.inf, -math.inf))
    return (low.amin(dim=1) >= high.amax(dim=1)).repeat_interleave(group)


def settings(trainer: Any) -> dict[str, Any]:
    """Of a `GRPOTrainer`: whether rows of advantage 0 move nothing, and its correction for vLLM."""
    other_terms = trainer.beta != 0.0 or trainer._entropy_bonus_enabled or trainer.aux_loss_enabled
    made = Correction(
        trainer.vllm_importance_sampling_mode,
        trainer.vllm_importance_sampling_clip_min,
        trainer.vllm_importance_sampling_clip_max,
    )
    asked = trainer.use_vllm and trainer.vllm_importance_sampling_correction and made.mode in MODES
    return {
        "spare": not other_terms and trainer.top_entropy_quantile == 1.0,
        "correction": made if asked else None,
    }
