"""GRPO on TRL's trainer: the seams where medical, multimodal data need more than TRL 1.16 gives."""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from unittest import mock

import torch
from accelerate.utils import gather_object
from trl.trainer import grpo_trainer
from trl.trainer.grpo_trainer import GRPOTrainer
from trl.trainer.utils import shuffle_sequence_dict

from eval.engines import text_tokenizer, vision_ids
from recipes import BadInput
from rewards.running import Outcome
from rlvr import ahead, fast, health, pictures, prefix, refill, update
from rlvr.breakdown import Breakdown
from rlvr.curriculum import Curriculum
from rlvr.fast import FastPath
from rlvr.ledger import Ledger
from rlvr.rollouts import ban_in_model, rollouts_in_trl
from rlvr.scoring import Batch, Scoring
from rlvr.update import Update
from sft.models import first_line
from sft.resuming import load_weights

logger = logging.getLogger(__name__)


class MedGRPOTrainer(GRPOTrainer):
    """TRL's `GRPOTrainer`; text and image prompts mix in one batch, vLLM and the policy agree on both, and a reward
    that fails costs no more than the row it failed on.

    Args:
        scoring: runs the rewards; their weights are in TRL's `reward_weights`.
        pixels: min_pixels/max_pixels handed to vLLM's image processor (None: the checkpoint's own).
        fast_path: auto, on or off; see `rlvr.fast`.
        dynamic_sampling: how often groups of one reward may be replaced in a batch; see `rlvr.refill`.
        one_step_off: train on what the weights of the step before have sampled; see `rlvr.ahead`.
        curriculum: questions that tell something come more often; see `rlvr.curriculum`. Needs `ledger`.
    The other arguments are TRL's.
    """

    def __init__(
        self,
        model: Any,
        *args: Any,
        scoring: Scoring,
        pixels: dict[str, int] | None = None,
        fast_path: str = "auto",
        dynamic_sampling: int = 0,
        one_step_off: bool = False,
        curriculum: bool = False,
        **kwargs: Any,
    ) -> None:
        self.scoring, self.curriculum, self.breakdown = scoring, curriculum, Breakdown(scoring.examples)
        self.ledger: Ledger | None = None  # where the difficulty of each question is kept, if anybody wants to know
        limits = scoring.runtime
        self._breaker = health.Breaker(len(scoring.rewards), limits.window, limits.patience)
        processing_class = kwargs["processing_class"]
        # TRL pads prompts on the left by itself, the processor's token types on the tokenizer's side: they must meet
        text_tokenizer(processing_class).padding_side = "left"
        banned = vision_ids(processing_class)
        dtype = "bfloat16" if kwargs["args"].bf16 else str(model.dtype).removeprefix("torch.")
        with rollouts_in_trl(dtype, pixels):
            functions: Any = list(scoring.rewards)  # TRL takes their names and never calls them
            super().__init__(model, functions, *args, **kwargs)
        self._weights, self._caps = self.reward_weights, [reward.caps for reward in scoring.rewards]
        if any(self._caps):  # to TRL, what they take is one reward more, and they themselves only watch
            alone = self._weights.masked_fill(torch.tensor(self._caps), 0.0)
            self.reward_weights = torch.cat([alone, torch.ones(1)])
            self.reward_func_names = [*self.reward_func_names, "caps"]
        # TRL gathers images for its tables only on the processes whose rows hold some, and the others never come
        self.log_multimodal = self.log_multimodal and self.accelerator.num_processes == 1
        models = [self.accelerator.unwrap_model(one) for one in (self.model, self.ref_model) if one is not None]
        for one in models:
            ban_in_model(one, banned)
        self.fast = FastPath(fast_path, models, self.args)
        self._update: Update | None = None  # the batch whose loss is being computed
        self._gaps = update.Gaps()
        self._flat = torch.zeros(0, dtype=torch.bool)  # of the last rollouts: those whose group has one reward
        self.dynamic_sampling = dynamic_sampling
        if dynamic_sampling:
            refill.demand_whole_groups(self.args)
        self.ahead: ahead.Ahead | None = None
        self._sampled: ahead.Sampled | None = None  # what was asked for a step ago, on its way to be scored
        if one_step_off:
            self.ahead = ahead.Ahead(self._generate_single_turn, self._tokenize_prompts, self.vllm_generation)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        if not load_weights(self, resume_from_checkpoint):
            super()._load_from_checkpoint(resume_from_checkpoint, model)

    def _get_train_sampler(self, dataset: Any = None) -> Any:
        """TRL's; with a curriculum, over questions drawn by what the ledger tells of the epochs before."""
        own: Any = super()._get_train_sampler(dataset)
        if not self.curriculum or self.ledger is None:
            return own
        return Curriculum(own, lambda: int(self.state.epoch or 0), self.ledger.tries)

    def _prepare_inputs(self, generation_batch: Any) -> Any:
        """TRL's, but groups stay together on their way into batches where they share their prompt."""
        size: Any = self.num_generations
        shuffle = partial(fast.by_groups, size) if self.fast.is_on else shuffle_sequence_dict
        with mock.patch.object(grpo_trainer, "shuffle_sequence_dict", shuffle):
            return super()._prepare_inputs(generation_batch)

    def _generate_and_score_completions(self, inputs: Any) -> dict[str, Any]:
        """TRL's; with dynamic sampling, groups that tell nothing give way to those of other questions."""
        model: Any = self.model
        made = self._rollouts(inputs)
        return refill.fill(self, inputs, made) if self.dynamic_sampling and model.training else made

    def _rollouts(self, inputs: Any) -> dict[str, Any]:
        """TRL's; on the fast path without a pass for what the update finds out by itself (`rlvr.update`)."""
        correct = self.vllm_importance_sampling_correction
        later = self.fast.is_on and update.is_aligned(self.args)
        model: Any = self.model
        with (
            pictures.preprocessed_once(self.processing_class),
            mock.patch.object(self, "vllm_importance_sampling_correction", correct and not later),
        ):
            if self.ahead and model.training:
                size: Any = self.num_generations
                asked = self.ahead.exchange(inputs, size)
                inputs, self._sampled = asked.rows, asked.wait()
            self._rows = inputs
            made = super()._generate_and_score_completions(inputs)
        names = [self.scoring.examples[row["index"]].id for row in inputs]
        pictures.demand_matching(made, self.processing_class, names)
        if self.multi_objective_aggregation == "sum_then_normalize":
            made["advantages"] = made["advantages"].masked_fill(self._flat, 0.0)
        return made

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        """TRL's, and what its forward pass settles on the way."""
        known = update.settings(self)
        if "importance_sampling_ratio" in inputs:
            known["correction"] = None
        self._update = Update(inputs, gaps=self._gaps, **known)
        try:
            loss = super()._compute_loss(model, inputs)
        finally:
            self._update = None
        if self._gaps.ratios and self.accelerator.sync_gradients:
            for name, value in self._gaps.metrics(self.accelerator.device).items():
                self._metrics["train" if model.training else "eval"][name].append(value)
        return loss

    def _get_per_token_logps_and_entropies(
        self,
        model: Any,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        logits_to_keep: int,
        batch_size: int | None = None,
        compute_entropy: bool = False,
        **given: Any,
    ) -> tuple:
        """TRL's; each prompt once where the fast path takes it. TRL fails on a part of a batch that has no images."""
        trl, now = super()._get_per_token_logps_and_entropies, self._update
        rows = (input_ids, attention_mask, logits_to_keep)
        if not fast.is_plain(given):
            logps, entropies, more = trl(model, *rows, batch_size=batch_size, compute_entropy=compute_entropy, **given)
            return *(now.whole(logps, entropies) if now else (logps, entropies)), more
        batch = prefix.Batch.of(*rows, **given)
        plain: Any = self.accelerator.unwrap_model(model)
        rope, blank = prefix.rope_of(plain), plain.config if self.accelerator.num_processes > 1 else None
        if self.fast.is_on and not self.fast.checked:
            in_parts = self.accelerator.distributed_type in ("DEEPSPEED", "FSDP")
            policy = self.accelerator.unwrap_model(self.model)  # `model` may be the reference
            asked: Any = self.model if in_parts else policy
            with self.accelerator.autocast():
                self.fast.check_on(
                    batch,
                    policy,
                    lambda few: prefix.scores(asked, few, rope),
                    lambda few: trl(asked, **few.given(), compute_entropy=True),
                    in_parts=in_parts,
                )
        if now and self.fast.is_on:
            batch = replace(batch, mask=now.attention(batch.mask, batch.keep))
        found = []
        for part in batch.parts(batch_size or len(input_ids)):
            if self.fast.is_on:
                with self.accelerator.autocast():
                    found.append(prefix.scores(model, part, rope, blank))
            else:
                found.append(trl(model, **part.given(), compute_entropy=compute_entropy)[:2])
        logps, entropies = zip(*found, strict=True)
        logps, entropies = torch.cat(logps), torch.cat(entropies) if compute_entropy else None
        if now:
            logps, entropies = now.whole(logps, entropies)
        return logps, entropies, None

    def _tokenize_prompts(self, prompts: list) -> tuple:
        """As TRL's, but a row without images has `[]`: processors refuse TRL's None in a mixed batch."""
        prompt_ids, images, fields = super()._tokenize_prompts(prompts)
        return prompt_ids, images and [row or [] for row in images], fields

    def _generate(self, prompts: list) -> tuple:
        """TRL's; the rewards begin while the policy and its reference score what was sampled."""
        made = super()._generate(prompts)
        _, ids, _, completions, *_ = made
        given = {key: [row[key] for row in self._rows] for key in self._rows[0] if key not in ("prompt", "index")}
        given |= {"prompts": prompts, "trainer_state": self.state}
        given |= {"log_extra": self._log_completion_extra, "log_metric": self._log_metric}
        self._judged = self.scoring.start(Batch(completions, ids, [row["index"] for row in self._rows], given))
        return made

    def _calculate_rewards(self, inputs: list, prompts: list, completions: list, completion_ids_list: list) -> Any:
        """In place of TRL's, which calls one function after another and ends the run when one raises.

        (completions of all processes, rewards and what caps take); NaN alone for one that must not be compared.
        """
        start = time.perf_counter()
        index, outcomes = [row["index"] for row in inputs], self._judged()
        # of all processes: a group may be spread over several, and all of them must stop together
        found = update.of_all(health.table(outcomes).to(self.accelerator.device))
        model: Any = self.model
        group: Any = self.num_generations if model.training else self.num_generations_eval
        values = health.comparable(found, self._weights, self._caps, group)
        logged = self._metrics["train" if model.training else "eval"]
        for name, value in health.metrics([reward.name for reward in self.scoring.rewards], found, values):
            logged[name].append(value)
        logged["time/reward"].append(time.perf_counter() - start)
        everywhere = gather_object(index) if model.training else []
        if self.ledger and model.training:
            self.ledger.note(self.state.global_step, int(self.state.epoch or 0), everywhere, values)
        for k, count in self._breaker.note(health.failures(found)):
            self._break(k, count, outcomes[k])
        taken = [health.taken_by_caps(values, self._weights, self._caps)] if any(self._caps) else []
        rewards = torch.cat([values, *taken], dim=1)
        here = slice(self.accelerator.process_index * len(inputs), (self.accelerator.process_index + 1) * len(inputs))
        self._flat = update.flat(rewards, self.reward_weights, group)[here]
        if model.training:
            totals, right = update.totals(rewards, self.reward_weights), self.ledger and self.ledger.right(values)
            for name, value in self.breakdown.metrics(everywhere, totals, right, group):
                logged[name].append(value)
        return rewards

    def _break(self, k: int, count: str, outcomes: Sequence[Outcome]) -> None:
        """A reward has failed too often: stop with the weights saved, or do without it if it weighs nothing."""
        if k in self.scoring.aside:
            return
        limits, name = self.scoring.runtime, self.reward_func_names[k]
        why = next(filter(None, gather_object([outcome.why for outcome in outcomes if outcome.failure])), "")
        text = (
            f"reward {name} failed on {count} completions, more than runtime.max_error_rate "
            f"({limits.max_error_rate:g} of {limits.window}) allows; one of them: {why}"
        )
        if self._weights[k] == 0:
            logger.warning("%s; its weight is 0: it is no longer asked", text)
            self.scoring.aside.add(k)
            return
        text += f"; mend it and {self._saved()}"
        raise BadInput([text] if self.accelerator.is_main_process else [])

    def _saved(self) -> str:
        """Save the weights, if any step has moved them; how to go on."""
        model: Any = self.model
        if not (step := self.state.global_step):
            return "start again"
        self._save_checkpoint(model, trial=None)
        return f"continue with --resume: the weights after step {step} are saved"

    def _generate_single_turn(self, *args: Any, **kwargs: Any) -> tuple:
        """TRL's; where vLLM breaks down, the weights are saved before the run stops."""
        if self._sampled is not None:
            made, self._sampled = self._sampled, None
            return made
        if self.ahead:
            self.ahead.settle()
        try:
            return super()._generate_single_turn(*args, **kwargs)
        except Exception as error:
            if not self.use_vllm or isinstance(error, BadInput):
                raise
            alone = self.accelerator.num_processes == 1  # others may be elsewhere, and saving needs all
            remedy = self._saved() if alone else "continue with --resume from the last checkpoint"
            step, why = self.state.global_step + 1, first_line(error)
            raise BadInput([f"step {step}: vLLM broke down while it sampled ({why}); {remedy}"]) from error
