"""Held-out evaluation during training: before it, every so many steps, and after; for fine-tuning and for RL alike."""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

from transformers import TrainerCallback

from eval import gains, kept, run, suites
from eval.engines import Engine, vision_ids
from eval.grading import judge_of
from eval.hf_engine import HfEngine
from eval.results import Result
from recipes import Recipe
from recipes.folder import publish

Measure = Callable[[Path | None], list[Result]]  # evaluates into a folder, or into none
GAIN = {"gain": "accuracy", "gain_low": "low", "gain_high": "high"}
MAX_TOKENS = 512  # of an answer, where neither the recipe nor the trainer says


class EvalHook(TrainerCallback):
    """Measures the policy before training, every `eval.every_steps` steps, and after.

    The answers come from the policy itself, by HF `generate`; a trainer with an engine of its own overrides `_engine`.
    Every process runs the same prompts (a model in parts needs them all), the first one writes.

    With `eval.keep_best` the model is saved to RUN/checkpoints/best (an adapter as an adapter) whenever what is watched
    is better than ever before, by the mean of the lower ends of its suites' 95 % intervals; best.json beside it says
    when, and what was measured.

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
        self._best = 0.0  # the mean of the lower ends of what is watched
        # looked up now: once they measure, one process could take the folder another is making for an old one
        self._kept = {name for name in ("before", "start") if (self.folder / name).is_dir()}
        trainer.accelerator.wait_for_everyone()

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.before = self._once("before", self._measure)
        if self.recipe.eval.every_steps:
            self.start = self._once("start", self._quick)
            self._best = max(lower_end(self.start), self._kept_best())
        if state.global_step == 0:
            self.trainer.log(self._values([*self.start, *self.before]))

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        every = self.recipe.eval.every_steps
        if every and state.global_step % every == 0 and state.global_step < state.max_steps:
            found = self._quick()
            # averaged into what TRL logs next, which is at the end of this very step where every step is logged
            for name, value in self._values(found, self.start).items():
                self.trainer._metrics["train"][name].append(value)
            if self.recipe.eval.keep_best and found:
                self._keep_best(found, state.global_step)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step < state.max_steps:
            return  # stopped on the way, to be resumed
        self.after = self._keep("after", self._measure)
        self.trainer.log(self._values(self.after, self.before))

    def _once(self, name: str, measure: Measure) -> list[Result]:
        return kept.read(self.folder / name) if name in self._kept else self._keep(name, measure)

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
            found = [replace(result, folder=place / result.name) for result in found]  # for the report's examples
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
        style, judge = self.recipe.data.prompt, judge_of(plan)
        return {"max_tokens": self._max_tokens(), "seed": plan.seed, "style": style, "judge": judge}

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

    def _keep_best(self, found: Sequence[Result], step: int) -> None:
        """Save the model if it is the best so far; the first process decides for all, since all must save."""
        lower = lower_end(found)
        [is_better] = self._agreed([lower > self._best])
        self._best = max(self._best, lower)
        if not is_better or not step:
            return
        place, draft = self._best_place, self._best_place.with_name(".best")
        self.trainer.save_model(str(draft))
        if self.trainer.accelerator.is_main_process:
            self.trainer.processing_class.save_pretrained(draft)
            said = {result.name: result.summary() for result in found}
            numbers = {name: {key: one[key] for key in ("accuracy", "low", "high", "n")} for name, one in said.items()}
            best = {"step": step, "lower": lower, "suites": numbers}
            (draft / "best.json").write_text(json.dumps(best, indent=2) + "\n", encoding="utf-8")
            publish(draft, place)

    @property
    def _best_place(self) -> Path:
        return self.folder.parent / "checkpoints" / "best"

    def _kept_best(self) -> float:
        """Of a run that is resumed: what its best checkpoint had."""
        kept = self._best_place / "best.json"
        return json.loads(kept.read_text(encoding="utf-8"))["lower"] if kept.is_file() else 0.0

    def _agreed(self, said: list[Any]) -> list[Any]:
        """What the first process says."""
        if self.trainer.accelerator.num_processes > 1:
            from accelerate.utils import broadcast_object_list

            broadcast_object_list(said)
        return said

    @contextmanager
    def _engine(self) -> Iterator[Engine]:
        """The policy itself; its parts gathered where it is in parts."""
        from trl.models.utils import unwrap_model_for_generation

        trainer, processor = self.trainer, self.trainer.processing_class
        with unwrap_model_for_generation(trainer.model_wrapped, trainer.accelerator) as policy:
            yield HfEngine(policy, processor, banned_ids=vision_ids(processor))

    def _max_tokens(self) -> int:
        return self.recipe.eval.max_tokens or getattr(self.trainer.args, "max_completion_length", MAX_TOKENS)


def lower_end(found: Sequence[Result]) -> float:
    """The mean over the suites of the lower end of accuracy's 95 % interval; 0 where nothing is watched."""
    return fmean(result.accuracy().low for result in found) if found else 0.0
