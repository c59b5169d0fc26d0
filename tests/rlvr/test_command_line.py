"""The real commands on a recipe so small that each run takes seconds: from no base to a measured gain."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import recipes

pytestmark = pytest.mark.slow

BASE = """\
model:
  init: {hidden_size: 64, num_layers: 2, num_heads: 2, num_kv_heads: 1, intermediate_size: 64, vocab_size: 400,
         vision_hidden_size: 32, vision_depth: 1, vision_heads: 2}
  min_pixels: 3136
  max_pixels: 12544
data:
  train: [{use: clinic, n: 64, families: [lab_range, lesion_side]}]
  prompt: plain
  teacher: {careful: 0.5, careful_right: 1.0, hasty_right: 0.3}
sft: {per_device_train_batch_size: 8, max_steps: 4, learning_rate: 3e-3, save_strategy: "no", logging_steps: 1}
run: {auto: true, output_dir: OUT/base, report_to: none}
"""
GRPO = """\
model: {from: OUT/base.yaml}
data:
  train: [{use: clinic, seed: 1, n: 16, families: [lab_range, lesion_side]}]
  prompt: plain
rewards:
  - {use: answer_match}
  - {use: ./spy.py:spread, weight: 0.5}
grpo:
  use_vllm: false
  vllm_max_model_length: 256
  vllm_gpu_memory_utilization: 0.1
  num_generations: 2
  per_device_train_batch_size: 4
  max_steps: 2
  max_completion_length: 12
  learning_rate: 1e-3
  beta: 0.04
  num_iterations: 2
  save_strategy: "no"
eval:
  suites: [{use: clinic_test, n: 6, families: [lab_range, lesion_side]}]
  watch: [{use: clinic_val, families: [lab_range, lesion_side]}]
  samples: [1, 2]
  every_steps: 1
  every_n: 2
  blank_images: true
run: {output_dir: OUT/grpo, report_to: none}
"""
# A reward written for TRL: something to learn, and a look at the policy of each process as the rollouts are scored.
SPY = """
import hashlib, json, os, pathlib

def spread(completions, completion_ids, trainer_state, log_extra, **columns):
    policy = log_extra.__self__.model
    digest = hashlib.sha256()
    for value in policy.parameters():
        digest.update(value.detach().cpu().numpy().tobytes())
    row = {"step": trainer_state.global_step, "weights": digest.hexdigest(), "asked": columns["id"]}
    with pathlib.Path(__file__).with_name(f"rank-{os.environ.get('RANK', '0')}.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\\n")
    return [len(set(ids)) / 8 for ids in completion_ids]
"""
SIDE = {"accuracy", "low", "high", "format_rate", "mean_tokens"}
DELTA = {"accuracy", "low", "high", "mcnemar_p", "right_to_wrong", "wrong_to_right"}
GAP = "sampling/sampling_logp_difference/mean"
TRAIN = [sys.executable, "rlvr/train.py"]
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "rlvr/train.py"]
ACCELERATE = [sys.executable, "-m", "accelerate.commands.launch", "--cpu", "--num_processes", "2", "rlvr/train.py"]


def environment(home: Path) -> dict[str, str]:
    """Nobody is logged in anywhere, and no launcher has left its marks."""
    marks = ("WANDB_", "ACCELERATE_", "RANK", "WORLD_SIZE", "MASTER_", "LOCAL_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(marks)}
    return {**kept, "HOME": str(home), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}


def start(folder: Path, *arguments: str, launcher: list[str] = TRAIN) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*launcher, str(folder / "grpo.yaml"), *arguments],
        cwd=recipes.ROOT,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # so that whatever it starts can be ended with it
    )


def finish(running: subprocess.Popen[str], code: int | None = 0) -> str:
    """What the command printed; it must end with `code` (None: with any but 0), and within five minutes."""
    try:
        said, _ = running.communicate(timeout=300)
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
            print(running.communicate()[0][-4000:])
    assert running.returncode == code or (code is None and running.returncode), said[-4000:]
    return said


def write_recipes(folder: Path) -> Path:
    for name, text in {"base.yaml": BASE, "grpo.yaml": GRPO, "spy.py": SPY}.items():
        (folder / name).write_text(text.replace("OUT", str(folder)))
    return folder


def lines(path: Path) -> list[dict[str, Any]]:
    def refuse(word: str) -> None:
        raise AssertionError(f"{path}: {word} is not JSON")

    return [json.loads(line, parse_constant=refuse) for line in path.read_text().splitlines()]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of the first run, its base built on the way, with vLLM rollouts and W&B; and what was printed."""
    folder = write_recipes(tmp_path_factory.mktemp("runs"))
    return folder, finish(start(folder, "grpo.use_vllm=true", "run.report_to=wandb"))


