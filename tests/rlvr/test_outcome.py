"""What a run leaves for people: numbers, report, pictures, model card, and the mark that it is finished."""

import json
from pathlib import Path

import pytest

from recipes import folder
from rlvr import outcome

SIDE = {"accuracy", "low", "high", "format_rate", "mean_tokens"}
DELTA = {"accuracy", "low", "high", "mcnemar_p", "right_to_wrong", "wrong_to_right"}


@pytest.fixture
def run(load) -> Path:
    recipe = load()
    claimed = folder.claim(recipe.run.output_dir, recipe.resolved())
    folder.write_versions(claimed, recipe.run.seed)
    (claimed / "metrics.jsonl").write_text('{"step": 1, "reward": 0.25}\n{"step": 2, "reward": null}\n')
    (claimed / "checkpoints" / "final").mkdir(parents=True)
    yield claimed
    folder.release(claimed)


def test_the_outcome_of_a_run(load, made, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = [made([0, 0, 1, 1] * 5)], [made([1, 0, 1, 1] * 5)]
    final = run / "checkpoints" / "final"
    outcome.write(load(), run, final, before, after, steps=7)

    found = json.loads((run / "gains.json").read_text())
    assert (found["seed"], found["recipe"], found["parents"]) == (0, f"{tmp_path}/r.yaml", ["owner/model"])
    suite = found["suites"]["s"]
    assert (suite["n"], suite["samples"]) == (20, 1)
    assert (suite["base"]["accuracy"], suite["rl"]["accuracy"], suite["delta"]["accuracy"]) == (0.5, 0.75, 0.25)
    assert (suite["delta"]["wrong_to_right"], suite["delta"]["right_to_wrong"]) == (5, 0)
    assert suite["base"].keys() & suite["rl"].keys() >= SIDE
    assert suite["delta"].keys() >= DELTA
    assert suite["by"]["family"]["a"]["delta"]["accuracy"] == 0.5

    report = (run / "report.md").read_text()
    assert str(final) in report
    for picture in ("curve.png", "gain.png"):
        assert (run / picture).read_bytes().startswith(b"\x89PNG")
        assert picture in report
    assert "0.750" in (final / "README.md").read_text() or "75.0" in (final / "README.md").read_text()

    lineage = json.loads((run / "lineage.json").read_text())
    assert (lineage["steps"], lineage["parents"]) == (7, ["owner/model"])
    assert folder.is_finished(run)
    said = capsys.readouterr().out
    for name in ("report.md", "checkpoints/final", "metrics.jsonl"):
        assert name in said


def test_without_an_evaluation_the_run_is_finished_all_the_same(load, run: Path) -> None:
    outcome.write(load(), run, run / "checkpoints" / "final", [], [], steps=1)
    assert folder.is_finished(run)
    assert not (run / "gains.json").exists()
    assert "Not measured" in (run / "checkpoints" / "final" / "README.md").read_text()


def test_nothing_says_finished_until_all_is_written(load, made, run: Path) -> None:
    with pytest.raises(FileNotFoundError):
        outcome.write(load(), run, run / "no_such_checkpoint", [made([0, 1])], [made([1, 1])], steps=1)
    assert not folder.is_finished(run)
