"""What a recipe names must be there: every problem at once, each with its place, before torch is imported."""

import shutil
import socket
from pathlib import Path

import pytest

from recipes import ROOT, BadInput, folder
from recipes import load as load_recipe
from sft import check

WRONG = (
    "use: clinic, split: train, n: 24, families: [lab_range, lesion_side]}",
    "use: clinik}\n    - {use: clinic, split: trian}\n    - {use: clinic, famillies: gcs, dificulty: 1}",
)


def judged(recipe, tmp_path: Path) -> list[str]:
    return [line.replace(f"{tmp_path}/", "") for line in check.judge(recipe)]


def test_a_good_recipe_has_no_problems(load) -> None:
    assert check.judge(load()) == []
    check.demand([])


def test_data_sets_splits_and_knobs_are_named_all_at_once(load, tmp_path: Path) -> None:
    found = judged(load(*WRONG), tmp_path)
    assert [line.split(": ")[:2] for line in sorted(found)] == [
        ["r.yaml:4", "data.train.0.use"],
        ["r.yaml:5", "data.train.1.split"],
        ["r.yaml:6", "data.train.2.dificulty"],
        ["r.yaml:6", "data.train.2.famillies"],
    ]
    for known in ("clinic", "train", "difficulty", "families"):
        assert any(f"did you mean {known}?" in line for line in found), known
    with pytest.raises(BadInput) as refused:
        check.demand(found)
    assert refused.value.problems == found


def test_suites_and_their_settings_are_judged_those_watched_too(load, tmp_path: Path) -> None:
    suites = "eval: {suites: [clinic_tset, {use: clinic_test, flavour: mild}], watch: [clinic_vall]}\nrun:"
    found = judged(load("run:", suites), tmp_path)
    assert len(found) == 3
    for line, key, name in zip(
        found, ("eval.suites.0", "eval.suites.1", "eval.watch.0"), ("clinic_test", "flavour", "clinic_val"), strict=True
    ):
        assert line.startswith(f"r.yaml:8: {key}: ")
        assert name in line


def test_a_suite_that_needs_a_judge_must_have_one(load, tmp_path: Path) -> None:
    suite = "suites: [{use: clinic_test, grader: rubric}]"
    [line] = judged(load("run:", f"eval: {{{suite}}}\nrun:"), tmp_path)
    assert line.startswith("r.yaml:8: eval.suites.0: eval grader rubric: asks a judge; name one: ")
    judge = "judge: {base_url: 'http://localhost:8000/v1', model: m}"
    assert judged(load("run:", f"eval: {{{suite}, {judge}}}\nrun:"), tmp_path) == []


def test_a_teacher_needs_traces_to_show(load, tmp_path: Path) -> None:
    swap = ("use: clinic, split: train, n: 24, families: [lab_range, lesion_side]", "use: vqa_rad")
    [line] = judged(load(*swap), tmp_path)
    assert line == "r.yaml:6: data.teacher: vqa_rad has no reasoning traces for a teacher to show"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("OUT/nothing", "no such file or folder: {}/nothing"),
        ("./no/where", "no such file or folder"),
        ("outputs/no_such_run", "no such file or folder"),
        ("gpt2", "no such file or folder"),
        ("OUT/empty", "{}/empty is no checkpoint (it has no config.json)"),
        ("OUT/base.yaml", "{}/base.yaml is no checkpoint: name its folder, or a .gguf file"),
        ("weights/tiny.gguf", "no such file or folder"),
        ("recipes/smollm2x", None),  # looks like a hub id, which cannot be asked offline
        ("Qwen/Qwen2.5-VL-7B-Instruct", None),
        ("OUT/model", None),
        ("data/sets", "data/sets is no checkpoint"),
    ],
)
def test_a_model_by_name_must_be_a_checkpoint(load, tmp_path: Path, name: str, problem: str | None) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    recipe = load("from: OUT/base.yaml", f"name: {name}", kind="grpo")
    found = judged(recipe, tmp_path)
    if problem is None:
        assert found == []
        return
    [line] = found
    assert line.startswith("r.yaml:1: model.name: ")
    assert problem.format(tmp_path).replace(f"{tmp_path}/", "") in line


