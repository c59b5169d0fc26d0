"""What a recipe starts from: built first, refused, or reused; never a base of another recipe."""

import json
import threading
from pathlib import Path

import pytest

import recipes
from recipes import BadInput, folder
from sft import bases


def built(recipe: recipes.Recipe) -> Path:
    """A finished run of the recipe, as far as its folder tells."""
    run = folder.claim(recipe.run.output_dir, recipe.resolved())
    folder.finish(run, {})
    return run


def edit(tmp_path: Path, old: str, new: str) -> None:
    base = tmp_path / "base.yaml"
    assert old in base.read_text()
    base.write_text(base.read_text().replace(old, new))


def again(tmp_path: Path) -> recipes.Recipe:
    return recipes.load(tmp_path / "r.yaml")


def test_a_base_that_is_there_is_reused_the_newest_finished_run_first(load, tmp_path: Path) -> None:
    recipe = load(kind="grpo")
    assert recipe.base
    for name in ("base", "base-2"):
        assert built(recipe.base) == tmp_path / name
        assert bases.start_of(recipe) == str(tmp_path / name / "checkpoints" / "final")
    folder.claim(recipe.base.run.output_dir, recipe.base.resolved())  # base-3 has only just begun
    assert bases.start_of(recipe) == str(tmp_path / "base-2" / "checkpoints" / "final")
    folder.release(tmp_path / "base-3")


def test_a_base_from_before_a_key_existed_is_reused(load, tmp_path: Path) -> None:
    recipe = load(kind="grpo")
    assert recipe.base
    run = built(recipe.base)
    before = json.loads((run / folder.RECIPE).read_text())
    for key in ("attn_implementation", "quantization_config"):
        del before["model"][key]
    del before["data"]["share"], before["tune"]
    (run / folder.RECIPE).write_text(json.dumps(before))
    assert bases.start_of(recipe) == str(run / "checkpoints" / "final")
    edit(tmp_path, "data:\n", "data:\n  share: 0.5\n")
    with pytest.raises(BadInput, match=r"has changed since .* was built: data.share: 1.0 -> 0.5;"):
        bases.start_of(again(tmp_path))


def test_a_missing_base_is_built_by_hand_unless_its_recipe_says_auto(load, tmp_path: Path) -> None:
    recipe = load(kind="grpo")
    assert bases.must_be_built_by_hand(recipe) is None
    edit(tmp_path, "auto: true, ", "")
    recipe = again(tmp_path)
    command = f"accelerate launch sft/train.py {tmp_path}/base.yaml"
    assert bases.must_be_built_by_hand(recipe) == command
    with pytest.raises(BadInput) as refused:
        bases.start_of(recipe)
    [line] = refused.value.problems
    assert line.startswith(f"{tmp_path}/r.yaml:1: model.from: ")
    assert line.endswith(command)
    assert not (tmp_path / "base").exists()
    assert recipe.base
    built(recipe.base)
    assert bases.must_be_built_by_hand(recipe) is None


def test_a_chain_of_bases_is_followed_to_the_one_that_is_missing(load, tmp_path: Path) -> None:
    load("run: {", "run: {auto: true, ", kind="grpo")
    (tmp_path / "top.yaml").write_text((tmp_path / "r.yaml").read_text().replace("base.yaml", "r.yaml"))
    edit(tmp_path, "auto: true, ", "")
    top = recipes.load(tmp_path / "top.yaml")
    assert bases.must_be_built_by_hand(top) == f"accelerate launch sft/train.py {tmp_path}/base.yaml"
    assert top.base
    assert top.base.base
    built(top.base.base)
    assert bases.must_be_built_by_hand(top) is None  # r.yaml says auto
    built(top.base)
    assert [Path(recipes.ROOT, parent).resolve() for parent in bases.parents(top)] == [
        tmp_path / "grpo",
        tmp_path / "base",
    ]


