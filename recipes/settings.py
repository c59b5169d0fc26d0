"""Judge the settings that a recipe hands on under another project's own names: `grpo`, `sft`, `model.lora`."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter, ValidationError

from .fields import Setting
from .problems import Fault, Key, hint, shown

# Settings that a recipe states elsewhere, once.
MOVED = {
    "output_dir": "set run.output_dir instead",
    "run_name": "a run is named by run.output_dir",
    "seed": "set run.seed instead",
    "report_to": "set run.report_to instead",
    "resume_from_checkpoint": "start with --resume instead",
    "model_init_kwargs": "describe the model under model: (name, revision, ...)",
    "reward_weights": "give each item of rewards: its weight",
    "hub_token": "a secret does not belong in a recipe; set the environment variable HF_TOKEN",
}
# Words that trl 1.16 takes where its annotation says no more than `str`; it reads scale_rewards as a boolean too.
WORDS: dict[str, Any] = {
    "loss_type": Literal["grpo", "dr_grpo", "dapo", "bnpo", "cispo", "sapo", "luspo", "vespo"],
    "vllm_mode": Literal["colocate", "server"],
    "vllm_model_impl": Literal["vllm", "transformers"],
    "importance_sampling_level": Literal["token", "sequence"],
    "multi_objective_aggregation": Literal["sum_then_normalize", "normalize_then_sum"],
    "scale_rewards": Literal["group", "batch", "none"] | bool,
    "vllm_importance_sampling_mode": Literal["token_truncate", "token_mask", "sequence_truncate", "sequence_mask"],
}
LIMITS: dict[str, tuple[Callable[[float], bool], str]] = {
    "at least 0": (
        lambda x: x >= 0,
        "learning_rate beta epsilon epsilon_high weight_decay max_grad_norm warmup_steps warmup_ratio entropy_coef "
        "eval_delay dataloader_num_workers adam_epsilon",
    ),
    "above 0": (
        lambda x: x > 0,
        "temperature repetition_penalty num_train_epochs logging_steps eval_steps save_steps delta lora_alpha "
        "sapo_temperature_neg sapo_temperature_pos vllm_server_timeout",
    ),
    "at least 1": (
        lambda x: x >= 1,
        "per_device_train_batch_size per_device_eval_batch_size gradient_accumulation_steps steps_per_generation "
        "generation_batch_size num_iterations max_completion_length max_prompt_length max_length ref_model_sync_steps "
        "vllm_max_model_length vllm_tensor_parallel_size save_total_limit torch_empty_cache_steps dataset_num_proc r",
    ),
    "at least 2": (lambda x: x >= 2, "num_generations"),
    "at least 1, or -1 for no limit": (lambda x: x == -1 or x >= 1, "max_steps"),
    "above 0 and at most 1": (lambda x: 0 < x <= 1, "top_p vllm_gpu_memory_utilization"),
    "from 0 to 1": (lambda x: 0 <= x <= 1, "min_p top_entropy_quantile ref_model_mixup_alpha label_smoothing_factor"),
    "at least 0 and below 1": (lambda x: 0 <= x < 1, "adam_beta1 adam_beta2 lora_dropout"),
}
LIMIT_OF = {name: (holds, words) for words, (holds, names) in LIMITS.items() for name in names.split()}
NOUNS: dict[Any, str] = {int: "an integer", float: "a number", str: "text", bool: "true or false", NoneType: "null"}


def judge(key: Key, values: Any, fields: Mapping[str, Setting], moved: Mapping[str, str] = MOVED) -> Iterator[Fault]:
    """Faults of the settings in `values`, which stand under `key`; with no fields known, all names are accepted."""
    if not isinstance(values, dict):
        return  # the schema says so
    for name, value in values.items():
        if name in moved:
            yield Fault((*key, name), moved[name])
        elif fields and name not in fields:
            yield Fault((*key, name), f"unknown key{hint(name, fields)}")
        elif text := _complaint(name, value, fields.get(name, Setting(Any))):
            yield Fault((*key, name), text)


def _complaint(name: str, value: Any, setting: Setting) -> str | None:
    """What is wrong with the value of one setting, or None."""
    wanted = WORDS.get(name, str) if setting.annotation is str else setting.annotation
    try:
        _adapter(wanted).validate_python(value)
    except ValidationError:
        return f"wants {wants(wanted)}, got {shown(value)}{_word_hint(wanted, value)}"
    holds, words = LIMIT_OF.get(name, (None, ""))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"must be {words}, got {shown(value)}" if holds and is_number and not holds(value) else None


@cache
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation, config=ConfigDict(strict=True))


def wants(annotation: Any) -> str:
    """A type in words: `int | None` -> `an integer or null`."""
    arguments = get_args(annotation)
    if get_origin(annotation) is Literal:
        return " or ".join(shown(word) for word in arguments)
    if get_origin(annotation) in (list, dict) or annotation in (list, dict):
        return "a list" if list in (get_origin(annotation), annotation) else "a mapping"
    return " or ".join(wants(part) for part in arguments) if arguments else NOUNS.get(annotation, "another value")


def _word_hint(annotation: Any, value: Any) -> str:
    parts = (annotation, *get_args(annotation))
    words = [word for part in parts if get_origin(part) is Literal for word in get_args(part) if isinstance(word, str)]
    return hint(value, words) if isinstance(value, str) else ""