def test_a_base_that_is_missing_is_built_first(first: tuple[Path, str]) -> None:
    folder, said = first
    assert said.index("building the base first") < said.index("refining on 16 examples")
    assert recipes.folder.is_finished(folder / "base")
    assert "Not for clinical use" in (folder / "base" / "checkpoints" / "final" / "README.md").read_text()
    losses = [line["loss"] for line in lines(folder / "base" / "metrics.jsonl") if "loss" in line]
    assert len(losses) == 4
    assert losses[-1] < losses[0]


def test_the_run_leaves_numbers_report_and_pictures(first: tuple[Path, str]) -> None:
    folder, said = first
    run = folder / "grpo"
    found = json.loads((run / "gains.json").read_text())
    assert found["suites"].keys() == {"clinic_test", "clinic_test@2", "clinic_test+blank"}
    for name, suite in found["suites"].items():
        assert suite["samples"] == (2 if name.endswith("@2") else 1)
        assert suite["n"] == (3 if name.endswith("+blank") else 6)
        assert suite["base"].keys() & suite["rl"].keys() >= SIDE
        assert suite["delta"].keys() >= DELTA
        assert suite["by"].get("family", {}).keys() <= {"lab_range", "lesion_side"}  # none where there is only one
    assert (found["seed"], found["recipe"]) == (0, str(folder / "grpo.yaml"))
    assert [(recipes.ROOT / parent).resolve() for parent in found["parents"]] == [folder / "base"]
    for name in ("curve.png", "gain.png"):
        assert (run / name).read_bytes().startswith(b"\x89PNG")
        assert name in (run / "report.md").read_text()
    assert "What training changed" in said
    for name in ("recipe.json", "versions.json", "lineage.json", "eval/before/clinic_test/responses.jsonl"):
        assert (run / name).is_file()


def test_the_two_engines_agreed_and_every_metric_is_json(first: tuple[Path, str]) -> None:
    metrics = lines(first[0] / "grpo" / "metrics.jsonl")
    gaps = [line[GAP] for line in metrics if GAP in line]
    assert gaps
    assert max(gaps) < 1e-3
    assert [line["alarms/logprob_gap"] for line in metrics if "alarms/logprob_gap" in line] == [0.0] * len(gaps)
    assert [line["step"] for line in metrics if "loss" in line] == [1, 2]
    before, middle, *_, after = [line for line in metrics if any(key.startswith("eval/") for key in line)]
    assert "eval/clinic_test@2/accuracy" in before
    assert "eval/clinic_val/gain" in middle
    assert "eval/clinic_test/gain_low" in after


def test_wandb_went_offline_by_itself_and_has_the_metrics(first: tuple[Path, str]) -> None:
    [kept] = (first[0] / "grpo" / "wandb").glob("offline-run-*/*.wandb")
    logged = kept.read_bytes()
    for name in ("rewards/answer_match/mean", "eval/clinic_test/accuracy", "eval/clinic_val/gain", GAP):
        assert name.encode() in logged, name


def test_wandb_has_the_alarms(first: tuple[Path, str]) -> None:
    [kept] = (first[0] / "grpo" / "wandb").glob("offline-run-*/*.wandb")
    assert b"alarms/logprob_gap" in kept.read_bytes()


def test_both_engines_load_the_refined_model(first: tuple[Path, str]) -> None:
    from sft.models import load_model, load_processor

    final = first[0] / "grpo" / "checkpoints" / "final"
    model, base = load_model(str(final)), load_model(str(first[0] / "base" / "checkpoints" / "final"))
    moved = [(value - old).abs().max() for value, old in zip(model.parameters(), base.parameters(), strict=True)]
    assert max(moved) > 1e-4
    assert model.get_output_embeddings().bias is None  # the ban on vision tokens is the trainer's, not the model's
    assert load_processor(str(final)).image_processor.size["longest_edge"] == 12544
    assert "clinic_test" in (final / "README.md").read_text()


def test_a_finished_run_is_never_written_again(first: tuple[Path, str]) -> None:
    folder, _ = first
    before = {path: path.stat().st_mtime_ns for path in (folder / "grpo").rglob("*") if path.name != "run.lock"}
    said = finish(start(folder, "grpo.max_steps=1", "eval.suites=[]", "eval.watch=[]"))
    assert "building the base" not in said
    assert recipes.folder.is_finished(folder / "grpo-2")
    assert {path: path.stat().st_mtime_ns for path in before} == before


def killed(folder: Path, *arguments: str) -> Path:
    """Start a run and kill it as soon as it has saved its third step."""
    running = start(folder, *arguments)
    try:
        deadline = time.monotonic() + 200
        while not (folder / "killed" / "checkpoints" / "checkpoint-3" / "trainer_state.json").exists():
            assert running.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
    return folder / "killed"


