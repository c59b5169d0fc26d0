"""A GRPO recipe is judged as a whole, and the real command says it all at once, without torch."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import recipes
from rlvr import check

FILES = {
    "good.py": (
        "def plain(response): return 1.0\n"
        "def stages(response, stage): return 1.0\n"
        "def of_family(response, family): return 1.0\n"
    ),
    "broken.py": "import no_such_package\n",
}


@pytest.fixture
def judged(load, tmp_path: Path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)

    def _judged(*swaps: str) -> list[str]:
        return [line.replace(f"{tmp_path}/", "") for line in check.judge(load(*swaps))]

    return _judged


def test_a_good_recipe_has_no_problems(judged) -> None:
    assert judged("{use: answer_match}", "{use: answer_match}\n  - {use: ./good.py:plain, weight: 0.1}") == []


def test_rewards_knobs_and_columns_are_named_all_at_once(judged) -> None:
    uses = (
        "{use: answer_mach}\n"
        "  - {use: format, think_tg: a}\n"
        "  - {use: ./good.py:stages}\n"
        "  - {use: ./good.py:plane}\n"
        "  - {use: ./broken.py:plain}\n"
        "  - {use: ./lost.py:plain}"
    )
    found = judged("{use: answer_match}", uses)
    expected = {
        "r.yaml:7: rewards.0: ": "did you mean answer_match?",
        "r.yaml:8: rewards.1": "did you mean think_tag?",
        "r.yaml:9: rewards.2.use: ": "stages needs the column 'stage', which clinic lacks",
        "r.yaml:10: rewards.3: ": "did you mean plain?",
        "r.yaml:11: rewards.4: ": "no_such_package",
        "r.yaml:12: rewards.5: ": "lost.py",
    }
    assert len(found) == len(expected)
    for line, (place, said) in zip(found, expected.items(), strict=True):
        assert line.startswith(place)
        assert said in line


def test_a_column_must_be_in_every_set_unless_the_recipe_gives_it(judged) -> None:
    mixed = "    - {use: clinic,", "    - {use: vqa_rad}\n    - {use: clinic,"
    found = judged("{use: answer_match}", "{use: ./good.py:of_family}", *mixed)
    assert len(found) == 1
    assert found[0].startswith("r.yaml:8: rewards.0.use: of_family needs the column 'family', which vqa_rad lacks")
    assert judged("{use: answer_match}", "{use: ./good.py:of_family}") == []


def test_a_cap_needs_a_sum_and_a_strength(judged) -> None:
    cap = "{use: answer_match}", "{use: answer_match}\n  - {use: safety_cap, weight: 1.5}"
    found = judged(*cap, "max_steps: 1", "max_steps: 1\n  multi_objective_aggregation: normalize_then_sum")
    assert found == [
        "r.yaml:8: rewards.1.weight: a cap's weight is its strength, from 0 (off) to 1 (full)",
        "r.yaml:14: grpo.multi_objective_aggregation: safety_cap caps a weighted sum; there is one with "
        "sum_then_normalize only",
    ]
    [line] = judged("{use: answer_match}", "{use: safety_cap}")
    assert line.endswith("rewards: holds caps alone, and nothing that they could cap")


def test_problems_of_data_rewards_suites_and_base_come_together(judged, tmp_path: Path) -> None:
    base = tmp_path / "base.yaml"
    base.write_text("model: {name: owner/model}\ndata: {train: [{use: clinik}]}\nsft: {max_steps: 1}\n")
    found = judged(
        "name: CHECKPOINT", "from: OUT/base.yaml",
        "use: clinic, split", "use: clinic, famlies: gcs, split",
        "{use: answer_match}", "{use: nothing_like_it}",
        "{use: clinic_val,", "{use: clinic_vall,",
    )  # fmt: skip
    assert [line.split(": ")[:2] for line in found] == [
        ["r.yaml:4", "data.train.0.famlies"],
        ["r.yaml:14", "eval.suites.0"],
        ["base.yaml:2", "data.train.0.use"],
        ["r.yaml:7", "rewards.0"],
    ]


def run(*arguments: str, script: str = "rlvr/train.py", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, script, *arguments],
        cwd=recipes.ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


WATCH = """
import os, sys
HEAVY = {"torch", "transformers", "trl", "vllm", "datasets", "accelerate", "matplotlib", "numpy"}

