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
