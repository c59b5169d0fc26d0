"""The hub's form of the text sets, where it is another one: local folders in the shape of the repositories."""

import pytest

import data
from recipes import BadInput

from . import releases
from .releases import RELEASES


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """hub(file, rows) -> a folder that stands for a repository with this file; no release lies anywhere else."""
    pytest.importorskip("datasets")
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path / "none"))

    def make(file, rows, name="hub"):
        releases.write(tmp_path / name / file, rows)
        return str(tmp_path / name)

    return make


def same(found, monkeypatch, tmp_path, name):
    """Whether these are the rows that the release's files give."""
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path / "sets"))
    RELEASES[name].write(tmp_path / "sets" / name)
    told = data.load(name, RELEASES[name].split, **RELEASES[name].knobs)
    assert [(row.id, row.question, row.options, row.answer) for row in found] == [
        (row.id, row.question, row.options, row.answer) for row in told
    ]
    return told


@pytest.mark.parametrize("name", ["medqa", "supergpqa_med", "healthbench"])
def test_repositories_that_hold_the_release_file(name, hub, monkeypatch, tmp_path):
    found = data.load(name, "test", hub=hub(RELEASES[name].path, RELEASES[name].rows()))
    assert found == same(found, monkeypatch, tmp_path, name)


def test_mmlu_has_a_configuration_a_subject(hub, monkeypatch, tmp_path):
    place = hub(RELEASES["mmlu_med"].path, RELEASES["mmlu_med"].rows())
    config = "- config_name: anatomy\n  data_files:\n  - split: test\n    path: anatomy/test-*"
    (tmp_path / "hub" / "README.md").write_text(f"---\nconfigs:\n{config}\n---\n")
    found = data.load("mmlu_med", "test", subject="anatomy", hub=place)
    assert found == same(found, monkeypatch, tmp_path, "mmlu_med")


def test_mcmle_has_its_test_split_as_train(hub, monkeypatch, tmp_path):
    place = hub("train.jsonl", RELEASES["mcmle"].rows())
    same(data.load("mcmle", "test", hub=place), monkeypatch, tmp_path, "mcmle")
    with pytest.raises(BadInput, match=r"has no validation split; put train.jsonl"):
        data.load("mcmle", "validation", source="hub", hub=place)


def test_medbullets_has_a_repository_a_part(hub):
    rows = RELEASES["medbullets"].rows()
    named = [{"question": row["question"], "options": releases.named(4), "answer_idx": "B"} for row in rows]
    hubs = {"op4": hub("train.jsonl", named, "op4"), "op5": hub("train.jsonl", rows, "op5")}
    found = data.load("medbullets", "test", hub=hubs)
    assert [len(row.options or {}) for row in found] == [4] * 8 + [5] * 8
    assert (found[0].answer, found[9].answer) == ("B", "B")
    assert found[0].meta["cluster"] == found[8].meta["cluster"]


def test_cmexam_has_its_options_as_a_list_and_no_annotations(hub, monkeypatch, tmp_path):
    rows = [
        {**{key: row[key] for key in ("Question", "Answer", "Explanation")},
         "Options": [{"key": key, "value": value} for key, value in zip("ABCDE", releases.WORDS, strict=True)]}
        for row in RELEASES["cmexam"].rows()
    ]  # fmt: skip
    found = data.load("cmexam", "test", hub=hub("test.json", rows))
    same(found, monkeypatch, tmp_path, "cmexam")
    assert {row.meta["subject"] for row in found} == {None}


@pytest.mark.parametrize("name", ["medqa", "healthbench"])
def test_a_hub_that_cannot_be_reached_names_the_remedy(name, hub, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(BadInput) as caught:
        data.load(name, "test", hub=str(tmp_path / "nowhere" / "at" / "all"))
    (line,) = caught.value.problems
    assert "cannot be read" in line
    assert "check the network, or run `hf download" in line
    assert str(tmp_path / "none" / name) in line
