"""python -m rlvr.doctor: lights that are right, remedies where they are not green."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import recipes
from recipes import ROOT
from rlvr import checkup, doctor
from rlvr.doctor import Finding


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WANDB_MODE", "WANDB_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", "/nowhere")


@pytest.fixture
def looked_at(load: Any, checkpoint: Path) -> Callable[..., dict[str, Finding]]:
    """looked_at("old", "new", ...) -> the findings of the recipe after the replacements, by what was looked at."""

    def _looked_at(*swaps: str) -> dict[str, Finding]:
        recipe = load("{name: CHECKPOINT}", f"{{name: {checkpoint}}}", *swaps)
        return {one.what: one for one in doctor.examine(recipe)}

    return _looked_at


def test_a_recipe_that_runs_is_green(looked_at: Any) -> None:
    found = looked_at()
    assert list(found) == [
        "recipe", "packages", "device", "memory", "disk", "data", "rewards", "prompt lengths", "step", "trackers"
    ]  # fmt: skip
    assert {one.light for one in found.values()} == {"green"}
    assert not any(one.remedy for one in found.values())
    assert "16 examples (clinic 16)" in found["data"].found
    assert "answer_match on 8 rows" in found["rewards"].found
    assert found["prompt lengths"].found.startswith("min ")
    assert "fp32" in found["step"].found


@pytest.mark.parametrize(
    ("swaps", "what", "light", "said"),
    [
        (("report_to: none", "report_to: wandb"), "trackers", "amber", "without a key"),
        (("report_to: none", "report_to: none, hardware: {device: cuda}"), "device", "red", "the recipe is for CUDA"),
        (("max_completion_length: 8", "max_completion_length: 4080"), "prompt lengths", "red", "room is 16"),
        (("use: clinic, split: train, n: 16", "use: slake, split: train, n: 16"), "data", "red", "slake"),
        (("- {use: answer_match}", "- {use: format}"), "rewards", "amber", "none says right or wrong"),
        (("families: [lab_range, lesion_side]", "families: [nonsense]"), "rewards", "red", "nonsense"),
        (("families: [lab_range, lesion_side]", "families: [nonsense]"), "recipe", "green", "a grpo recipe"),
    ],
)
def test_what_is_not_as_it_should_be_has_its_light_and_a_remedy(
    looked_at: Any, swaps: tuple[str, ...], what: str, light: str, said: str
) -> None:
    found = looked_at(*swaps)[what]
    assert (found.light, said in found.found, bool(found.remedy)) == (light, True, light != "green"), found


def test_a_grader_that_pays_a_refusal_is_red(looked_at: Any, tmp_path: Path) -> None:
    text = "from rewards import Response, reward\n\n\n@reward(low=0.0, high=1.0, grades=True)\n"
    text += "def blind(response: Response, answer: str) -> float:\n    return 1.0\n"
    (tmp_path / "blind.py").write_text(text)
    found = looked_at("{use: answer_match}", "{use: ./blind.py:blind}")["rewards"]
    assert found.light == "red"
    assert "earns no more than a refusal: blind on " in found.found


def test_missing_and_other_packages_are_named(looked_at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup.metadata, "requires", lambda _: ["torch>=99", "numpy", "ruff; extra == 'dev'"])
    found = looked_at()["packages"]
    assert (found.light, found.remedy) == ("amber", "make setup")
    assert "torch" in found.found.split("other than asked for: ")[1]
    monkeypatch.setattr(recipes, "missing_packages", lambda _: ["vllm"])
    assert looked_at()["packages"].found == "missing: vllm"
    monkeypatch.setattr(checkup.metadata, "requires", lambda _: ["no-such-package-at-all>=1"])
    assert looked_at()["packages"].found == "missing: vllm, no-such-package-at-all"


def test_the_table_fits_and_is_coloured_on_a_terminal_only() -> None:
    findings = [Finding("green", "data", "x " * 80), Finding("red", "disk", "1 GB free\n2 needed", "free some")]
    lines = doctor.table(findings, 60, coloured=False).splitlines()
    assert max(map(len, lines)) <= 60
    assert lines[0].startswith("green   data  x x")
    assert [line.strip() for line in lines[-3:]] == ["red     disk  1 GB free", "2 needed", "-> free some"]
    assert "\033[31mred   \033[0m" in doctor.table(findings, 60, coloured=True)


def run(*said: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "rlvr.doctor", *said], cwd=ROOT, capture_output=True, text=True)


def test_the_demo_can_start_from_nothing() -> None:
    done = run("recipes/grpo_med.yaml", "--json")
    assert done.returncode == 0, done.stderr
    lights = {one["what"]: one["light"] for one in json.loads(done.stdout)}
    assert "red" not in lights.values()
    assert lights["rewards"] == lights["data"] == lights["step"] == "green"


def test_what_is_no_recipe_is_one_line() -> None:
    done = run("recipes/none.yaml")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: ")
