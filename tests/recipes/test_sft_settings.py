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
        ("save_strategy: best", "needs a loss on held-out data, which is not computed here"),
        ("lr_scheduler_type: reduce_lr_on_plateau", "needs a loss on held-out data, which is not computed here"),
        ("packing: true", "needs sft.max_length, the tokens of a row"),
    ],
)
def test_what_the_stage_trainer_would_ignore_is_refused(problems: Problems, setting: str, line: str) -> None:
    [found] = problems("packing: false", setting, text=SFT)
    assert f"sft.{setting.partition(':')[0]}: {line}" in found


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