def test_the_working_directory_does_not_change_what_a_name_means(
    load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = load("from: OUT/base.yaml", "name: owner/model", kind="grpo")
    (tmp_path / "owner" / "model").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert check.judge(recipe) == []


def test_a_demanded_gpu_is_only_reported_until_a_real_start(load, tmp_path: Path) -> None:
    if check.has_gpu():
        pytest.skip("this machine has a GPU")
    recipe = load("report_to: none", "report_to: none, hardware: {device: cuda}")
    assert check.judge(recipe) == []
    place = f"{tmp_path}/r.yaml:8"
    assert check.summary(recipe)["missing here"] == [f"a CUDA device ({place})"]
    with pytest.raises(BadInput, match=r"missing here: a CUDA device .*run this recipe elsewhere"):
        check.refuse_missing(recipe)


def test_a_missing_package_is_reported(load, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("trackio") is not None:
        pytest.skip("trackio is installed")
    recipe = load("report_to: none", "report_to: trackio")
    assert check.missing_here(recipe) == ["trackio"]


CUDA = "report_to: none, hardware: {device: cuda, gpus: 8, memory_gb: 80}"


@pytest.mark.parametrize(
    ("model", "hardware", "said"),
    [
        (
            "owner/Big-7B",
            "gpus: 8, memory_gb: 80",
            "fits only sharded, fully (ZeRO-3 or FSDP) over 8: at least 13.0",
        ),
        ("owner/Big-7B", "gpus: 8, memory_gb: 105", "fits: at least 104.3 GB of 105.0 GB"),  # 7e9 x 16 bytes
        ("owner/Big-7B", "gpus: 8", "at least 104.3 GB, without activations"),
        ("owner/Big", "gpus: 8, memory_gb: 1", "not known: neither a config here nor the model's name tells its size"),
    ],
)
def test_memory_is_held_against_the_hardware(load, model: str, hardware: str, said: str) -> None:
    swaps = "report_to: none", f"report_to: none, hardware: {{device: cuda, {hardware}}}"
    recipe = load("from: OUT/base.yaml", f"name: {model}", *swaps, kind="grpo")
    assert check.judge(recipe) == []
    fact = check.summary(recipe)["memory"]
    assert fact["text"].startswith(said)
    if "7B" in model:
        assert fact["text"].endswith("; 7.00 B parameters (by its name)")
        assert fact["parameters"] == 7_000_000_000
        assert (fact["needed_gb"], fact["needed_sharded_gb"]) == (104.308, 13.039)


def test_what_fits_in_no_way_is_a_problem_with_its_place(load, tmp_path: Path) -> None:
    swaps = "from: OUT/base.yaml", "name: owner/Big-70B", "report_to: none", CUDA
    [line] = judged(load(*swaps, kind="grpo"), tmp_path)
    assert line == (
        "r.yaml:9: run.hardware.memory_gb: is 80, but training 70.00 B parameters (by its name) takes at least "
        "130.4 GB a process, even fully sharded over 8 processes; use more or larger devices, or model.lora"
    )
    assert judged(load(*swaps[:3], CUDA.replace("gpus: 8", "gpus: 16"), kind="grpo"), tmp_path) == []
    assert judged(load(swaps[0], f"{swaps[1]}, lora: {{r: 8}}", *swaps[2:], kind="grpo"), tmp_path) == []
    offload = "max_steps: 1", "max_steps: 1, deepspeed: zero3_offload.json"  # may put on the host what has no room
    assert judged(load(*swaps, *offload, kind="grpo"), tmp_path) == []
    alone = "report_to: none, hardware: {memory_gb: 8}"
    [line] = judged(load("from: OUT/base.yaml", "name: owner/Big-7B", "report_to: none", alone, kind="grpo"), tmp_path)
    assert "takes at least 104.3 GB a process; use more" in line


def test_a_start_that_shares_nothing_out_is_refused_where_that_cannot_fit(
    load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "has_gpu", lambda: True)
    monkeypatch.setenv("WORLD_SIZE", "8")
    recipe = load("from: OUT/base.yaml", "name: owner/Big-7B", "report_to: none", CUDA, kind="grpo")
    assert check.judge(recipe) == []
    with pytest.raises(BadInput, match=r"is 80, but .* at least 104.3 GB a process then; start it by .*zero3.yaml"):
        check.refuse_missing(recipe)
    larger = CUDA.replace("memory_gb: 80", "memory_gb: 141")
    check.refuse_missing(load("from: OUT/base.yaml", "name: owner/Big-7B", "report_to: none", larger, kind="grpo"))
    monkeypatch.setenv("ACCELERATE_USE_DEEPSPEED", "true")
    monkeypatch.setenv("ACCELERATE_DEEPSPEED_ZERO_STAGE", "2")
    check.refuse_missing(recipe)


def test_the_size_is_read_from_where_the_model_comes_from(load, checkpoint: Path, tmp_path: Path) -> None:
    new, grown = load(), load(kind="grpo", name="grown.yaml")
    found = [check.parameters(recipe) for recipe in (new, grown)]
    assert found[0] == found[1]  # the base is not built yet, and known by its sizes
    assert found[0] is not None
    assert found[0].source == "model.init"
    assert grown.base
    run = folder.claim(grown.base.run.output_dir, grown.base.resolved())
    shutil.copytree(checkpoint, run / "checkpoints" / "final")
    folder.finish(run, {})
    built = check.parameters(grown)
    assert built is not None
    assert built.total == found[0].total
    assert built.source.endswith("base/checkpoints/final")
    (run / "checkpoints" / "final" / "config.json").write_text('{"torn')
    assert check.parameters(grown) is None
    assert check.judge(grown) == []


def test_every_recipe_in_the_tree_fits_its_hardware() -> None:
    paths = sorted((ROOT / "recipes").rglob("*.yaml"))
    recipes = [load_recipe(path) for path in paths if path.parent.name != "accelerate"]
    trained = [recipe for recipe in recipes if recipe.kind in ("grpo", "sft")]
    assert len(trained) > 5
    for recipe in trained:
        assert check.judge(recipe) == []
        assert check.summary(recipe)["memory"]["parameters"] > 1e5


def test_a_launcher_that_started_one_process_of_several_is_refused(load, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environments are those that accelerate 1.15 and torchrun make."""
    recipe = load()
    for name in ("ACCELERATE_MIXED_PRECISION", "MASTER_ADDR", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    check.refuse_missing(recipe)  # python sft/train.py
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "no")
    check.refuse_missing(recipe)  # accelerate launch --num_processes 1
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    with pytest.raises(BadInput, match="asked for several processes, but started one.*torchrun --nproc_per_node"):
        check.refuse_missing(recipe)  # accelerate launch --cpu --num_processes 2
    monkeypatch.setenv("WORLD_SIZE", "2")
    check.refuse_missing(recipe)  # accelerate launch --multi_gpu, which starts torchrun
    monkeypatch.delenv("ACCELERATE_MIXED_PRECISION")
    check.refuse_missing(recipe)  # torchrun


def test_a_port_in_use_is_refused_before_a_model_is_loaded(load, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = load()
    for name in ("RANK", "TORCHELASTIC_USE_AGENT_STORE", "MASTER_ADDR"):
        monkeypatch.delenv(name, raising=False)
    with socket.socket() as other:
        other.bind(("", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("MASTER_PORT", str(port))
        with pytest.raises(BadInput, match=f"MASTER_PORT={port} cannot be used .*in use"):
            check.refuse_missing(recipe)
        monkeypatch.setenv("RANK", "1")
        check.refuse_missing(recipe)  # the first process opens it
        monkeypatch.setenv("RANK", "0")
        monkeypatch.setenv("TORCHELASTIC_USE_AGENT_STORE", "True")
        check.refuse_missing(recipe)  # torchrun has opened it for us
    monkeypatch.delenv("TORCHELASTIC_USE_AGENT_STORE")
    check.refuse_missing(recipe)  # free again
    monkeypatch.setenv("MASTER_PORT", "29x")
    with pytest.raises(BadInput, match="29x is no port"):
        check.refuse_missing(recipe)
    monkeypatch.setenv("MASTER_PORT", "auto")
    check.refuse_missing(recipe)


def test_a_corpus_that_is_not_built_is_missing_here_also_that_of_a_base(load, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.yaml"
    corpus.write_text(
        f"data: {{train: [{{use: clinic, n: 4}}]}}\nbuild: {{}}\nrun: {{output_dir: {tmp_path}/corpus}}\n"
    )
    built = "use: clinic, split: train, n: 24, families: [lab_range, lesion_side]", f"use: built, path: {corpus}"
    teacher = "  teacher: {careful: 0.5, careful_right: 1.0, hasty_right: 0.3}\n", ""
    recipe = load(*built, *teacher)
    assert check.judge(recipe) == []
    [line] = check.missing_here(recipe)
    assert line.startswith(
        f"built ({tmp_path}/r.yaml:4: {corpus} has not been built yet; build it with `python -m data "
    )
    (tmp_path / "stage_2.yaml").write_text(
        f"model: {{from: {tmp_path}/r.yaml}}\ndata: {{train: [{{use: clinic}}]}}\nsft: {{max_steps: 1}}\n"
    )
    grown = load_recipe(tmp_path / "stage_2.yaml")
    assert check.missing_here(grown) == [line]
    check.refuse_missing(grown)  # the base says so when it is built; what reads the data names their place
    assert recipe.base is None
    folder.finish(folder.claim(recipe.run.output_dir, recipe.resolved()), {})
    assert check.missing_here(grown) == []


def test_a_recipe_that_builds_no_corpus_is_a_problem(load, tmp_path: Path) -> None:
    use = "use: clinic, split: train, n: 24, families: [lab_range, lesion_side]"
    teacher = "  teacher: {careful: 0.5, careful_right: 1.0, hasty_right: 0.3}\n", ""
    [line] = judged(load(use, "use: built, path: recipes/sft_med.yaml", *teacher), tmp_path)
    assert line.startswith("r.yaml:4: data.train.0.path: recipes/sft_med.yaml: is a sft recipe and makes no corpus")
    [line] = judged(load(use, "use: built, path: recipes/data/stage7.yaml", *teacher), tmp_path)
    assert line.startswith("r.yaml:4: data.train.0.path: ")
    assert "stage7.yaml" in line


def test_parts_are_counted_where_a_config_tells_them(load) -> None:
    named = "from: OUT/base.yaml", "name: Qwen/Qwen2.5-VL-7B-Instruct"
    fact = check.summary(load(*named, kind="grpo"))["parameters"]
    assert fact["text"] == "vision 631.98 M trained, projector 44.57 M trained, llm 7.62 B trained"
    frozen = check.summary(load_recipe("recipes/lingshu_7b/stage1_align.yaml"))
    assert frozen["parameters"]["llm"] == {"trained": 0, "frozen": 7_615_616_512}
    assert frozen["parameters"]["text"].endswith("llm 7.62 B frozen")
    assert frozen["memory"]["needed_gb"] == round((8_292_166_656 * 4 + (631_975_680 + 44_574_464) * 12) / 2**30, 3)
    unknown = check.summary(load("from: OUT/base.yaml", "name: owner/Big-7B", kind="grpo"))["parameters"]
    assert unknown == {"text": "not known by part: no config here tells"}
