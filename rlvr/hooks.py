"""What happens around the training steps: held-out evaluation, and the alarm on the two engines' agreement."""

import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from eval import gains, results, run, suites
from eval.engines import Engine, vision_ids
from eval.hf_engine import HfEngine
from eval.results import Result
from eval.vllm_engine import VllmEngine
from recipes import Recipe

logger = logging.getLogger(__name__)
Measure = Callable[[Path | None], list[Result]]  # evaluates into a folder, or into none
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


class EvalHook(TrainerCallback):
    """Measures the policy before training, every `eval.every_steps` steps, and after.

    The answers come from the trainer's own rollout engine, its weights synchronised first. Every process runs the
    same prompts (a tensor-parallel engine needs them all), the first one writes.

    Attributes:
        before, after: full results at the two ends; kept in RUN/eval/before and RUN/eval/after.
        start: what is watched during training, as it was before; kept in RUN/eval/start. A resumed run reads what
            its first start measured, as far as that is whole.
    """

    def __init__(self, recipe: Recipe, trainer: Any, folder: Path) -> None:
        self.recipe, self.trainer = recipe, trainer
        self.folder = folder / "eval"
        self.suites = suites.used_all(recipe.eval.suites)
        self.watched = suites.used_all(recipe.eval.watch) or self.suites
        self.before: list[Result] = []
        self.start: list[Result] = []
        self.after: list[Result] = []
        # looked up now: once they measure, one process could take the folder another is making for an old one
        self._kept = {name for name in ("before", "start") if (self.folder / name).is_dir()}
        trainer.accelerator.wait_for_everyone()

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.before = self._once("before", self._measure)
        if self.recipe.eval.every_steps:
            self.start = self._once("start", self._quick)
        if state.global_step == 0:
            self.trainer.log(self._values([*self.start, *self.before]))

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        every = self.recipe.eval.every_steps
        if every and state.global_step % every == 0 and state.global_step < state.max_steps:
            # averaged into what TRL logs at the end of this very step
            for name, value in self._values(self._quick(), self.start).items():
                self.trainer._metrics["train"][name].append(value)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.after = self._keep("after", self._measure)
        self.trainer.log(self._values(self.after, self.before))

    def _once(self, name: str, measure: Measure) -> list[Result]:
        return results.read(self.folder / name) if name in self._kept else self._keep(name, measure)

    def _keep(self, name: str, measure: Measure) -> list[Result]:
        """Measure into RUN/eval/NAME, which appears when it is whole; what a killed run left half done is done anew."""
        place, draft = self.folder / name, self.folder / f".{name}"
        if not self.trainer.accelerator.is_main_process:
            return measure(None)
        shutil.rmtree(draft, ignore_errors=True)
        found = measure(draft)
        shutil.rmtree(place, ignore_errors=True)
        if draft.is_dir():
            draft.rename(place)
        return found

    def _measure(self, place: Path | None) -> list[Result]:
        """All suites, all numbers of samples, and once more under the recipe's probes."""
        return self._answer(run.arms(self.suites, **self._how(), **run.arms_of(self.recipe.eval)), place)

    def _quick(self, place: Path | None = None) -> list[Result]:
        """Greedy, on the first `every_n` items of each suite that is watched."""
        chosen = [run.limited(suite, self.recipe.eval.every_n) for suite in self.watched]
        return self._answer(run.arms(chosen, **self._how()), place)

    def _answer(self, arms: Sequence[run.Arm], place: Path | None) -> list[Result]:
        with self._engine() as engine:
            return run.evaluate_all(engine, arms, out=place, progress=self.trainer.accelerator.is_main_process)

    def _how(self) -> dict[str, Any]:
        plan = self.recipe.eval
        return {"max_tokens": self._max_tokens(), "seed": plan.seed, "style": self.recipe.data.prompt}

    def _values(self, found: Sequence[Result], earlier: Sequence[Result] = ()) -> dict[str, float]:
        """`eval/<suite>/...` of each result, with its gain over the same items in `earlier`."""
        values: dict[str, float] = {}
        for result in found:
            here = result.summary()
            values |= {f"eval/{result.name}/{key}": here[key] for key in ("accuracy", "low", "high", "format_rate")}
            base = next((first for first in earlier if first.name == result.name), None)
            if base is not None:
                delta = gains.compare(base, result)["delta"]
                values |= {f"eval/{result.name}/{new}": delta[old] for new, old in GAIN.items()}
        return {key: value for key, value in values.items() if value is not None}

    @contextmanager
    def _engine(self) -> Iterator[Engine]:
        """The rollout engine with the policy's weights, or the policy itself where rollouts are HF `generate`."""
        trainer, processor = self.trainer, self.trainer.processing_class
        banned = vision_ids(processor)
        if not (trainer.use_vllm and trainer.vllm_mode == "colocate"):
            policy = trainer.accelerator.unwrap_model(trainer.model)
            yield HfEngine(policy, processor, banned_ids=banned)
            return
        with trainer.rollout_engine() as llm:
            # on a CPU TRL's engine reads prompts in parts, which a seed of their own does not survive
            yield VllmEngine(llm, processor, banned_ids=banned, own_seeds=trainer.accelerator.device.type != "cpu")

    def _max_tokens(self) -> int:
        return self.recipe.eval.max_tokens or self.trainer.args.max_completion_length


GAIN = {"gain": "accuracy", "gain_low": "low", "gain_high": "high"}