def refuse(event, arguments):
    if event == "import" and arguments[0] in HEAVY:
        os.write(2, f"{arguments[0]} was imported".encode())
        os._exit(70)

sys.addaudithook(refuse)
"""


@pytest.fixture
def no_torch(tmp_path: Path) -> dict[str, str]:
    """An environment in which Python stops as soon as something slow is imported; looking it up is allowed."""
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "sitecustomize.py").write_text(WATCH)
    return {"PYTHONPATH": str(tmp_path / "watch")}


def test_the_watch_itself_sees_an_import(no_torch: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "heavy.py").write_text("import torch")
    assert run(script=str(tmp_path / "heavy.py"), **no_torch).returncode == 70


@pytest.mark.parametrize(
    ("script", "recipe"),
    [("rlvr/train.py", "recipes/grpo_med.yaml"), ("sft/train.py", "recipes/sft_med.yaml")],
)
def test_check_answers_without_torch(no_torch: dict[str, str], script: str, recipe: str) -> None:
    done = run(recipe, "--check", "--json", script=script, **no_torch)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["recipe"] == recipe
    assert "clinic/train" in found["data"]


def test_check_prints_lines_for_people(load, tmp_path: Path) -> None:
    load("{use: answer_match}", "{use: answer_match}\n  - {use: format, weight: 0.2}")
    done = run(str(tmp_path / "r.yaml"), "grpo.steps_per_generation=2", "--check")
    assert (done.returncode, done.stderr) == (0, "")
    lines = dict(line.split(":", 1) for line in done.stdout.splitlines())
    assert lines["rewards"].strip() == "1 x answer_match, 0.2 x format"
    assert lines["a rollout"].strip() == "4 prompts x 2 completions"  # 4 a step, 2 steps, groups of 2
    assert lines["missing here"].strip() == "nothing"


def test_bad_input_is_said_at_once_with_exit_code_2(load, tmp_path: Path, no_torch: dict[str, str]) -> None:
    load("use: clinic, split: train", "use: clinic, split: trian", "{use: answer_match}", "{use: answer_mach}")
    done = run(str(tmp_path / "r.yaml"), **no_torch)  # a real start
    assert (done.returncode, done.stdout) == (2, "")
    first, second = done.stderr.splitlines()
    assert first.startswith(f"error: {tmp_path}/r.yaml:4: data.train.0.split: clinic has no split 'trian'")
    assert second.startswith(f"error: {tmp_path}/r.yaml:7: rewards.0: no reward 'answer_mach'")
    assert not (tmp_path / "grpo").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no_such.yaml"], "no_such.yaml"),
        (["recipes/sft_med.yaml"], "is a sft recipe; run it with its own script"),
        (["recipes/grpo_med.yaml", "grpo.lerning_rate=1"], "did you mean learning_rate?"),
        (["recipes/grpo_med.yaml", "grpo.num_generations=7"], "override 'grpo.num_generations=7'"),
        (["recipes/grpo_med.yaml", "run.hardware.device=tpu"], "override 'run.hardware.device=tpu'"),
    ],
)
def test_bad_commands_are_refused_in_one_line(arguments: list[str], said: str, no_torch: dict[str, str]) -> None:
    done = run(*arguments, **no_torch)
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert said in line


def test_a_gpu_that_is_demanded_must_be_there(load, tmp_path: Path, no_torch: dict[str, str]) -> None:
    from sft.check import has_gpu

    if has_gpu():
        pytest.skip("this machine has a GPU")
    load("report_to: none", "report_to: none, hardware: {device: cuda}")
    done = run(str(tmp_path / "r.yaml"), **no_torch)
    assert done.returncode == 2
    assert f"missing here: a CUDA device ({tmp_path}/r.yaml:15)" in done.stderr
    assert run(str(tmp_path / "r.yaml"), "--check", **no_torch).returncode == 0
