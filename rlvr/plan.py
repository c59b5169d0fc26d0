"""What a GRPO run is going to be: what `sft.plan` says of any run, and what rollouts, groups and reference add."""

import math
from typing import Any

from recipes import BadInput, Recipe
from rlvr.check import Batches, batches
from sft import lengths, mixture, plan
from sft.lengths import Length
from sft.plan import Fact, Origin, setting
from sft.threads import use_the_cores


def facts(recipe: Recipe) -> dict[str, Any]:
    """The plan of a run, beside what `--check` prints of it. BadInput for data that cannot be read, or too few."""
    examples = mixture.load(recipe)
    batch = batches(recipe)
    if len(examples) < batch.prompts:
        text = f"{len(examples)} examples do not fill one rollout of {batch.prompts} prompts: nothing would be trained"
        raise BadInput([recipe.problem("data.train", text)])
    use_the_cores()
    origin = plan.origin_of(recipe)
    prompts = lengths.of_prompts(origin.processor, examples, recipe.data.prompt) if origin.processor else None
    steps = _steps(recipe, batch, len(examples))
    completion = setting(recipe, "max_completion_length")
    longest = max(prompt.tokens for prompt in prompts) + (completion or 0) if prompts else None
    return {
        **plan.seen(recipe, origin, examples),
        "tokens a prompt": plan.spread([prompt.tokens for prompt in prompts]) if prompts else plan.unknown(origin),
        "over the limit": _over(recipe, prompts, completion, origin),
        "steps": steps,
        "tokens a step": _tokens_a_step(batch, prompts, completion, origin),
        **plan.memory(recipe, origin, longest),
        "hours": _hours(recipe, batch, prompts, steps["n"], origin),
    }


def _over(recipe: Recipe, prompts: list[Length] | None, completion: int | None, origin: Origin) -> Fact:
    """A real start refuses prompts that leave no room for a full completion."""
    limit = room(recipe, origin)
    if not prompts or limit is None:
        return plan.unknown(origin)
    over, context = sum(prompt.tokens > limit for prompt in prompts), limit + (completion or 0)
    text = f"{over} of {len(prompts)} prompts above {limit} (context {context} - max_completion_length {completion})"
    return {"text": text, "n": over, "limit": limit}


def room(recipe: Recipe, origin: Origin) -> int | None:
    """Tokens that a prompt may have beside a full completion; None where the model's context is not known."""
    context = setting(recipe, "vllm_max_model_length") or (origin.parameters and origin.parameters.context)
    return context - (setting(recipe, "max_completion_length") or 0) if context else None


def _steps(recipe: Recipe, batch: Batches, examples: int) -> Fact:
    """Optimizer steps as TRL counts them: whole rollouts of different prompts, each used `num_iterations` times."""
    rollouts = examples // batch.prompts
    uses = setting(recipe, "num_iterations")
    an_epoch = math.ceil(rollouts * uses * batch.rollout / batch.step)
    steps, epochs = plan.steps_and_epochs(recipe, an_epoch)
    made = math.ceil(steps * batch.step / (uses * batch.rollout))
    text = (
        f"{steps:,} of {batch.step:,} completions each: {epochs:.2f} epochs, "
        f"{made:,} rollouts of {batch.prompts:,} prompts x {batch.group}"
    )
    return {"text": text, "n": steps, "epochs": epochs, "completions": batch.step, "rollouts": made}


def _tokens_a_step(batch: Batches, prompts: list[Length] | None, completion: int | None, origin: Origin) -> Fact:
    if not prompts:
        return plan.unknown(origin)
    asked = round(batch.step * sum(prompt.tokens for prompt in prompts) / len(prompts))
    said = batch.step * (completion or 0)
    return {"text": f"{asked:,} of prompts and up to {said:,} of completions", "prompts": asked, "completions": said}


def _hours(recipe: Recipe, batch: Batches, prompts: list[Length] | None, steps: int, origin: Origin) -> Fact:
    """From completions of one token to full ones; evaluation, attention, padding and vLLM's own pace come on top."""
    if not prompts or origin.parameters is None:
        return plan.unknown(origin)
    rate, words = plan.speed(recipe)
    longest = setting(recipe, "max_completion_length") or 1
    low, high = (_flops(recipe, batch, prompts, n, steps, origin) / rate / 3600 for n in (1, longest))
    factor = 2 * plan.flops_trained(origin.parameters)
    made = steps * batch.step / setting(recipe, "num_iterations")
    slow, fast = made / 3600 / high, made / 3600 / low
    text = (
        f"at least {low:.2g} (completions of 1 token) to {high:.2g} (of {longest:,}), at most {fast:,.1f} to "
        f"{slow:,.1f} rollouts a second: 2 FLOP a parameter and token read or written, {factor} trained, at {words}; "
        f"{_told(recipe, batch)}, without attention, padding, evaluation"
    )
    return {"text": text, "low": low, "high": high, "rollouts_a_second": [slow, fast]}


def _told(recipe: Recipe, batch: Batches) -> str:
    n = _sharing(recipe, batch)
    return f"a prompt read once for {n} completions" if n > 1 else "each completion read with its prompt"


def _flops(recipe: Recipe, batch: Batches, prompts: list[Length], n_tokens: int, steps: int, origin: Origin) -> float:
    """FLOP of all steps, were every completion `n_tokens` long."""
    parameters = origin.parameters
    assert parameters is not None
    asked = plan.flops_read(parameters, prompts) / len(prompts)  # a prompt
    said = plan.flops_read(parameters, [Length(n_tokens, 0)])  # a completion
    trained = steps * batch.step
    generated = trained / setting(recipe, "num_iterations")
    rollout = asked / batch.group + said  # vLLM reads a group's prompt once
    read = asked / _sharing(recipe, batch) + said
    again = _forward_passes(recipe, batch) * read
    return generated * (rollout + again) + trained * plan.flops_trained(parameters) * read


def _sharing(recipe: Recipe, batch: Batches) -> int:
    """How many completions share a prompt: on the fast path those of a group, as far as a batch holds them together."""
    if recipe.runtime.fast_path == "off":
        return 1
    return min(batch.group, batch.micro // recipe.run.hardware.processes)


def _forward_passes(recipe: Recipe, batch: Batches) -> int:
    """How often a completion is read again before it is trained on: by the policy as it was, and by the reference.

    Where the policy is the one that sampled, the fast path finds what it was during the update.
    """
    use = batch.rollout * setting(recipe, "num_iterations")
    corrects = setting(recipe, "use_vllm") and setting(recipe, "vllm_importance_sampling_correction")
    has_old = batch.step % use != 0 or (corrects and recipe.runtime.fast_path == "off")
    return int(bool(has_old)) + int(setting(recipe, "beta") != 0)
