"""What holds between the keys of a recipe.

The rules read the raw values, not the judged model, so that a wrong type in one place hides no problem in another:
whatever has the wrong type is passed over here, since the schema has named it.
"""

import os.path
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .document import yaml_files
from .fields import trl_fields
from .paths import from_root
from .problems import Fault, hint, nearest, shown
from .schema import KINDS

NEEDED = {
    "grpo": {"model": "{from: recipes/...}", "data": "{train: [{use: ...}]}", "rewards": "[{use: ...}]"},
    "sft": {"model": "{name: ...}", "data": "{train: [{use: ...}]}"},
}

BATCH = (
    "num_generations",
    "num_generations_eval",
    "per_device_train_batch_size",
    "per_device_eval_batch_size",
    "gradient_accumulation_steps",
    "steps_per_generation",
    "generation_batch_size",
)


# Settings of trl.SFTConfig that would change nothing in sft/trainer.py, or break it -> what holds there. A value that
# says what is done anyway (TRL's default, or WELCOME) passes.
NOT_FOLLOWED = {
    "fine-tuning reads the data sets of data.train, turn by turn": "dataset_text_field dataset_kwargs dataset_num_proc "
    "shuffle_dataset remove_unused_columns trust_remote_code",
    "the model's own chat template is used": "chat_template_path eos_token",
    "the loss is on what the assistant says, always": "assistant_only_loss completion_only_loss",
    "samples are cut at their end": "truncation_mode",
    "samples are packed whole, by best fit": "packing_strategy eval_packing",
    "rows never hold padding": "padding_free pad_to_multiple_of pad_token",
    "only the learnt tokens' own probabilities are computed": "label_smoothing_factor",
    "rows are drawn in random order": "train_sampling_strategy length_column_name",
    "each process reads its own share of the rows, whole": "accelerator_config parallelism_config",
    "a row holds several samples and nothing is cached": "use_cache",
    "its noise would shrink with the row, not with the sample": "neftune_noise_alpha",
    "the batch stays as it is, or a resumed run would see other rows": "auto_find_batch_size",
    "a resumed run goes on with the row where it stopped": "ignore_data_skip restore_callback_states_from_checkpoint",
    "a file named stop in the run's folder ends it with a checkpoint": "enable_jit_checkpoint",
    "all processes share one file system": "save_on_each_node",
    "a run ends at the first loss that is not finite": "logging_nan_inf_filter",
    "an sft recipe trains": "do_train do_predict",
    "the model is measured by eval.suites, eval.watch and eval.every_steps": "do_eval eval_strategy eval_steps "
    "eval_delay eval_on_start eval_accumulation_steps eval_do_concat_batches eval_use_gather_object batch_eval_metrics "
    "per_device_eval_batch_size prediction_loss_only include_for_metrics bf16_full_eval fp16_full_eval label_names",
    "the best is kept by eval.keep_best": "load_best_model_at_end metric_for_best_model greater_is_better",
}
WELCOME = {"completion_only_loss": (True,), "train_sampling_strategy": ("random", "sequential"), "do_train": (True,)}
# Optimizers that step while gradients are made, parameter by parameter, at one learning rate.
ONE_RATE = ("lomo", "adalomo", "galore_adamw_layerwise", "galore_adamw_8bit_layerwise", "galore_adafactor_layerwise")
ONE_RATE += ("apollo_adamw_layerwise",)


def kind_of(values: Mapping[str, Any]) -> str | None:
    """The kind of a recipe, None if its sections do not say it."""
    present = [kind for kind in KINDS if kind in values]
    return present[0] if len(present) == 1 else None


def judge(values: Mapping[str, Any], processes: int) -> Iterator[Fault]:
    """Every rule, over a recipe's raw values; `processes` is the number of trainer processes."""
    yield from _kind(values)
    kind = kind_of(values)
    yield from _model(_mapping(values, "model"), kind)
    yield from _lists(values)
    if kind in NEEDED:
        yield from _needed(values, kind)
    if kind != "sft" and "teacher" in _mapping(values, "data"):
        yield Fault(("data", "teacher"), "only an sft recipe imitates a teacher; remove it")
    if kind == "build":
        for key in ("leave_out", "share"):
            if key in _mapping(values, "data"):
                yield Fault(("data", key), "chooses rows to train on; a corpus keeps them all (or see the step `keep`)")
    if kind == "grpo" and trl_fields("GRPOConfig"):
        yield from _grpo(_mapping(values, "grpo"), processes)
    if kind == "sft":
        yield from _sft(_mapping(values, "sft"))


