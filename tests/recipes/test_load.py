"""What a good recipe gives, and that loading one stays light."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import recipes

from .conftest import GRPO, SFT, Write


def test_good_recipe_is_typed(write: Write) -> None:
    path = write(GRPO)
    recipe = recipes.load(path)
    assert (recipe.kind, recipe.path, recipe.folder) == ("grpo", path, path.parent)
    assert recipe.grpo == {"num_generations": 8, "learning_rate": 1e-6}
    assert recipe.data.train[0].knobs == {"level": 3}
    assert recipe.rewards[1].knobs == {"max_tokens": 50}
    assert [suite.use for suite in recipe.eval.suites] == ["clinic_test", "vqa"]
    assert recipe.eval.suites[1].knobs == {"flavour": "mild"}
    assert recipe.run.report_to == ["none"]
    assert recipe.base is not None
    assert recipe.base.kind == "sft"
    assert recipe.base.run.auto


def test_resolved_is_json_with_paths_as_given(write: Write) -> None:
    recipe = recipes.load(write(GRPO))
    resolved = recipe.resolved()
    assert json.loads(json.dumps(resolved)) == resolved
    assert resolved["model"]["from"] == recipe.model.from_
    assert resolved["rewards"][1] == {"use": "./mine.py:concise", "weight": 0.1, "max_tokens": 50}
    assert set(resolved) == {"model", "data", "rewards", "runtime", "grpo", "eval", "run"}


def test_output_dir_is_named_after_the_recipe(write: Write) -> None:
    assert recipes.load(write(SFT, "tiny.v1.yaml")).run.output_dir == "outputs/tiny.v1"
    assert recipes.load(write(SFT), ["run.output_dir=elsewhere"]).run.output_dir == "elsewhere"


def test_places_name_line_or_override(write: Write) -> None:
    path = write(GRPO)
    recipe = recipes.load(path, ["grpo.beta=0.1", "data.train.0={use: other, n: 3}"])
    assert recipe.place("grpo.learning_rate") == f"{path}:11"
    assert recipe.place("rewards.1.weight") == f"{path}:8"
    assert recipe.place("grpo.beta") == "override 'grpo.beta=0.1'"
    assert recipe.place("data.train.0.n") == "override 'data.train.0={use: other, n: 3}'"
    assert recipe.place("grpo.absent") == f"{path}:9"
    assert recipe.problem("rewards.0.use", "no such reward") == f"{path}:7: rewards.0.use: no such reward"


def test_overrides_are_yaml(write: Write) -> None:
    changes = ["grpo.learning_rate=5e-7", "data.train.0.weight=2", "model.lora.r=4", "eval.samples=[1, 8]"]
    recipe = recipes.load(write(GRPO), changes)
    assert recipe.grpo["learning_rate"] == 5e-7
    assert recipe.data.train[0].weight == 2
    assert recipe.model.lora == {"r": 4}
    assert recipe.eval.samples == [1, 8]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1e-6", 1e-6),
        ("1.5E+3", 1500.0),
        (".5", 0.5),
        ("010", 10),
        ("0x10", 16),
        ("1_000", 1000),
        ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01"),
        *((word, word) for word in ("yes", "no", "on", "off", "Yes", "1.2.3", "1e", "e5", "'7'".strip("'") + "x")),
        ("'7'", "7"),
        ("true", True),
        ("~", None),
        ("", None),
    ],
)
def test_scalars_mean_what_they_look_like(write: Write, written: str, value: object) -> None:
    knob = recipes.load(write(SFT.replace("{use: clinic}", f"{{use: clinic, knob: {written}}}"))).data.train[0].knobs
    assert knob == {"knob": value}
    assert type(knob["knob"]) is type(value)


def test_path_is_seen_from_the_working_directory_or_the_root(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(SFT)
    monkeypatch.chdir(path.parent)
    assert recipes.load("r.yaml").place("sft") == "r.yaml:5"
    nested = path.parent / "recipes" / "absent.yaml"
    with pytest.raises(recipes.BadInput, match="no such file"):
        recipes.load(nested)


def test_other_kinds(write: Write) -> None:
    built = recipes.load(write("build: {steps: [image_size, {use: image_dedup, distance: 4}]}")).build
    assert [(step.use, step.knobs) for step in built.steps] == [("image_size", {}), ("image_dedup", {"distance": 4})]
    suites = recipes.load(write("model: {name: org/m}\nsuites: [clinic_test]\neval: {samples: [1, 4]}"))
    assert (suites.kind, suites.suites[0].use) == ("suites", "clinic_test")
    sweep = recipes.load(
        write("sweep: {base: BASE, overrides: [sft.learning_rate=1e-4, [run.seed=1, sft.max_steps=5]]}")
    )
    assert sweep.sweep is not None
    assert sweep.sweep.overrides == [["sft.learning_rate=1e-4"], ["run.seed=1", "sft.max_steps=5"]]


def test_bad_input_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(recipes.BadInput(["a", "b"])))
    assert (error.problems, str(error)) == (["a", "b"], "a\nb")


def test_loading_is_light(write: Write) -> None:
    """A whole process, so that nothing imported by other tests hides an import of ours."""
    script = (
        "import sys, time; start = time.perf_counter(); import recipes; recipes.load(sys.argv[1]);"
        "print(time.perf_counter() - start);"
        "print(sorted({'torch', 'transformers', 'trl', 'peft', 'datasets', 'vllm', 'numpy'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script, str(write(GRPO))]
    done = subprocess.run(command, cwd=recipes.ROOT, capture_output=True, text=True, check=True)
    seconds, heavy = done.stdout.split("\n", 1)
    assert heavy.strip() == "[]"
    assert float(seconds) < 2.0  # 0.3 s on an idle machine


def test_every_recipe_of_the_tree_loads() -> None:
    paths = sorted((recipes.ROOT / "recipes").rglob("*.yaml"))
    paths = [path for path in paths if "accelerate" not in path.relative_to(recipes.ROOT).parts]
    if not paths:
        pytest.skip("no recipes in the tree yet")
    for path in paths:
        assert recipes.load(path.relative_to(recipes.ROOT)).kind


def test_missing_packages_ignores_folders_without_code(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trackio").mkdir()  # what a tracker leaves behind looks like a namespace package
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    missing = recipes.missing_packages(recipes.load(write(SFT), ["run.report_to=trackio"]))
    assert "trackio" in missing
    assert "wandb" not in missing
