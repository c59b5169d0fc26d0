"""The examples of recipes/examples: judged, their rewards audited, and run for two steps on a random model."""

import doctest
import json
import subprocess
import sys
from pathlib import Path

import pytest

import recipes
import rewards
from recipes import ROOT
from rewards.check import check
from rlvr.check import judge
from rlvr.rewarding import load_reward

PATHS = sorted((ROOT / "recipes" / "examples").glob("*.yaml"))
FILES = sorted((ROOT / "recipes" / "examples").glob("*.py"))


def test_each_recipe_has_its_own_reward():
    assert [path.stem for path in PATHS] == [path.stem for path in FILES] != []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_an_example_is_judged_good_and_its_rewards_pass_the_audit(path):
    recipe = recipes.load(path)
    assert judge(recipe) == []
    own = [i for i, use in enumerate(recipe.rewards) if use.use.startswith("./")]
    assert own
    for i in own:
        audit = check(load_reward(recipe, i), strict=True)
        assert audit.failures == []
        assert audit.groups["own gold"].tried >= 2


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_examples_in_its_docstring_hold(path: Path):
    reward = rewards.load(f"{path}:{path.stem}")
    tests = doctest.DocTestParser().get_doctest(reward.doc, {path.stem: reward}, path.stem, str(path), 0)
    assert tests.examples
    assert doctest.DocTestRunner().run(tests).failed == 0


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_an_example_runs(path, checkpoint, tmp_path):
    small = ["model.from=null", f"model.name={checkpoint}", f"run.output_dir={tmp_path / 'run'}", "eval.suites.0.n=4"]
    grpo = {"use_vllm": "false", "max_steps": 2, "num_generations": 2, "per_device_train_batch_size": 4}
    small += [f"grpo.{name}={value}" for name, value in {**grpo, "max_completion_length": 12}.items()]
    command = [sys.executable, "rlvr/train.py", str(path), *small]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    rows = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert any(f"rewards/{path.stem}/mean" in row for row in rows)
