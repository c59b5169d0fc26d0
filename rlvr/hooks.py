"""What happens around the training steps: held-out evaluation, and the alarm on the two engines' agreement."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from transformers import TrainerCallback

from eval import hook
from eval.engines import Engine, vision_ids
from eval.vllm_engine import VllmEngine
from rlvr.rollouts import awake

logger = logging.getLogger(__name__)
GAP = "sampling/sampling_logp_difference/mean"
MAX_GAP = {"float32": 1e-3, "bfloat16": 5e-2, "float16": 5e-2}  # mean |log p vLLM - log p policy|, nats a token


class LogProbAlarm(TrainerCallback):
    """Warns when vLLM and the policy disagree about the tokens they sampled: training then runs and hardly learns."""

    def __init__(self, dtype: str = "float32") -> None:
        self.limit = MAX_GAP[dtype]

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        gap = (logs or {}).get(GAP)
        if gap is None or not state.is_world_process_zero:
            return
        assert logs is not None
        logs["alarms/logprob_gap"] = float(gap > self.limit)
        if gap > self.limit:
            logger.warning(
                "step %d: vLLM and the policy differ by %.4f nats a token on average (limit %g): the weights were not "
                "synchronised, or the two read the prompt differently",
                state.global_step,
                gap,
                self.limit,
            )


class EvalHook(hook.EvalHook):
    """The hook whose answers come from the trainer's rollout engine, the policy's weights synchronised first."""

    @contextmanager
    def _engine(self) -> Iterator[Engine]:
        trainer, processor = self.trainer, self.trainer.processing_class
        if not (trainer.use_vllm and trainer.vllm_mode == "colocate"):
            with super()._engine() as engine:
                yield engine
            return
        # on a CPU TRL's engine reads prompts in parts, which a seed of their own does not survive
        own_seeds = trainer.accelerator.device.type != "cpu"
        with awake(trainer) as llm:
            yield VllmEngine(llm, processor, banned_ids=vision_ids(processor), own_seeds=own_seeds)