def test_a_missing_base_is_built_first_in_a_clean_process(
    load, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The build starts and stops at once, at a family that does not exist: it would train for minutes otherwise."""
    load(kind="grpo")
    edit(tmp_path, "lab_range, lesion_side", "astrology")
    # what a launcher leaves in the environment; a builder that saw it would look for other processes
    for name, value in {"MASTER_ADDR": "127.0.0.1", "ACCELERATE_MIXED_PRECISION": "no", "LOCAL_RANK": "0"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadInput, match=r"base\.yaml: building the base failed with exit code 2; its reason is above"):
        bases.start_of(again(tmp_path))
    said = capfd.readouterr()
    assert f"building the base first: {tmp_path}/base.yaml -> {tmp_path}/base" in said.out
    assert f"error: {tmp_path}/base.yaml:4: data.train.0: clinic: no family 'astrology'" in said.err
    assert not (tmp_path / "base").exists()


def test_other_ranks_wait_for_the_base(load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = load(kind="grpo")
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setattr(bases, "POLL_S", 0.01)
    assert recipe.base
    builder = threading.Timer(0.3, built, [recipe.base])
    builder.start()
    assert bases.start_of(recipe) == str(tmp_path / "base" / "checkpoints" / "final")
    builder.join()


def test_a_base_whose_recipe_has_changed_is_refused_with_the_difference(load, tmp_path: Path) -> None:
    recipe = load(kind="grpo")
    assert recipe.base
    built(recipe.base)
    edit(tmp_path, "max_steps: 2", "max_steps: 3")
    edit(tmp_path, "careful: 0.5", "careful: 0.4")
    with pytest.raises(BadInput) as refused:
        bases.start_of(again(tmp_path))
    [line] = refused.value.problems
    assert line.startswith(f"{tmp_path}/r.yaml:1: model.from: ")
    for part in (
        "sft.max_steps: 2 -> 3",
        "data.teacher.careful: 0.5 -> 0.4",
        f"rebuild it with: accelerate launch sft/train.py {tmp_path}/base.yaml",
    ):
        assert part in line


def test_a_base_of_the_base_that_has_changed_is_refused_too(load, tmp_path: Path) -> None:
    load("run: {", "run: {auto: true, ", kind="grpo")
    (tmp_path / "top.yaml").write_text((tmp_path / "r.yaml").read_text().replace("base.yaml", "r.yaml"))
    middle = recipes.load(tmp_path / "top.yaml").base
    assert middle
    assert middle.base
    run = folder.claim(middle.run.output_dir, middle.resolved())
    folder.finish(run, {"ancestors": [{"resolved": middle.base.resolved()}, {"resolved": {}}]})
    assert bases.start_of(recipes.load(tmp_path / "top.yaml")) == str(run / "checkpoints" / "final")
    edit(tmp_path, "max_steps: 2", "max_steps: 3")
    with pytest.raises(BadInput) as refused:
        bases.start_of(recipes.load(tmp_path / "top.yaml"))
    [line] = refused.value.problems
    assert f"{tmp_path}/base.yaml has changed since " in line
    assert "sft.max_steps: 2 -> 3; rebuild it with: accelerate launch sft/train.py" in line
    assert line.endswith(f"{tmp_path}/base.yaml, and then {tmp_path}/r.yaml")


def test_what_leaves_the_model_as_it_is_may_change(load, tmp_path: Path) -> None:
    recipe = load(kind="grpo")
    assert recipe.base
    run = built(recipe.base)
    edit(tmp_path, "auto: true, ", "")
    edit(tmp_path, "report_to: none", "report_to: wandb")
    (tmp_path / "base.yaml").write_text((tmp_path / "base.yaml").read_text() + "eval: {suites: [clinic_val]}\n")
    assert bases.start_of(again(tmp_path)) == str(run / "checkpoints" / "final")
    edit(tmp_path, "report_to: wandb", "report_to: wandb, seed: 1")
    with pytest.raises(BadInput, match=r"run\.seed: 0 -> 1"):
        bases.start_of(again(tmp_path))


def test_a_model_by_name_or_by_size_needs_no_base(load) -> None:
    named = load("from: OUT/base.yaml", "name: Qwen/Qwen2.5-VL-7B-Instruct", kind="grpo")
    assert (bases.start_of(named), bases.parents(named)) == ("Qwen/Qwen2.5-VL-7B-Instruct",) + (
        ["Qwen/Qwen2.5-VL-7B-Instruct"],
    )
    new = load(kind="sft")
    assert (bases.start_of(new), bases.parents(new)) == (None, [])
