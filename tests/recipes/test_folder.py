"""A run's folder: claimed once, never written again when finished, taken over only by the same recipe."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import recipes
from recipes import folder

RECIPE = {"grpo": {"beta": 0.0}, "run": {"seed": 0}}


def test_finished_runs_are_followed_by_numbers(tmp_path: Path) -> None:
    name = tmp_path / "run"
    assert folder.newest(name) is None
    for expected in ("run", "run-2", "run-3"):
        claimed = folder.claim(name, RECIPE)
        assert claimed == tmp_path / expected
        assert json.loads((claimed / "recipe.json").read_text()) == RECIPE
        assert not folder.is_finished(claimed)
        folder.finish(claimed, {"parents": []})
        assert folder.is_finished(claimed)
        assert folder.newest(name) == claimed


def test_numbers_are_numbers(tmp_path: Path) -> None:
    for name in ("run", "run-2", "run-10", "run-final", "run-03"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "lineage.json").write_text("{}")
    assert folder.newest(tmp_path / "run") == tmp_path / "run-10"
    assert folder.claim(tmp_path / "run", RECIPE) == tmp_path / "run-11"


def test_a_finished_run_is_not_finished_twice(tmp_path: Path) -> None:
    claimed = folder.claim(tmp_path / "run", RECIPE)
    folder.finish(claimed, {"first": True})
    with pytest.raises(RuntimeError, match="finished already"):
        folder.finish(claimed, {})
    assert json.loads((claimed / "lineage.json").read_text()) == {"first": True}


def test_an_unfinished_run_needs_a_decision(tmp_path: Path) -> None:
    claimed = folder.claim(tmp_path / "run", RECIPE)
    folder.release(claimed)
    with pytest.raises(recipes.BadInput, match="unfinished run; continue it with --resume, or delete"):
        folder.claim(tmp_path / "run", RECIPE)
    assert folder.claim(tmp_path / "run", RECIPE | {"run": {"seed": 0, "resume": True}}, resume=True) == claimed
    folder.release(claimed)
    assert json.loads((claimed / "recipe.json").read_text()) == RECIPE


def test_a_changed_recipe_cannot_be_resumed(tmp_path: Path) -> None:
    folder.release(folder.claim(tmp_path / "run", RECIPE))
    with pytest.raises(recipes.BadInput, match=r"changed since: grpo.beta: 0.0 -> 0.1"):
        folder.claim(tmp_path / "run", {"grpo": {"beta": 0.1}}, resume=True)
    assert folder.claim(tmp_path / "run", RECIPE, resume=True)
    folder.release(tmp_path / "run")


def test_nothing_to_resume(tmp_path: Path) -> None:
    with pytest.raises(recipes.BadInput, match="no run to resume"):
        folder.claim(tmp_path / "run", RECIPE, resume=True)
    folder.finish(folder.claim(tmp_path / "run", RECIPE), {})
    with pytest.raises(recipes.BadInput, match="finished, nothing to resume; .* goes to .*run-2"):
        folder.claim(tmp_path / "run", RECIPE, resume=True)
    assert not (tmp_path / "run-2").exists()


def test_a_folder_in_use_is_left_alone_until_its_process_dies(tmp_path: Path) -> None:
    script = (
        "import sys; from recipes import folder; folder.claim(sys.argv[1], {'grpo': {}});"
        "print('claimed', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "run")]
    with subprocess.Popen(command, cwd=recipes.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "claimed\n"
        for resume in (False, True):
            with pytest.raises(recipes.BadInput, match=rf"in use by a running process \(pid {other.pid}\)"):
                folder.claim(tmp_path / "run", {"grpo": {}}, resume=resume)
        other.kill()
    folder.release(folder.claim(tmp_path / "run", {"grpo": {}}, resume=True))


def test_folders_of_others_are_not_touched(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("mine")
    with pytest.raises(recipes.BadInput, match="holds files that no run wrote"):
        folder.claim(tmp_path / "run", RECIPE)
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("name", ["file", "file/below", "a\0b", "x" * 300])
def test_folders_that_cannot_be(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(recipes.BadInput, match="choose another run.output_dir"):
        folder.claim(tmp_path / name, RECIPE)


def test_versions_are_added_never_replaced(tmp_path: Path) -> None:
    first = folder.write_versions(tmp_path, seed=3)
    versions = json.loads(first.read_text())
    assert versions["seed"] == 3
    assert "pydantic" in versions["packages"]
    assert "CPU cores" in versions["hardware"]
    assert folder.write_versions(tmp_path, seed=4).name == "versions-2.json"
    assert json.loads(first.read_text()) == versions


def test_difference_names_keys() -> None:
    old = {"grpo": {"beta": 0.0, "gone": 1}, "data": {"train": [{"use": "a"}]}}
    new = {"grpo": {"beta": 0.1, "come": None}, "data": {"train": [{"use": "b"}]}}
    assert folder.difference(old, old) == []
    assert folder.difference(old, new) == [
        "grpo.beta: 0.0 -> 0.1",
        "grpo.gone: 1 -> (absent)",
        'data.train.0.use: "a" -> "b"',
        "grpo.come: (absent) -> nothing",
    ]


def test_a_key_that_is_new_and_at_its_default_is_no_change() -> None:
    """What was built before the key existed stays what it is."""
    now = {
        "model": {"name": "a", "quantization_config": None, "attn_implementation": None},
        "data": {"train": [{"use": "a", "weight": 1.0, "knob": 2, "n": None}], "share": 1.0},
        "tune": {"vision": None, "projector": None, "llm": None},
        "sft": {"max_steps": 2},
        "seed": 3,
    }
    before = {"model": {"name": "a"}, "data": {"train": [{"use": "a", "knob": 2}]}, "sft": {"max_steps": 2}, "seed": 3}
    assert folder.difference(before, now) == folder.difference(now, before) == []
    now["model"]["attn_implementation"], now["tune"]["llm"], now["data"]["train"][0]["n"] = "eager", "frozen", 5
    assert sorted(folder.difference(before, now)) == [
        "data.train.0.n: nothing -> 5",
        'model.attn_implementation: nothing -> "eager"',
        'tune.llm: nothing -> "frozen"',
    ]


def test_a_key_that_is_gone_is_a_change() -> None:
    before, now = {"model": {"name": "a", "gone": 1}}, {"model": {"name": "a", "attn_implementation": None}}
    assert "model.gone: 1 -> (absent)" in folder.difference(before, now)


def test_a_published_folder_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, place = tmp_path / ".final", tmp_path / "final"
    for folder_, name in ((place, "old"), (draft, "weights"), (draft / "inner", "more")):
        folder_.mkdir(parents=True)
        (folder_ / name).write_text(name)
    settled = []
    monkeypatch.setattr(os, "fsync", lambda handle: settled.append(Path(os.readlink(f"/proc/self/fd/{handle}"))))
    folder.publish(draft, place)
    assert set(settled[:-1]) == {draft, draft / "weights", draft / "inner", draft / "inner" / "more"}
    assert settled[-1] == tmp_path  # the new name
    assert not draft.exists()
    assert {path.name for path in place.rglob("*")} == {"weights", "inner", "more"}
