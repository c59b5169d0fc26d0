"""The fast path of a GRPO step: each prompt and each image once (`rlvr.prefix`), checked against TRL's own path on the
first batch of the run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from accelerate.utils import broadcast_object_list
from trl.trainer.utils import shuffle_sequence_dict

from recipes import BadInput
from rlvr import attention
from rlvr.prefix import Batch
from rlvr.update import of_all
from sft.machine import say

logger = logging.getLogger(__name__)
Scorer = Callable[[], tuple[torch.Tensor, torch.Tensor | None]]
Scores = Callable[[Batch], Any]  # (log-probabilities, entropies, ...)

# Models whose values and gradients are held against TRL's (tests/rlvr/test_prefix.py)
KNOWN = ("llama", "qwen2", "qwen3", "qwen2_5_vl", "qwen3_vl")
# How far log-probabilities and entropies, in nats, and gradients, of the largest of a tensor, may lie apart
CLOSE = {torch.float32: 1e-4, torch.bfloat16: 0.1, torch.float16: 0.05}
MORE = ("pixel_attention_mask", "spatial_shapes", "num_tiles", "image_sizes", "token_type_ids", "image_position_ids")


def why_not(model: Any, args: Any) -> str | None:
    """Why completions to one prompt cannot share it with this model and these settings; None where they can."""
    model = attention.core_of(model)
    text: Any = model.config.get_text_config()
    if model.config.model_type not in KNOWN:
        return f"it was not tested with a model of type {model.config.model_type}"
    if (text._attn_implementation or "sdpa") not in ("sdpa", attention.NAME):
        return f"attention is {text._attn_implementation}"
    if getattr(text, "use_sliding_window", False) and getattr(text, "sliding_window", None):
        return "the model attends within a sliding window"
    if getattr(text, "attention_dropout", 0) and not args.disable_dropout:
        return "attention has dropout"
    return None


class FastPath:
    """Scores of completions with each prompt once, where that is possible; TRL's own where it is not.

    wanted: runtime.fast_path. `auto` takes TRL's path where the first batch shows another result, and says so; `on`
    ends the run there. models: the policy and its reference, as they are before they are wrapped.
    """

    def __init__(self, wanted: str, models: Sequence[Any], args: Any) -> None:
        self.wanted, self.checked, self.device = wanted, False, args.device
        reason = "runtime.fast_path says so" if wanted == "off" else why_not(models[0], args)
        if reason and wanted == "on":
            raise BadInput([f"runtime.fast_path is on, but {reason}; set it to auto"])
        self.is_on = reason is None
        if self.is_on:
            for model in models:
                attention.use(model)
        say([f"fast path: {'on, each prompt once a group' if self.is_on else f'off, {reason}'}"])

    def check_on(self, batch: Batch, model: Any, shared: Scores, plain: Scores, *, in_parts: bool) -> None:
        """Check on two completions to the first prompt: little enough to fit beside everything else.

        shared, plain: scores of a batch each way, by `model`, the policy as it is before it is wrapped, or by what
        holds it in parts: its gradients are then not at hand.
        """
        few = next((part for part in batch.parts(2) if part.mask[:, -part.keep :].any()), None)
        if in_parts:  # all processes pass through the same modules: TRL's way leaves out the vision tower for text
            [few] = broadcast_object_list([few and few.to("cpu")])
            few = few and few.to(self.device)
        learnt = [] if in_parts else [one for one in model.parameters() if one.requires_grad]
        some = few or batch
        training = model.training
        model.eval()  # dropout would draw otherwise for each way
        with torch.set_grad_enabled(not in_parts):
            ways = (lambda: plain(some)[:2], lambda: shared(some))
            self.check(*ways, learnt[:: max(1, len(learnt) // 8)], scored=few is not None)
        model.train(training)

    def check(self, plain: Scorer, shared: Scorer, parameters: Sequence[torch.Tensor], *, scored: bool) -> None:
        """Both ways on a few completions, before the first update: values, and the gradients of some parameters.

        All processes come here together and decide together; scored: whether this one has anything to score.
        """
        found = _apart(plain, shared, parameters) if scored else (0.0, 0.0, torch.inf)
        everywhere = of_all(torch.tensor([[*found, float(scored)]], device=self.device))
        if not everywhere[:, 3].any():
            return  # the next batch will tell
        self.checked = True
        values, gradients = everywhere[:, :2].amax(dim=0).tolist()
        limit = float(everywhere[:, 2].min())
        told = f"apart by log-probabilities {values:.2g}, gradients {gradients:.2g}"
        if values <= limit and gradients <= limit:  # NaN is not
            say([f"fast path: as TRL's on the first batch ({told})"])
            return
        text = f"the fast path gives other results than TRL's on the first batch ({told})"
        if self.wanted == "on":
            raise BadInput([f"{text}; set runtime.fast_path: off, and report it with the model's name"])
        self.is_on = False
        logger.warning("%s; this run goes on without it", text)


def _apart(plain: Scorer, shared: Scorer, parameters: Sequence[torch.Tensor]) -> tuple[float, float, float]:
    """(log-probabilities, gradients, the most that they may be) apart."""
    sides = []
    for scorer in (plain, shared):
        logps, entropies = scorer()
        weights = torch.linspace(-1, 1, logps.numel(), device=logps.device).view_as(logps)
        loss = (logps * weights).sum() + (0.0 if entropies is None else (entropies * weights).sum())
        found = torch.autograd.grad(loss, parameters, allow_unused=True) if parameters else ()
        sides.append((logps.detach(), [one for one in found if one is not None]))
    (wanted, pulls), (got, others) = sides
    gaps = [0.0 if len(pulls) == len(others) else torch.inf]
    for one, other in zip(pulls, others, strict=False):
        gaps.append(float((other - one).abs().max() / one.abs().max().clamp(min=1e-12)))
    half = torch.is_autocast_enabled(wanted.device.type) or any(one.dtype != torch.float32 for one in parameters)
    limit = CLOSE.get(torch.bfloat16 if half else wanted.dtype, CLOSE[torch.bfloat16])
    return float((got - wanted).abs().max()), float(torch.tensor(gaps).max()), limit


def is_plain(given: Mapping[str, Any]) -> bool:
    """Whether a batch is text, or has images as Qwen-VL reads them, and nothing but its completions is asked."""
    return not given.get("compute_aux_loss") and all(given.get(name) is None for name in MORE)


def by_groups(size: int, rows: dict[str, Any]) -> dict[str, Any]:
    """In place of TRL's shuffle of rows: whole groups of `size` in another order, so that each stays in one batch."""
    n = len(next(value for value in rows.values() if value is not None))
    if n % size:  # a group may lie on two processes
        return shuffle_sequence_dict(rows)
    order = (torch.randperm(n // size)[:, None] * size + torch.arange(size)).flatten()

    def moved(value: Any) -> Any:
        if value is None or (isinstance(value, torch.Tensor) and value.ndim == 0):
            return value
        return value[order] if isinstance(value, torch.Tensor) else [value[i] for i in order]

    return {name: moved(value) for name, value in rows.items()}
