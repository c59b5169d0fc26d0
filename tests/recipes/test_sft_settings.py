"""Settings of trl.SFTConfig that fine-tuning here would not follow are refused, by name; what it does anyway passes."""

import pytest

import recipes

from .conftest import SFT, Problems

pytestmark = pytest.mark.skipif(not recipes.fields.trl_fields("SFTConfig"), reason="trl is not installed")


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("packing_strategy: wrapped", 'samples are packed whole, by best fit: "wrapped" is not followed; remove it'),
        ("padding_free: true", "rows never hold padding: true is not followed"),
        ("assistant_only_loss: true", "the loss is on what the assistant says, always: true"),
        ("completion_only_loss: false", "the loss is on what the assistant says, always: false"),
        ("label_smoothing_factor: 0.1", "only the learnt tokens' own probabilities are computed: 0.1"),
        ("dataset_text_field: body", "fine-tuning reads the data sets of data.train, turn by turn"),
        ("chat_template_path: x.jinja", "the model's own chat template is used"),
        ("eval_strategy: steps", "the model is measured by eval.suites, eval.watch and eval.every_steps"),
        ("load_best_model_at_end: true", "the best is kept by eval.keep_best"),
        ("train_sampling_strategy: group_by_length", "rows are drawn in random order"),
        ("ignore_data_skip: true", "a resumed run goes on with the row where it stopped: true is not followed"),
        ("restore_callback_states_from_checkpoint: true", "a resumed run goes on with the row where it stopped"),
        ("auto_find_batch_size: true", "the batch stays as it is, or a resumed run would see other rows: true"),
        ("neftune_noise_alpha: 5.0", "its noise would shrink with the row, not with the sample: 5.0 is not followed"),
        ("use_cache: true", "a row holds several samples and nothing is cached: true is not followed"),
        ("eval_packing: true", "samples are packed whole, by best fit"),
        ("accelerator_config: {split_batches: true}", "each process reads its own share of the rows, whole"),
        ("eos_token: '</s>'", "the model's own chat template is used"),
        ("enable_jit_checkpoint: true", "a file named stop in the run's folder ends it with a checkpoint"),
        ("save_on_each_node: true", "all processes share one file system"),
        ("logging_nan_inf_filter: false", "a run ends at the first loss that is not finite"),
        ("bf16_full_eval: true", "the model is measured by eval.suites"),
        ("label_names: [labels]", "the model is measured by eval.suites"),
        ("do_predict: true", "an sft recipe trains"),
        ("optim: adalomo", "adalomo knows one learning rate, not those of tune; choose adamw_torch_fused"),
        ("fsdp_config: {version: 2}", "nothing reads it without sft.fsdp"),
        ("save_strategy: best", "needs a loss on held-out data, which is not computed here"),
        ("lr_scheduler_type: reduce_lr_on_plateau", "needs a loss on held-out data, which is not computed here"),
        ("packing: true", "needs sft.max_length, the tokens of a row"),
    ],
)
def test_what_the_stage_trainer_would_ignore_is_refused(problems: Problems, setting: str, line: str) -> None:
    [found] = problems("packing: false", setting, text=SFT)
    assert f"sft.{setting.partition(':')[0]}: {line}" in found


@pytest.mark.parametrize("name", ["deepspeed: zero.json", "fsdp: full_shard"])
def test_a_cpu_and_a_model_in_parts_exclude_each_other(problems: Problems, name: str) -> None:
    [found] = problems("packing: false", f"{name}, use_cpu: true", text=SFT)
    assert f"sft.use_cpu: true makes a plain model of it, without {name.partition(':')[0]}" in found


def test_deepspeed_and_fsdp_exclude_each_other(problems: Problems) -> None:
    [found] = problems("packing: false", "deepspeed: zero.json, fsdp: full_shard", text=SFT)
    assert "sft.fsdp: the model is in parts by sft.deepspeed already" in found


@pytest.mark.parametrize(
    "setting", ["completion_only_loss: true", "packing_strategy: bfd", "padding_free: false", "eval_strategy: 'no'"]
)
def test_what_it_does_anyway_may_be_said(problems: Problems, setting: str) -> None:
    assert problems("packing: false", setting, text=SFT) == []


NAMED = "model: {name: owner/model, lora: {r: 4}, quantization_config: FEW}\ndata: {train: [{use: clinic}]}\nsft: {}\n"


@pytest.mark.parametrize(
    ("few", "line"),
    [
        ("{load_in_4bits: true}", "unknown key (did you mean load_in_4bit?)"),
        ("{bnb_4bit_quant_type: nf5, load_in_4bit: true}", 'wants nf4 or fp4, got "nf5"'),
        ("{}", "say which: load_in_4bit: true, or load_in_8bit: true"),
        ("{load_in_4bit: true, load_in_8bit: true}", "say which: load_in_4bit: true, or load_in_8bit: true"),
        ("4", "wants a mapping, got 4"),
    ],
)
def test_a_base_of_few_bits_is_described_by_keys_that_exist(problems: Problems, few: str, line: str) -> None:
    found = problems("FEW", few, text=NAMED)
    assert any(line in one and "model.quantization_config" in one for one in found), found


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("lora: {r: 4}, ", "", "a base of few bits cannot be trained itself; give it adapters: model.lora"),
        ("sft: {}", "suites: [clinic_test]", "only fine-tuning holds its base in few bits; remove it"),
    ],
)
def test_a_base_of_few_bits_is_for_adapters_alone(problems: Problems, old: str, new: str, line: str) -> None:
    text = NAMED.replace("FEW", "{load_in_4bit: true}")
    assert problems("name: owner", "name: owner", text=text) == []
    assert any(one.endswith(f"model.quantization_config: {line}") for one in problems(old, new, text=text))


def test_attention_is_named_for_fine_tuning_alone(problems: Problems) -> None:
    text = "model: {name: owner/model, attn_implementation: eager}\nsuites: [clinic_test]\n"
    [found] = problems("eager", "eager", text=text)
    assert found.endswith("model.attn_implementation: is chosen for fine-tuning alone; remove it")


@pytest.mark.parametrize(
    ("override", "package"),
    [
        ("sft.use_liger_kernel=true", "liger_kernel"),
        ("sft.optim=paged_adamw_8bit", "bitsandbytes"),
        ("sft.optim=adamw_bnb_8bit", "bitsandbytes"),
        ("model.quantization_config={load_in_4bit: true}", "bitsandbytes"),
        ("model.attn_implementation=flash_attention_2", "flash_attn"),
    ],
)
def test_what_speed_and_memory_need_is_named_where_it_is_missing(
    write, monkeypatch: pytest.MonkeyPatch, override: str, package: str
) -> None:
    from recipes import packages

    monkeypatch.setattr(packages, "_is_installed", lambda name: False)
    path = write(NAMED.replace(", quantization_config: FEW", ""))
    for other in ("sft.optim=adamw_torch_8bit", "model.attn_implementation=sdpa"):
        assert package not in recipes.missing_packages(recipes.load(path, [other]))
    assert package in recipes.missing_packages(recipes.load(path, [override]))
