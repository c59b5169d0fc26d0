"""The hub's form of the image benchmarks: local folders in the shape of the repositories."""

import pytest

import data
from data.registry import folder
from recipes import BadInput

from . import picture_releases as releases
from .picture_releases import RELEASES, put


@pytest.fixture
def place(monkeypatch, tmp_path):
    """place(name) -> the folder of a set's release."""
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path / "sets"))
    return folder


@pytest.mark.parametrize("name", ["mmmu_med", "medframeqa"])
def test_the_hub_gives_the_same_rows_with_pictures_still_packed(name, place, tmp_path):
    datasets = pytest.importorskip("datasets")
    put(name, place(name))
    rows = datasets.Dataset.from_list(RELEASES[name].rows())
    for column in rows.column_names:
        if column.startswith("image_") and column != "image_url":
            rows = rows.cast_column(column, datasets.Image())
    path = tmp_path / "hub" / RELEASES[name].path
    path.parent.mkdir(parents=True)
    rows.to_parquet(path)
    config = "default" if name == "medframeqa" else "Pharmacy"
    lines = f"- config_name: {config}\n  data_files:\n  - split: test\n    path: {path.parent.name}/test-*"
    (tmp_path / "hub" / "README.md").write_text(f"---\nconfigs:\n{lines}\n---\n")
    found = data.load(name, "test", **RELEASES[name].knobs, source="hub", hub=str(tmp_path / "hub"))
    assert found == data.load(name, "test", **RELEASES[name].knobs)
    assert all(isinstance(picture, bytes) for row in found for picture in row.images)


def test_a_part_without_pictures_comes_from_the_hub(place, tmp_path):
    pytest.importorskip("datasets")
    releases.write(tmp_path / "hub" / "Text/test.jsonl", [releases.medxpertqa_text(i) for i in range(8)])
    lines = "- config_name: Text\n  data_files:\n  - split: test\n    path: Text/test.jsonl"
    (tmp_path / "hub" / "README.md").write_text(f"---\nconfigs:\n{lines}\n---\n")
    found = data.load("medxpertqa", "test", part="text", source="hub", hub=str(tmp_path / "hub"))
    assert [row.answer for row in found] == list("ABCDEFGH")
    assert {row.images for row in found} == {()}


@pytest.mark.parametrize("name", ["mmmu_med", "medframeqa"])
def test_a_hub_that_cannot_be_reached_names_the_remedy(name, place, tmp_path, monkeypatch):
    pytest.importorskip("datasets")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(BadInput) as caught:
        data.load(name, "test", hub=str(tmp_path / "nowhere" / "at" / "all"))
    (line,) = caught.value.problems
    assert "cannot be read" in line
    assert "check the network, or run `hf download" in line
