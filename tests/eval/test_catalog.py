"""The list of suites: what they are, whether their data are here, and the one line that says how to get them."""

import json
from pathlib import Path

from eval import catalog, suites
from eval.__main__ import main


def test_every_benchmark_says_what_to_download_and_where(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))
    assert main(["list", "--json"]) == 0
    for found in json.loads(capsys.readouterr().out):
        assert found["license"]
        if found["use"] == "clinic":
            assert (found["here"], found["download"]) == (True, "")
            continue
        assert found["here"] is False
        assert "\n" not in found["download"]
        assert str(tmp_path / found["use"]) in found["download"] or found["download"].startswith("the hub")


def test_data_that_are_here_are_said_to_be(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))
    (tmp_path / "pubmedqa").mkdir()
    found = {name: catalog.entry(suites.load(name)) for name in ("pubmedqa", "medmcqa")}
    assert [catalog.row(one)[3] for one in found.values()] == ["here", "hub"]
    assert found["pubmedqa"]["groups"] == ["paper", "paper_text", "text_real"]
