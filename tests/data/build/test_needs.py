"""What a build needs is told before it starts: files that are missing, rows that there should be."""

import importlib
import json
from pathlib import Path

import pytest

import data
import recipes
from data.__main__ import main
from data.build import plan, store
from recipes import ROOT

from ..sources import put

FULL = ("captions", "instruct", "stage1", "stage2", "stage3", "rl_pool", "rl")


@pytest.fixture
def sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of data sets."""
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path / "sets"))
    return tmp_path / "sets"


def written(tmp_path: Path, **sections) -> str:
    path = tmp_path / "recipe.yaml"
    path.write_text(json.dumps({"build": {}, "run": {"output_dir": str(tmp_path / "out")}, **sections}))
    return str(path)


@pytest.mark.parametrize("name", FULL)
def test_without_files_check_tells_each_source_once_and_what_to_do(name: str, sets: Path, capsys) -> None:
    recipe = recipes.load(f"recipes/data/{name}.yaml")
    assert main(["build", str(recipe.path), "--check"]) == 0
    fits, missing, *lines = capsys.readouterr().out.splitlines()
    assert (fits, missing) == (f"{recipe.path} fits", f"missing here: {len(lines)}")
    for source in plan.sources(recipe):
        (line,) = (line for line in lines if line.startswith(f"{source.name}: "))
        remedy = data.describe(source.use).remedy
        where = {"place": sets / source.use, "name": Path(str(source.knobs.get("path"))).name}
        assert remedy.format(**where) in line


def test_with_files_check_passes_and_names_the_one_that_lacks(sets: Path, capsys) -> None:
    recipe = recipes.load("recipes/data/captions.yaml")
    for source in plan.sources(recipe):
        load = importlib.import_module(f"data.sets.{source.use}").load
        if source.use == "mimic_cxr":
            (sets / "mimic_cxr").mkdir(parents=True)
            (sets / "mimic_cxr/train.json").write_text("[]")
        else:
            put(source.use, sets / source.use, load, "train")
    assert main(["build", str(recipe.path), "--check"]) == 0
    assert "missing here: nothing" in capsys.readouterr().out
    (sets / "mimic_cxr/train.json").rename(sets / "mimic_cxr/test.json")
    (sets / "pmc_oa/pmc_oa.jsonl").unlink()
    assert main(["build", str(recipe.path), "--check"]) == 0
    *_, first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"mimic_cxr_train: {sets}/mimic_cxr/train.json is missing; get access at")
    assert second.startswith(f"pmc_oa_train: {sets}/pmc_oa/pmc_oa.jsonl is missing; run `hf download")


def test_a_build_stops_before_it_reads_where_no_hub_can_help(sets: Path, tmp_path: Path, capsys) -> None:
    uses = [{"use": "clinic", "n": 3}, {"use": "medpix"}, {"use": "iu_xray"}]
    assert main(["build", written(tmp_path, data={"train": uses})]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[1].strip() for line in lines] == ["medpix_train", "iu_xray_train"]
    assert not (tmp_path / "out").exists()


def test_what_comes_from_the_hub_is_not_missing(sets: Path, tmp_path: Path, capsys) -> None:
    assert main(["build", written(tmp_path, data={"train": [{"use": "medquad", "source": "hub"}]}), "--check"]) == 0
    assert "missing here: nothing" in capsys.readouterr().out
    assert main(["build", written(tmp_path, data={"train": [{"use": "medquad"}]}), "--check"]) == 0
    assert "missing here: 1\nmedquad_train: not in" in capsys.readouterr().out


def test_the_plan_counts_what_is_published_asked_and_here(sets: Path, tmp_path: Path, capsys) -> None:
    rows = data.load("clinic", "train", n=3)
    store.write(tmp_path / "made/part-00000-of-00001.parquet", rows, embed=True)
    (tmp_path / "synth/a").mkdir(parents=True)
    (tmp_path / "synth/a/rows.jsonl").write_text("{}\n{}\n")
    uses = [
        {"use": "pubmedvision", "part": "instruct"},
        {"use": "slake", "n": 100},
        {"use": "roco"},
        {"use": "built", "path": str(tmp_path / "made")},
        {"use": "synthesised", "path": str(tmp_path / "synth")},
    ]
    path = written(tmp_path, data={"train": uses}, build={"published_rows": 650_000})
    assert main(["build", path, "--plan", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(one["n"], one["known"], one["where"]) for one in found["sources"]] == [
        (647_031, "published", "hub"), (100, "asked", "hub"), (None, "unknown", "hub"), (3, "counted", "here"),
        (2, "counted", "here"),
    ]  # fmt: skip
    assert (found["rows"], found["sources_of_unknown_size"], found["published_rows"]) == (647_136, 1, 650_000)
    assert main(["build", path, "--plan"]) == 0
    assert "published, after cleaning: 650,000 rows" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "rows"), {"stage1": 927_000, "stage2": 4_100_000, "stage3": 7_100_000}.items())
def test_the_plan_of_a_stage_looks_into_the_builds_that_it_takes_from(name: str, rows: int, sets: Path, capsys) -> None:
    if (ROOT / "outputs/data/captions").exists():
        pytest.skip("the captions are built here")
    assert main(["build", f"recipes/data/{name}.yaml", "--plan", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    captions = {one["use"] for one in found["sources"] if one["source"].startswith("captions: ")}
    wanted = {"stage1": {"pmc_oa", "roco"}, "stage3": {"rocov2", "pubmedvision", "mimic_cxr"}}
    assert captions == wanted.get(name, captions)
    assert ("pmc_oa" in captions) == (name == "stage1")
    assert found["published_rows"] == rows
