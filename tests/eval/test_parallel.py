"""Several processes on one evaluation, as the command line starts them, with a real model of random weights."""

import json
from pathlib import Path

import pytest

from eval import parallel
from eval.__main__ import main
from recipes import BadInput


def flags(checkpoint: Path, out: Path, *more: str) -> list[str]:
    asked = ["--suite", "clinic_test", "--limit", "6", "--max-tokens", "4", "--engine", "hf", "--samples", "2"]
    return ["run", "--model", str(checkpoint), *asked, "--out", str(out), *more]


def test_two_processes_make_what_one_makes(checkpoint: Path, tmp_path: Path, capsys) -> None:
    recipe = tmp_path / "look.yaml"
    recipe.write_text(
        f"model: {{name: {checkpoint}}}\n"
        "suites: [{use: clinic_test, n: 6, families: [gcs, lab_range]}]\n"
        "eval: {samples: [2], max_tokens: 4}\n"
        f"run: {{output_dir: {tmp_path / 'out'}}}\n"
    )
    assert main(["run", str(recipe), "--engine", "hf", "--out", str(tmp_path / "one")]) == 0
    capsys.readouterr()
    assert main(["run", str(recipe), "--engine", "hf", "--data-parallel", "2", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [found["n"] for found in printed["results"]] == [6]
    for name in ("responses.jsonl", "scores.jsonl", "result.json"):
        one, two = ((tmp_path / place / "clinic_test@2" / name).read_bytes() for place in ("one", "out"))
        assert one == two
    assert (tmp_path / "out" / "lineage.json").is_file()


def test_a_shard_that_fails_is_named(checkpoint: Path, tmp_path: Path, capsys) -> None:
    (checkpoint / "model.safetensors").write_bytes(b"no weights")
    assert main(flags(checkpoint, tmp_path / "o", "--data-parallel", "2")) == 2
    assert "shard 0, 1 of 2 did not finish" in capsys.readouterr().err


def test_each_process_gets_its_gpus() -> None:
    given = {"CUDA_VISIBLE_DEVICES": "4,5,6,7"}
    assert parallel.devices(given, 1, 2, 2) == {"CUDA_VISIBLE_DEVICES": "6,7"}
    with pytest.raises(BadInput, match="needs 6 GPUs; 4 are here"):
        parallel.devices(given, 0, 3, 2)


def test_shards_are_not_divided_twice(checkpoint: Path, tmp_path: Path, capsys) -> None:
    assert main(flags(checkpoint, tmp_path / "o", "--data-parallel", "2", "--shard", "0/2")) == 2
    assert "--data-parallel makes the shards itself" in capsys.readouterr().err


def test_a_run_that_was_killed_is_gone_on_with_by_the_same_command(checkpoint: Path, tmp_path: Path, capsys) -> None:
    recipe = tmp_path / "look.yaml"
    recipe.write_text(
        f"model: {{name: {checkpoint}}}\nsuites: [{{use: clinic_test, n: 6, families: [gcs]}}]\n"
        f"eval: {{max_tokens: 4}}\nrun: {{output_dir: {tmp_path / 'out'}}}\n"
    )
    assert main(["run", str(recipe), "--engine", "hf"]) == 0
    first = (tmp_path / "out" / "clinic_test" / "responses.jsonl").read_bytes()
    (tmp_path / "out" / "lineage.json").unlink()
    (tmp_path / "out" / "clinic_test" / "result.json").unlink()
    assert main(["run", str(recipe), "--engine", "hf"]) == 0
    assert (tmp_path / "out" / "clinic_test" / "responses.jsonl").read_bytes() == first
    assert not (tmp_path / "out-2").exists()
