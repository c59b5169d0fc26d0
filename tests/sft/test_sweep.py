"""A sweep runs a recipe once an entry, goes on after a failure, uses again what is there, and tells what changed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import recipes
from recipes import BadInput
from sft import sweep

from .conftest import MODEL, SFT

ENTRIES = "[[], data.share=0.5, [data.leave_out.family=lab_range, sft.max_steps=1]]"


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., str]:
    """written(entries, ...) -> the path of a sweep over a tiny base that measures itself on four items."""

    def _written(entries: str = ENTRIES, measured: bool = True) -> str:
        base = SFT.replace("OUT", str(tmp_path)).replace("MODEL", MODEL)
        more = "eval: {suites: [{use: clinic_val, n: 4, families: [lab_range, lesion_side]}], max_tokens: 4}\n"
        (tmp_path / "base.yaml").write_text(base + more * measured)
        text = f"sweep: {{base: {tmp_path}/base.yaml, overrides: {entries}}}\nrun: {{output_dir: {tmp_path}/sweep}}\n"
        (tmp_path / "sweep.yaml").write_text(text)
        return str(tmp_path / "sweep.yaml")

    return _written


def test_each_run_has_a_folder_that_says_what_is_changed(written, tmp_path: Path) -> None:
    found = sweep.entries(recipes.load(written()))
    assert [Path(entry.out).name for entry in found] == [
        "01-base",
        "02-share-0.5",
        "03-leave_out.family-lab_range-max_steps-1",
    ]
    assert [entry.recipe.data.share for entry in found] == [1.0, 0.5, 1.0]
    assert found[2].recipe.sft["max_steps"] == 1
    assert {entry.state() for entry in found} == {"to be run"}


def test_check_lists_the_runs_and_runs_none(written, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sweep.main([written(), "--check"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert [line.partition(": ")[2] for line in lines] == [
        "nothing changed  (to be run)",
        "data.share=0.5  (to be run)",
        "data.leave_out.family=lab_range, sft.max_steps=1  (to be run)",
    ]
    assert not (tmp_path / "sweep").exists()


def test_bad_sweeps_are_refused_before_the_first_run(written, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="sweep.overrides.0: nothing to compare: eval.suites names no suite"):
        sweep.main([written(measured=False)])
    with pytest.raises(BadInput, match=r"sweep.overrides.1: .*data.share: must be at most 1"):
        sweep.main([written("[[], data.share=2]")])
    with pytest.raises(BadInput, match=r"base.yaml: is a sft recipe; python -m sft.sweep runs those with `sweep:`"):
        sweep.main([str(tmp_path / "base.yaml")])
    assert not (tmp_path / "sweep").exists()


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_runs_are_made_compared_and_used_again(written, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = written("[[], data.share=0.5, sft.max_steps=1]")
    broken = tmp_path / "sweep" / "02-share-0.5"
    broken.parent.mkdir()
    broken.write_text("a file where a folder should be")
    assert sweep.main([path]) == 1
    said = capfd.readouterr()
    assert "[2/3] data.share=0.5: failed" in said.err
    told = json.loads((tmp_path / "sweep" / "sweep.json").read_text())
    assert [bool(run["failed"]) for run in told["runs"]] == [False, True, False]

    broken.unlink()
    assert sweep.main([path]) == 0
    assert capfd.readouterr().out.count("finished already") == 2
    told = json.loads((tmp_path / "sweep" / "sweep.json").read_text())
    first, second, _ = told["runs"]
    assert (first["samples"], second["samples"]) == (24, 12)
    assert "delta" not in first["suites"]["clinic_val"]
    assert second["suites"]["clinic_val"]["delta"]["low"] <= second["suites"]["clinic_val"]["delta"]["high"]
    assert "<svg" in (tmp_path / "sweep" / "sweep.html").read_text()
    assert "data.share=0.5" in (tmp_path / "sweep" / "sweep.md").read_text()