def test_a_killed_run_is_refused_and_with_resume_continued(first: tuple[Path, str]) -> None:
    """With adapters and HF generate, so that these are trained, saved and resumed here as well."""
    folder, _ = first
    setting = (
        f"run.output_dir={folder}/killed",
        "model.lora={r: 4, target_modules: [q_proj, v_proj]}",
        "grpo.max_steps=12",
        "grpo.save_strategy=steps",
        "grpo.save_steps=1",
        "eval.every_steps=0",
    )
    run = killed(folder, *setting)
    measured = (run / "eval" / "before" / "clinic_test" / "responses.jsonl").stat().st_mtime_ns
    reached = max(line["step"] for line in lines(run / "metrics.jsonl"))

    said = finish(start(folder, *setting), code=2)
    assert f"error: {run}: holds an unfinished run; continue it with --resume, or delete the folder" in said
    changed = finish(start(folder, *setting, "grpo.beta=0.5", "--resume"), code=2)
    assert "cannot be resumed, its recipe has changed since: grpo.beta: 0.04 -> 0.5" in changed

    finish(start(folder, *setting, "--resume"))
    steps = [line["step"] for line in lines(run / "metrics.jsonl") if "loss" in line]
    assert 3 <= reached < 12
    assert steps[-1] == 12
    assert steps.count(1) == steps.count(2) == 1  # it went on, and did not begin again
    assert (run / "eval" / "before" / "clinic_test" / "responses.jsonl").stat().st_mtime_ns == measured
    assert json.loads((run / "lineage.json").read_text())["steps"] == 12
    assert (run / "versions-2.json").exists()
    final = run / "checkpoints" / "final"
    assert (final / "model.safetensors").is_file()
    assert (final.with_name("adapter") / "adapter_model.safetensors").is_file()
    assert "clinic_test+blank" in json.loads((run / "gains.json").read_text())["suites"]


OUTAGE = """
import pathlib

def outage(completions, trainer_state, **columns):
    if trainer_state.global_step >= 2 and not pathlib.Path(__file__).with_name("mended").exists():
        raise ConnectionError("the judge is down")
    return [1.0 for _ in completions]
"""


def test_a_reward_that_breaks_down_stops_the_run_which_can_be_resumed(first: tuple[Path, str]) -> None:
    folder, _ = first
    (folder / "outage.py").write_text(OUTAGE)
    setting = (
        f"run.output_dir={folder}/outage",
        "rewards.1={use: ./outage.py:outage, weight: 0.5}",
        "runtime.window=32",
        "grpo.max_steps=4",
        "eval={suites: [{use: clinic_test, n: 2, families: [lab_range]}]}",
    )
    said = finish(start(folder, *setting), code=2)
    assert (
        "error: reward outage failed on 4 of its last 8 completions, more than runtime.max_error_rate (0.1 of 32) "
        "allows; one of them: ConnectionError: the judge is down; mend it and continue with --resume: the weights "
        "after step 2 are saved"
    ) in said
    assert "Traceback" not in said
    saved = folder / "outage" / "checkpoints" / "checkpoint-2"
    assert (saved / "model.safetensors").is_file()
    (folder / "mended").touch()
    finish(start(folder, *setting, "--resume"))
    steps = [line["step"] for line in lines(folder / "outage" / "metrics.jsonl") if "loss" in line]
    assert steps == [1, 2, 3, 4]
    assert recipes.folder.is_finished(folder / "outage")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A run of two processes, from a base that is missing too."""
    folder = write_recipes(tmp_path_factory.mktemp("two"))
    return folder, finish(start(folder, "grpo.max_steps=4", launcher=TORCHRUN))


def test_two_processes_make_one_run(two: tuple[Path, str]) -> None:
    folder, said = two
    assert said.count("building the base first") == 1
    assert sorted(path.name for path in folder.iterdir() if path.is_dir() and (path / "recipe.json").exists()) == [
        "base",
        "grpo",
    ]
    assert recipes.folder.is_finished(folder / "grpo")
    metrics = lines(folder / "grpo" / "metrics.jsonl")
    assert [line["step"] for line in metrics if "loss" in line] == [1, 2, 3, 4]
    for place, n in (("clinic_test", 6), ("clinic_test@2", 12), ("clinic_test+blank", 3)):
        for end in ("before", "after"):
            assert len(lines(folder / "grpo" / "eval" / end / place / "responses.jsonl")) == n


def test_two_processes_hold_one_policy_and_share_the_work(two: tuple[Path, str]) -> None:
    ranks = [lines(two[0] / f"rank-{rank}.jsonl") for rank in (0, 1)]
    assert [row["step"] for row in ranks[0]] == [row["step"] for row in ranks[1]] == [0, 2]
    for mine, theirs in zip(*ranks, strict=True):
        assert mine["weights"] == theirs["weights"]
        assert not set(mine["asked"]) & set(theirs["asked"])  # other prompts
    assert ranks[0][0]["weights"] != ranks[0][1]["weights"]  # and the weights had moved in between


def test_a_launcher_that_starts_one_process_of_two_is_noticed(first: tuple[Path, str]) -> None:
    folder, _ = first
    runs = sorted(path.name for path in folder.iterdir())
    said = finish(start(folder, launcher=ACCELERATE), code=None)
    assert "error: accelerate launch was asked for several processes, but started one" in said
    assert "torchrun --nproc_per_node" in said
    assert sorted(path.name for path in folder.iterdir()) == runs
