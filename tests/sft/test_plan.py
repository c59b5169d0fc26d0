"""The plan of a fine-tuning run is the run that then happens, and making it loads and builds nothing."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import recipes
from recipes import BadInput, folder
from sft import bases, check, lengths, lessons, mixture, models, plan, small_model, stage
from sft.lengths import Length
from sft.plan import Origin
from sft.sizes import Parameters

ORIGIN = Origin(Parameters(1000, per_token=1000))


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """No weights are loaded or made, and no base is built."""

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a plan must not do this")

    for module, name in ((models, "load_model"), (small_model, "build_model"), (bases, "_build")):
        monkeypatch.setattr(module, name, refuse)


@pytest.mark.parametrize(
    "numbers", [[7], [3, 3, 3], [1, 2], list(range(100)), [5, 1, 9, 1, 80, 2, 2, 41], [10, 17], [0, 1000]]
)
def test_a_spread_is_what_numpy_says(numbers: list[int]) -> None:
    found = plan.spread(numbers)
    low, median, p95, high = np.percentile(numbers, [0, 50, 95, 100], method="inverted_cdf")
    assert (found["min"], found["median"], found["p95"], found["max"]) == (low, median, p95, high)
    assert sum(found["histogram"].values()) == len(numbers)
    assert 1 <= len(found["histogram"]) <= 8
    for label, count in found["histogram"].items():
        first, last = (int(end) for end in (label.split("-") * 2)[:2])
        assert count == sum(first <= n <= last for n in numbers)
        assert f"{label}  {'#' if count else ''}" in found["text"]


@pytest.mark.parametrize(
    "settings",
    [
        "max_steps: 7",
        "num_train_epochs: 2",
        "num_train_epochs: 1.5, gradient_accumulation_steps: 2",
        "gradient_accumulation_steps: 3",
        "num_train_epochs: 1, dataloader_drop_last: true, per_device_train_batch_size: 5",
    ],
)
def test_steps_are_those_of_the_trainer(load, checkpoint: Path, tmp_path: Path, settings: str) -> None:
    taken = "per_device_train_batch_size: 8, " if "per_device" not in settings else ""
    swaps = "per_device_train_batch_size: 8, max_steps: 2", taken + settings, "n: 24", "n: 21"
    recipe = load("MODEL", f"{{name: {checkpoint}}}", *swaps)
    examples = mixture.load(recipe)
    samples = lessons.samples(recipe, examples)
    trainer = stage.trainer(recipe, str(checkpoint), samples, tmp_path / "run" / "checkpoints", [])
    *_, steps = trainer.set_initial_training_values(trainer.args, trainer.get_train_dataloader())
    assert plan._steps(recipe, None, len(examples))["n"] == steps


def test_packed_rows_make_fewer_steps(load) -> None:
    recipe = load("max_steps: 2", "num_train_epochs: 1, packing: true, max_length: 100")
    rows = [Length(30, 0)] * 60  # three in a row of 100: 20 rows, in batches of 8
    assert plan._steps(recipe, rows, 60)["n"] == 3


def test_the_plan_of_a_new_model_is_the_run_that_follows(load, tmp_path: Path, request: Any) -> None:
    recipe = load()
    examples = mixture.load(recipe)
    samples = lessons.samples(recipe, examples)
    place = stage.new_checkpoint(recipe, samples, tmp_path / "made")
    model = models.load_model(place)
    processor = models.load_processor(place, min_pixels=3136, max_pixels=12544)
    exact = [length.tokens for length in lengths.of_samples(processor, samples)]
    request.getfixturevalue("idle")
    found = plan.facts(recipe)
    assert found["examples"] == 24
    assert found["tokens a sample"] == plan.spread(exact)
    assert found["over the limit"]["text"] == "0 of 24 samples above 4096, what the model was made for"
    assert (found["steps"]["n"], found["steps"]["epochs"], found["steps"]["samples"]) == (2, 2 / 3, 8)
    assert found["tokens a step"]["n"] == round(8 * sum(exact) / 24)
    assert found["memory"]["parameters"] == sum(value.numel() for value in model.parameters())
    assert found["memory, plain"]["needed_gb"] == found["memory"]["needed_gb"]
    assert found["largest logits"]["text"] == f"{8 * max(exact) * 400 * 4 / 2**20:,.0f} MB at once"
    assert 0 < found["hours"]["low"] < 1
    assert json.loads(json.dumps(found)) == found
    assert not (tmp_path / "base").exists()


def test_samples_above_the_limit_are_counted_and_cut(load, idle: None) -> None:
    found = plan.facts(load("max_steps: 2", "max_steps: 2, max_length: 50"))
    lowest = found["tokens a sample"]["min"]
    assert lowest < 50 < found["tokens a sample"]["max"]
    assert found["over the limit"]["text"].endswith("of 24 samples above sft.max_length 50, where they are cut")
    assert 0 < found["over the limit"]["n"] < 24
    assert found["tokens a step"]["n"] <= 8 * 50


def test_hours_are_flops_over_speed(load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "speed", lambda _: (1e3, "1 kFLOP/s"))
    rows, steps = [Length(30, 10), Length(10, 0)], {"epochs": 2.0}
    seeing = Origin(Parameters(1000, per_token=500, per_image_token=100))
    assert plan._hours(load(), rows, steps, seeing)["low"] == 6 * (500 * 40 + 100 * 10) * 2 / 1e3 / 3600
    adapted = Origin(Parameters(1000, per_token=500, adapter=10))  # no gradients of the weights
    assert plan._hours(load(), rows, steps, adapted)["low"] == 4 * 500 * 40 * 2 / 1e3 / 3600


def test_the_speed_is_assumed_for_a_gpu_and_measured_without(load, monkeypatch: pytest.MonkeyPatch) -> None:
    gpus = "report_to: none", "report_to: none, hardware: {device: cuda, gpus: 4}"
    assert plan.speed(load(*gpus)) == (4 * 0.4 * 312e12, "4 x 40% of 312 TFLOP/s (assumed: an A100 in bf16)")
    monkeypatch.setattr(check, "has_gpu", lambda: False)
    rate, words = plan.speed(load())
    assert 1e8 < rate < 1e14
    assert "GFLOP/s (measured just now" in words


def test_a_base_that_is_not_built_leaves_what_needs_no_tokenizer(load, idle: None, tmp_path: Path) -> None:
    stage_2 = "MODEL", "{from: OUT/base.yaml}", "OUT/base,", "OUT/next,"
    found = plan.facts(load(*stage_2))
    assert found["missing here"] == [f"the base {tmp_path}/base.yaml (not built yet; it is built first)"]
    for name in ("tokens a sample", "over the limit", "tokens a step", "hours"):
        assert found[name] == {"text": f"not known: the base {tmp_path}/base.yaml is not built yet"}
    assert (found["examples"], found["steps"]["n"]) == (24, 2)
    assert found["memory"]["parameters"] > 10_000
    by_hand = (tmp_path / "base.yaml").read_text().replace("auto: true, ", "")
    (tmp_path / "base.yaml").write_text(by_hand)
    [said] = plan.origin_of(recipes.load(tmp_path / "r.yaml")).missing
    assert said.endswith(f"build it with: accelerate launch sft/train.py {tmp_path}/base.yaml)")


def test_a_built_base_is_looked_at_and_a_changed_one_refused(
    load, idle: None, checkpoint: Path, tmp_path: Path
) -> None:
    recipe = load(kind="grpo")
    assert recipe.base
    run = folder.claim(recipe.base.run.output_dir, recipe.base.resolved())
    shutil.copytree(checkpoint, run / "checkpoints" / "final")
    (run / "checkpoints" / "final" / "model.safetensors").unlink()
    folder.finish(run, {})
    origin = plan.origin_of(recipe)
    assert (origin.why, origin.missing) == ("", [])
    assert origin.parameters == check.parameters(recipe)
    assert len(lengths.of_prompts(origin.processor, mixture.load(recipe), "plain")) == 16
    base = tmp_path / "base.yaml"
    base.write_text(base.read_text().replace("max_steps: 2", "max_steps: 3"))
    with pytest.raises(BadInput, match=r"has changed since .* was built: sft\.max_steps: 2 -> 3"):
        plan.origin_of(recipes.load(tmp_path / "r.yaml"))


def test_a_checkpoint_here_that_is_none_is_bad_input(load, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    with pytest.raises(BadInput, match="model: cannot be read: .*model_type"):
        plan.origin_of(load("MODEL", "{name: OUT/model}"))


def test_weights_in_a_package_that_is_missing_are_missing_once(load) -> None:
    recipe = load("MODEL", "{name: 'package:no_such_weights/Tiny-5M.gguf'}")
    found = plan.facts(recipe)
    [said] = found["missing here"]
    assert "the weights package:no_such_weights/Tiny-5M.gguf" in said
    assert found["memory"]["parameters"] == 5_000_000
    assert "is missing here" in found["hours"]["text"]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "sft/train.py", *arguments],
        cwd=recipes.ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_command_prints_the_plan(load, tmp_path: Path) -> None:
    load()
    done = run(str(tmp_path / "r.yaml"), "sft.max_steps=5", "--plan", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["recipe"] == str(tmp_path / "r.yaml")
    assert (found["examples"], found["steps"]["n"]) == (24, 5)
    assert found["memory, plain"]["weights_gb"] < 0.001 < found["tokens a sample"]["min"]
    assert not (tmp_path / "base").exists()


def test_a_hub_out_of_reach_costs_no_minutes(load, tmp_path: Path) -> None:
    load("MODEL", "{name: owner/Tiny-7B}")
    done = run(str(tmp_path / "r.yaml"), "--plan", HF_ENDPOINT="http://127.0.0.1:9", HF_HOME=str(tmp_path / "hub"))
    assert done.returncode == 0, done.stderr
    assert "Retrying" not in done.stderr
    lines = {name: text.strip() for name, text in (line.split(":", 1) for line in done.stdout.splitlines())}
    assert lines["missing here"].startswith("the tokenizer of owner/Tiny-7B (model owner/Tiny-7B: cannot be read: ")
    assert lines["hours"] == "not known: the tokenizer of owner/Tiny-7B is missing here"
    assert lines["steps"].startswith("2 of 8 samples each")


def test_data_that_cannot_be_read_are_bad_input(load, tmp_path: Path) -> None:
    load("[lab_range, lesion_side]", "[astrology]")
    done = run(str(tmp_path / "r.yaml"), "--plan")
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert line.startswith(f"error: {tmp_path}/r.yaml:4: data.train.0: clinic: no family 'astrology'")


def test_without_its_data_a_plan_says_what_can_be_said(load, idle: None, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.yaml"
    text = f"data: {{train: [{{use: clinic}}]}}\nbuild: {{published_rows: 1000}}\nrun: {{output_dir: {tmp_path}/c}}\n"
    corpus.write_text(text)
    built = "use: clinic, split: train, n: 24, families: [lab_range, lesion_side]", f"use: built, path: {corpus}"
    teacher = "  teacher: {careful: 0.5, careful_right: 1.0, hasty_right: 0.3}\n", ""
    once = "max_steps: 2", "num_train_epochs: 1"
    found = plan.facts(load(*built, *teacher, *once))
    assert found["steps"]["n"] == 125
    assert found["steps"]["text"].endswith("were there the 1,000 rows that are stated")
    assert found["examples"] == found["hours"] == {"text": "not known: its data are missing here"}
    assert found["memory, plain"]["needed_gb"] > 0
    assert found["missing here"][0].startswith("built (")
    corpus.write_text(text.replace("{published_rows: 1000}", "{}"))
    assert plan.facts(load(*built, *teacher, *once))["steps"] == found["hours"]


def test_a_frozen_part_costs_less(load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "speed", lambda _: (1e3, "1 kFLOP/s"))
    rows, steps = [Length(40, 10)], {"epochs": 1.0}
    seeing = Origin(Parameters(1000, per_token=500, per_image_token=100))

    def flops(tune: str) -> float:
        return plan._hours(load("sft:", f"tune: {tune}\nsft:"), rows, steps, seeing)["flops"]

    assert flops("{}") == 6 * (500 * 40 + 100 * 10)
    assert flops("{llm: frozen}") == 4 * 500 * 40 + 6 * 100 * 10  # gradients pass through it
    assert flops("{vision: frozen}") == 6 * 500 * 40 + 2 * 100 * 10


def test_several_processes_share_memory_in_three_ways(load) -> None:
    gpus = "report_to: none", "report_to: none, hardware: {device: cuda, gpus: 4}"
    found = plan.memory(load(*gpus), ORIGIN, 10)
    assert [name for name in found if "memory" in name] == [
        "memory, plain",
        "memory, ZeRO-2 over 4",
        "memory, ZeRO-3 over 4",
        "memory, FSDP over 4",
    ]
    assert "memory, ZeRO-2 over 1" not in plan.memory(load(), ORIGIN, 10)
