import json
import subprocess
import sys
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.kept import json_lines
from eval.run import arms, evaluate_all
from recipes import ROOT


@pytest.fixture
def runs(small_suite, student, tmp_path: Path) -> tuple[Path, Path]:
    """Two runs of the small suite, greedy and with two samples: a third right, then nearly all."""
    places = tmp_path / "base", tmp_path / "rl"
    for place, share in zip(places, (0.33, 0.95), strict=True):
        evaluate_all(student(share), arms([small_suite], samples=[1, 2]), out=place)
    return places


def test_list_names_the_suites(capsys) -> None:
    assert main(["list", "--json"]) == 0
    found = {suite["name"]: suite for suite in json.loads(capsys.readouterr().out)}
    assert found["clinic_test"]["use"] == "clinic"
    assert main(["list"]) == 0
    assert "vqa_rad" in capsys.readouterr().out


def test_compare_prints_writes_and_agrees_with_itself(runs, tmp_path: Path, capsys) -> None:
    base, rl = map(str, runs)
    assert main(["compare", base, rl, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert list(printed["suites"]) == ["clinic_test", "clinic_test@2"]
    assert printed["suites"]["clinic_test"]["delta"]["accuracy"] > 0
    out = tmp_path / "report"
    assert main(["compare", base, rl, "--out", str(out)]) == 0
    assert "clinic_test@2" in capsys.readouterr().out
    assert json.loads((out / "gains.json").read_text()) == printed
    assert (out / "report.md").exists()
    assert (out / "report.html").exists()
    assert (out / "gain.png").exists()


def test_compare_takes_several_runs(runs, tmp_path: Path, capsys) -> None:
    base, rl = map(str, runs)
    assert main(["compare", base, rl, base, "--json", "--out", str(tmp_path / "all")]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed[base]["suites"]["clinic_test"]["delta"]["accuracy"] == 0
    out = tmp_path / "all"
    assert sorted(path.name for path in out.iterdir()) == ["1-rl", "2-base", "report.html", "report.md"]
    for place in ("1-rl", "2-base"):
        assert {"gains.json", "report.html", "report.md", "gain.png"} <= {path.name for path in (out / place).iterdir()}
        assert f"]({place}/gain.png)" in (out / "report.md").read_text()
    assert "Gain over the base, points" in (out / "report.html").read_text()


def test_compare_refuses_other_items_and_empty_folders(runs, tmp_path: Path, capsys) -> None:
    base, rl = runs
    for name in ("responses.jsonl", "scores.jsonl"):
        path = rl / "clinic_test" / name
        path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    assert main(["compare", str(base), str(rl)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: clinic_test: the two runs were not asked the same items: 1 only in the first")
    assert len(error.splitlines()) == 1
    (tmp_path / "empty").mkdir()
    assert main(["compare", str(base), str(tmp_path / "empty")]) == 2
    assert "holds no evaluation" in capsys.readouterr().err


def test_compare_refuses_a_verdict_beside_another_answer(runs, capsys) -> None:
    base, rl = runs
    path = rl / "clinic_test" / "scores.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[::-1]))
    assert main(["compare", str(base), str(rl)]) == 2
    assert "score again" in capsys.readouterr().err


def test_score_regrades_what_was_saved(runs, tmp_path: Path, capsys) -> None:
    answers, verdicts = runs[0] / "clinic_test@2" / "responses.jsonl", runs[0] / "clinic_test@2" / "scores.jsonl"
    out = tmp_path / "again.jsonl"
    assert main(["score", str(answers), "--out", str(out), "--json"]) == 0
    assert out.read_text() == verdicts.read_text()
    counts = json.loads(capsys.readouterr().out)
    assert counts["outcomes"]["right"] == sum(row["correct"] is True for row in json_lines(out))
    assert main(["score", str(answers), "--out", str(out)]) == 2
    assert "exists" in capsys.readouterr().err


def test_score_reads_the_contracts_rows_and_names_a_bad_line(tmp_path: Path, capsys) -> None:
    file, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    rows = [
        {
            "id": "1",
            "question": "Largest?",
            "options": {"A": "liver", "B": "spleen"},
            "gold": "A",
            "completion": "<answer>A</answer>",
        },
        {
            "id": "2",
            "question": "Sodium?",
            "options": None,
            "answer": "140 mmol/L",
            "completion": "<answer>130</answer>",
        },
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert main(["score", str(file), "--out", str(out)]) == 0
    found = list(json_lines(out))
    assert [row["correct"] for row in found] == [True, False]
    assert {"id", "correct", "score", "parsed", "rule", "why"} <= set(found[0])
    capsys.readouterr()
    for line, wanted in (("{broken", ":3: not JSON"), ('{"id": "3"}', ":3: the row lacks completion, gold")):
        file.write_text("".join(json.dumps(row) + "\n" for row in rows) + line + "\n")
        assert main(["score", str(file), "--out", str(tmp_path / "bad.jsonl")]) == 2
        assert wanted in capsys.readouterr().err
        assert not (tmp_path / "bad.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["--suite", "clinic_test", "--out", "o"], "--model missing"),
        (["--model", "no/such/place", "--suite", "clinic_test", "--out", "o"], "model 'no/such/place'"),
        (["--model", ".", "--suite", "clinic_test", "--out", "o"], "is not a checkpoint"),
        (["--model", "a/b", "--suite", "clinic_tset", "--out", "o"], "did you mean clinic_test"),
        (["--model", "a/b", "--suite", "clinic_test", "--out", "o", "--limit", "0"], "at least 1"),
        (["--model", "a/b", "--suite", "clinic_test", "--out", "o", "--samples", "0"], "samples: 0 is too few"),
        (["--model", "a/b", "--suite", "clinic_test", "--out", "o", "--temperature", "0"], "above 0"),
    ],
)
def test_bad_use_of_run_is_told_before_a_model_is_loaded(arguments, wanted, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["run", *arguments]) == 2
    error = capsys.readouterr().err
    assert wanted in error
    assert all(line.startswith("error: ") for line in error.splitlines())
    assert not (tmp_path / "o").exists()


@pytest.fixture
def recipe(tmp_path: Path, checkpoint: Path) -> Path:
    """An evaluation recipe of four text items for a checkpoint of random weights."""
    path = tmp_path / "look.yaml"
    path.write_text(
        f"model: {{name: {checkpoint}}}\n"
        "suites: [{use: clinic_test, n: 4, families: [gcs, lab_range]}]\n"
        "eval: {samples: [1, 2], max_tokens: 4}\n"
        f"run: {{output_dir: {tmp_path / 'out'}}}\n"
    )
    return path


def test_a_recipe_runs_from_the_command_line_to_a_finished_folder(recipe: Path, capsys) -> None:
    out = recipe.parent / "out"
    assert main(["run", str(recipe), "eval.seed=3", "--engine", "hf", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["out"] == str(out)
    assert [(found["name"], found["n"]) for found in printed["results"]] == [("clinic_test", 4), ("clinic_test@2", 4)]
    assert json.loads((out / "clinic_test" / "result.json").read_text())["settings"]["seed"] == 3
    rows = list(json_lines(out / "clinic_test@2" / "responses.jsonl"))
    assert len(rows) == 8
    assert all(1 <= row["n_tokens"] <= 4 for row in rows)
    assert (out / "lineage.json").exists()
    assert main(["run", str(recipe), "--engine", "hf", "--limit", "2", "--samples", "1"]) == 0
    assert "clinic_test" in capsys.readouterr().out
    assert (out.with_name("out-2") / "clinic_test" / "result.json").exists()


def test_a_recipe_may_name_a_judge(recipe: Path, capsys) -> None:
    (recipe.parent / "mine.py").write_text(
        "from rewards import Response, reward\n\n\n@reward()\nasync def judge(response: Response, answer: str,"
        " base_url: str = '', model: str = '', key_env: str = '') -> float:\n"
        "    'Says what it was told.'\n    return float((base_url, model) == ('http://x/v1', 'm'))\n"
    )
    text = recipe.read_text()
    recipe.write_text(text.replace("n: 4,", f"n: 4, grader: '{recipe.parent / 'mine.py'}:judge',"))
    assert main(["run", str(recipe), "--engine", "hf"]) == 2
    assert "in a recipe eval.judge: {base_url, model}" in capsys.readouterr().err
    asked = ["eval.judge.base_url=http://x/v1", "eval.judge.model=m"]
    assert main(["run", str(recipe), *asked, "--engine", "hf", "--json"]) == 0
    first, _ = json.loads(capsys.readouterr().out)["results"]
    assert (first["accuracy"], first["settings"]["judge"]) == (1.0, "m")


def test_a_folder_that_only_looks_like_a_checkpoint_is_told(tmp_path: Path, capsys) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    flags = ["--suite", "clinic_test", "--out", str(tmp_path / "o"), "--engine", "hf"]
    assert main(["run", "--model", str(tmp_path / "model"), *flags]) == 2
    error = capsys.readouterr().err
    assert "cannot be loaded" in error.splitlines()[-1]
    assert not (tmp_path / "o").exists()


def test_a_training_recipe_is_not_an_evaluation(recipe: Path, capsys) -> None:
    assert main(["run", str(ROOT / "recipes" / "sft_med.yaml")]) == 2
    assert "is a sft recipe" in capsys.readouterr().err


def test_listing_is_light() -> None:
    heavy = {"torch", "transformers", "vllm", "trl", "matplotlib"}
    code = f"import sys; from eval.__main__ import main; main(['list']); sys.exit(bool({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