def _mapping(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = values.get(key)
    return value if isinstance(value, dict) else {}


def _items(section: Mapping[str, Any], key: str) -> list[Any]:
    value = section.get(key)
    return value if isinstance(value, list) else []


def _resembles(section: Mapping[str, Any], *names: str) -> bool:
    """Whether a key is one of the names, or so like one that it is a slip of the pen, which is named elsewhere."""
    return any(nearest(key, names) for key in section)


def _kind(values: Mapping[str, Any]) -> Iterator[Fault]:
    """Exactly one section says what the recipe is, and every other section means something beside it."""
    present = [kind for kind in KINDS if kind in values]
    if not present and not _resembles(values, *KINDS):
        yield Fault((), f"no section says what this recipe is: give it one of {', '.join(KINDS)}")
    for extra in present[1:]:
        yield Fault((extra,), f"this recipe already is a {present[0]} recipe; keep one of the two sections")
    if len(present) == 1:
        known = {section for sections in KINDS.values() for section in sections}
        for section in values.keys() & known - set(KINDS[present[0]]):
            yield Fault((section,), f"has no meaning in a {present[0]} recipe; remove it")


def _needed(values: Mapping[str, Any], kind: str) -> Iterator[Fault]:
    for section, example in NEEDED[kind].items():
        if not _resembles(values, section):
            yield Fault((section,), f"missing: a {kind} recipe needs it, e.g. {section}: {example}")
        elif section == "rewards" and values.get(section) == []:
            yield Fault((section,), "must not be empty: without a reward there is nothing to learn")
    data = values.get("data")
    if isinstance(data, dict) and not _resembles(data, "train"):
        yield Fault(("data", "train"), "missing: name at least one data set, e.g. train: [{use: ...}]")


def _model(model: Mapping[str, Any], kind: str | None) -> Iterator[Fault]:
    """One origin, and nothing that this origin cannot mean."""
    origins = [key for key in ("from", "name", "init") if model.get(key) is not None]
    if model and not origins and not _resembles(model, "from", "name", "init"):
        yield Fault(("model",), "say where the model comes from: from (a recipe), name, or init")
    for extra in origins[1:]:
        yield Fault(("model", extra), f"the model already comes from model.{origins[0]}; keep one")
    if "init" in origins and kind not in ("sft", None):
        yield Fault(("model", "init"), "a new model knows nothing yet; only an sft recipe may start from one")
    if model.get("revision") is not None and origins and "name" not in origins:
        yield Fault(("model", "revision"), f"a revision belongs to model.name, not to model.{origins[0]}")
    if kind not in ("sft", None) and model.get("attn_implementation") is not None:
        yield Fault(("model", "attn_implementation"), "is chosen for fine-tuning alone; remove it")
    yield from _quantized(model, kind)
    low, high = model.get("min_pixels"), model.get("max_pixels")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield Fault(("model", "min_pixels"), f"is {low}, above max_pixels ({high})")
    yield from _new_model(_mapping(model, "init"))


def _quantized(model: Mapping[str, Any], kind: str | None) -> Iterator[Fault]:
    """Few bits hold a base that stays as it is, under adapters that are trained."""
    where, wanted = ("model", "quantization_config"), model.get("quantization_config")
    if not isinstance(wanted, dict):
        return
    if kind not in ("sft", None):
        yield Fault(where, "only fine-tuning holds its base in few bits; remove it")
    elif not isinstance(model.get("lora"), dict):
        yield Fault(where, "a base of few bits cannot be trained itself; give it adapters: model.lora")
    elif model.get("init") is not None:
        yield Fault(where, "a new model is nothing to put adapters on; name one, or remove it")
    if [wanted.get("load_in_4bit"), wanted.get("load_in_8bit")].count(True) != 1:
        yield Fault(where, "say which: load_in_4bit: true, or load_in_8bit: true")


def _new_model(sizes: Mapping[str, Any]) -> Iterator[Fault]:
    """Heads share their layer's width, and key-value heads share the heads, without remainder."""
    pairs = (("hidden_size", "num_heads"), ("num_heads", "num_kv_heads"), ("vision_hidden_size", "vision_heads"))
    for whole, part in pairs:
        total, count = sizes.get(whole), sizes.get(part)
        if type(total) is int and type(count) is int and count > 0 and total % count:
            yield Fault(("model", "init", whole), f"is {total}, which {part} ({count}) does not divide")


def _lists(values: Mapping[str, Any]) -> Iterator[Fault]:
    """Rewards and suites are logged by name, so a name comes once; something in a mixture must weigh."""
    for section, key in ((values, "rewards"), (values, "suites"), (_mapping(values, "eval"), "suites")):
        where = (key,) if section is values else ("eval", key)
        seen: set[str] = set()
        for index, item in enumerate(_items(section, key)):
            name = item.get("use") if isinstance(item, dict) else item
            if isinstance(name, str) and name in seen:
                yield Fault((*where, index), f"{shown(name)} is named twice; results are kept by name")
            seen.add(str(name))
    for where, items in ((("rewards",), _items(values, "rewards")), (("data", "train"), _train(values))):
        if items and all(isinstance(item, dict) and item.get("weight") == 0 for item in items):
            yield Fault(where, "every weight is 0; give at least one item a weight above 0")


def _train(values: Mapping[str, Any]) -> list[Any]:
    return _items(_mapping(values, "data"), "train")


def base_fault(values: Mapping[str, Any], key: tuple[str, str]) -> Fault | None:
    """The recipe named at `key` (`model.from`, `sweep.base`) must be a file."""
    name = _mapping(values, key[0]).get(key[1])
    if not isinstance(name, str) or not name or os.path.isfile(from_root(name)):
        return None
    siblings = (
        [str(Path(name).with_name(file)) for file in yaml_files(from_root(name).parent)] if Path(name).name else []
    )
    return Fault(key, f"no recipe file {shown(name)}{hint(name, siblings)}")


def _grpo(settings: Mapping[str, Any], processes: int) -> Iterator[Fault]:
    """The arithmetic of groups and batches, as trl.GRPOConfig demands it after its imports."""
    defaults = {name: field.default for name, field in trl_fields("GRPOConfig").items()}
    yield from _grpo_pairs(settings, defaults)
    counts = _counts(settings, defaults)
    if not counts:
        return
    groups, batch = counts["num_generations"], counts["per_device_train_batch_size"] * processes
    steps = counts["steps_per_generation"] or counts["gradient_accumulation_steps"]
    whole = counts["generation_batch_size"] or batch * steps
    if counts["generation_batch_size"] and counts["steps_per_generation"]:
        yield Fault(("grpo", "generation_batch_size"), "follows from steps_per_generation; set one of the two")
    elif whole % batch:
        text = f"is {whole}, not a multiple of per_device_train_batch_size x processes ({batch})"
        yield Fault(("grpo", "generation_batch_size"), text)
    elif groups > 1 and whole % groups:
        yield Fault(("grpo", "num_generations"), _remainder(groups, whole, processes))
    groups, whole = counts["num_generations_eval"] or groups, counts["per_device_eval_batch_size"] * processes
    if settings.get("eval_strategy", "no") != "no" and whole % groups:
        text = f"times processes is {whole}, which groups of {groups} do not divide"
        yield Fault(("grpo", "per_device_eval_batch_size"), text)


def _sft(settings: Mapping[str, Any]) -> Iterator[Fault]:
    """What is asked of TRL's trainer must be what ours does."""
    fields = trl_fields("SFTConfig")
    for why, names in NOT_FOLLOWED.items():
        for name in set(names.split()) & settings.keys() & fields.keys():
            if settings[name] not in (fields[name].default, *WELCOME.get(name, ())):
                yield Fault(("sft", name), f"{why}: {shown(settings[name])} is not followed; remove it")
    if settings.get("packing") is True and settings.get("max_length") is None:
        yield Fault(("sft", "packing"), "needs sft.max_length, the tokens of a row")
    if settings.get("save_strategy") == "best" or settings.get("lr_scheduler_type") == "reduce_lr_on_plateau":
        name = "save_strategy" if settings.get("save_strategy") == "best" else "lr_scheduler_type"
        yield Fault(("sft", name), "needs a loss on held-out data, which is not computed here; choose another")
    if (optim := settings.get("optim")) in ONE_RATE:
        yield Fault(("sft", "optim"), f"{optim} knows one learning rate, not those of tune; choose adamw_torch_fused")
    if settings.get("deepspeed") and settings.get("fsdp"):
        yield Fault(("sft", "fsdp"), "the model is in parts by sft.deepspeed already; keep one of the two")
    if settings.get("fsdp_config") and not settings.get("fsdp"):
        yield Fault(("sft", "fsdp_config"), "nothing reads it without sft.fsdp; set that, or remove it")
    for name in ("deepspeed", "fsdp"):
        if settings.get(name) and settings.get("use_cpu") is True:
            yield Fault(("sft", "use_cpu"), f"true makes a plain model of it, without {name}; remove it, or {name}")


def _counts(settings: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, int]:
    """The batch settings with TRL's defaults, 0 for none; empty if one is faulty or misspelt (said elsewhere)."""
    if any(nearest(name, BATCH) for name in settings if name not in defaults):
        return {}
    counts = {name: settings.get(name, defaults.get(name)) for name in BATCH}
    demanded = [name for name in BATCH if defaults.get(name) is not None]
    is_good = all(type(count) is int and count > 0 for count in counts.values() if count is not None)
    return {name: count or 0 for name, count in counts.items()} if is_good and all(map(counts.get, demanded)) else {}


def _remainder(groups: int, whole: int, processes: int) -> str:
    """The message for a batch that falls into no whole number of groups, with the nearest group size that fits."""
    fitting = [size for size in range(2, min(whole, 1024) + 1) if whole % size == 0]
    remedy = f"; {min(fitting, key=lambda size: abs(size - groups))} would fit" if fitting else ""
    ways = "1 process" if processes == 1 else f"{processes} processes"
    return (
        f"the {whole} completions generated at once (per_device_train_batch_size x {ways} x steps) "
        f"do not divide into groups of {groups}{remedy}"
    )


def _grpo_pairs(settings: Mapping[str, Any], defaults: Mapping[str, Any]) -> Iterator[Fault]:
    """Settings of trl.GRPOConfig that exclude or demand one another."""
    if settings.get("num_generations", ...) is None:
        yield Fault(("grpo", "num_generations"), "must be at least 2, got nothing")
    if settings.get("auto_find_batch_size") is True:
        yield Fault(("grpo", "auto_find_batch_size"), "a shrinking batch would break the groups; remove it")
    if settings.get("enable_jit_checkpoint") is True:
        text = "the run would pass for finished; a file named stop in its folder ends it with a checkpoint instead"
        yield Fault(("grpo", "enable_jit_checkpoint"), text)
    corrects = settings.get("use_vllm") is True and settings.get("vllm_importance_sampling_correction", True) is True
    mode = settings.get("vllm_importance_sampling_mode", defaults.get("vllm_importance_sampling_mode"))
    if settings.get("loss_type") == "vespo" and corrects and mode in ("sequence_mask", "sequence_truncate"):
        yield Fault(("grpo", "loss_type"), "vespo needs vllm_importance_sampling_mode: token_truncate or token_mask")
    low = settings.get("vllm_importance_sampling_clip_min", defaults.get("vllm_importance_sampling_clip_min"))
    high = settings.get("vllm_importance_sampling_clip_max", defaults.get("vllm_importance_sampling_clip_max"))
    if corrects and low is None and high is None and mode in ("token_truncate", "sequence_truncate"):
        yield Fault(("grpo", "vllm_importance_sampling_mode"), f"{mode} needs vllm_importance_sampling_clip_max")
    if isinstance(low, int | float) and isinstance(high, int | float) and low >= high:
        text = f"is {low}, not below vllm_importance_sampling_clip_max ({high})"
        yield Fault(("grpo", "vllm_importance_sampling_clip_min"), text)
