"""Every reader of a benchmark with pictures and free answers: eight rows of its release's shape, whole and broken."""

import pytest

import data
import rewards
from data.prompt import user_text
from data.registry import folder
from data.sets import slake
from recipes import BadInput

from . import pictures
from .pictures import PICTURED, put

OFFICIAL = [name for name, release in PICTURED.items() if release.id]
FOLDERED = [name for name in pictures.FOLDERS if name != "vqa_rad"]  # VQA-RAD names the single files that lack


@pytest.fixture
def place(monkeypatch, tmp_path):
    """place(name) -> the folder of a set's release."""
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path / "sets"))
    return folder


def load(name, **knobs):
    return data.load(name, PICTURED[name].split, **{**PICTURED[name].knobs, **knobs})


def refused(name, **knobs):
    """The one line of the refusal."""
    with pytest.raises(BadInput) as caught:
        load(name, **knobs)
    (line,) = caught.value.problems
    return line


@pytest.mark.parametrize("name", PICTURED)
def test_rows_become_examples_with_the_columns_that_are_described(name, place):
    put(name, place(name))
    info, rows = data.describe(name), load(name)
    assert len(rows) == len({row.id for row in rows}) == 8
    for row in rows:
        assert set(row.columns()) == set(info.columns)
        assert row.id.startswith(f"{name}/test/")
        assert (row.source, row.split, row.license) == (name, info.benchmark, info.license)
        assert row.kind in info.kinds
        assert row.meta["language"] in info.languages
        assert row.meta["form"] in ("open", "closed")
        assert row.modality == row.modality.lower() != "text"
        assert [type(image) for image in row.images] in ([str], [bytes])
    assert [row.meta["cluster"] for row in rows[::2]] == [row.meta["cluster"] for row in rows[1::2]]
    assert len({row.meta["cluster"] for row in rows}) == 4
    assert len(load(name, n=3, seed=1)) == 3


@pytest.mark.parametrize("name", PICTURED)
def test_what_is_known_without_reading(name):
    info = data.describe(name)
    assert info.benchmark in info.splits
    assert info.citation
    assert info.license
    assert "{place}" in info.remedy
    assert "\n" not in info.remedy
    assert info.hub
    assert set(info.rows) == set(info.splits)


@pytest.mark.parametrize("name", PICTURED)
def test_the_gold_earns_the_maximum_and_another_answer_nothing(name, place):
    put(name, place(name))
    match = rewards.load("answer_match")
    for row in load(name):
        assert match(f"<answer>{row.answer}</answer>", **row.columns()).value == 1.0
        assert match("<answer>molybdenum</answer>", **row.columns()).value == 0.0


@pytest.mark.parametrize("name", PICTURED)
def test_missing_files_say_what_to_download_and_where_to_put_it(name, place):
    place(name).mkdir(parents=True)
    line = refused(name)
    assert " is missing; " in line
    assert data.describe(name).remedy.format(place=place(name)) in line


@pytest.mark.parametrize("name", FOLDERED)
def test_a_folder_of_images_that_lacks_is_one_line(name, place):
    PICTURED[name].write(place(name))
    line = refused(name)
    assert f"the folder of the images, {place(name) / pictures.FOLDERS[name]}, is missing" in line
    assert data.describe(name).remedy.format(place=place(name)) in line


@pytest.mark.parametrize("name", PICTURED)
def test_a_column_that_lacks_is_named_with_its_file(name, place):
    release = PICTURED[name]
    rows = [{key: value for key, value in row.items() if key != release.needed} for row in release.rows()]
    path = put(name, place(name), rows)
    line = refused(name)
    assert f"'{release.needed}'" in line
    assert path.name in line or "test-*.parquet" in line
    assert data.describe(name).remedy.format(place=place(name)) in line


@pytest.mark.parametrize("name", OFFICIAL)
def test_an_id_that_comes_twice_is_named(name, place):
    release = PICTURED[name]
    rows = release.rows()
    rows[4][release.id] = rows[1][release.id]
    put(name, place(name), rows)
    assert f"{name}/test/{rows[1][release.id]} comes twice" in refused(name)


@pytest.mark.parametrize("name", PICTURED)
def test_a_broken_file_is_named(name, place):
    path = put(name, place(name))
    path.write_bytes(path.read_bytes()[:60])
    line = refused(name)
    assert path.name in line
    assert "cannot be read" in line


def test_slake_asks_both_languages_unless_one_is_chosen(place):
    put("slake", place("slake"))
    assert [row.meta["language"] for row in load("slake")] == ["en", "zh"] * 4
    assert [row.meta["qid"] for row in load("slake", language="zh")] == [101, 103, 105, 107]
    assert "no language 'cn'" in refused("slake", language="cn")


def test_slake_takes_yes_and_no_of_both_languages_as_such(place):
    put("slake", place("slake"))
    rows = load("slake")
    assert [row.kind for row in rows] == ["text", "yesno", "yesno", "text", "numeric", "yesno", "text", "text"]
    assert [row.answer for row in rows] == ["Copper", "no", "yes", "铜", "2", "yes", "Left", "无"]
    assert [row.meta["official_answer"] for row in rows[1:6:4]] == ["没有", "是"]
    match = rewards.load("answer_match")
    for said, worth in (("没有", 1.0), ("否", 1.0), ("有", 0.0), ("是", 0.0)):
        assert match(f"<answer>{said}</answer>", **rows[1].columns()).value == worth
    assert [row.meta["form"] for row in rows].count("closed") == 5
    assert (rows[0].modality, rows[0].meta["organ"], rows[0].meta["question_type"]) == ("x-ray", "chest_heart", "organ")
    assert rows[0].images[0].endswith("slake/imgs/xmlab0/source.jpg")
    assert "“是”或“否”" in user_text(rows[1], "paper")
    assert "一个词或短语" in user_text(rows[3], "paper")


@pytest.mark.parametrize(("said", "gold"), slake.POLARITY.items())
def test_the_official_words_for_yes_and_no_are_read_as_such(said, gold):
    match, other = rewards.load("answer_match"), {"yes": "no", "no": "yes"}[gold]
    for answer, worth in ((gold, 1.0), (other, 0.0)):
        assert match(f"<answer>{said}</answer>", answer=answer, kind="yesno", question="图中有肝脏吗？").value == worth


@pytest.mark.parametrize(("column", "value"), [("answer_type", "HALF"), ("q_lang", "fr"), ("answer", None)])
def test_slake_rows_in_another_form_are_named(place, column, value):
    rows = PICTURED["slake"].rows()
    rows[2][column] = value
    put("slake", place("slake"), rows)
    line = refused("slake")
    assert "row 3: " in line
    assert column.split("_")[0] in line


def test_path_vqa_is_closed_where_the_gold_is_yes_or_no(place):
    put("path_vqa", place("path_vqa"))
    rows = load("path_vqa")
    assert [row.meta["form"] for row in rows] == ["closed", "open"] * 4
    assert [row.kind for row in rows] == ["yesno", "text"] * 4
    assert rows[0].images[0] is rows[1].images[0]
    assert data.open_images(rows[2])[0].size == (8, 6)


def test_path_vqa_on_the_hub_is_the_same(place, tmp_path):
    pytest.importorskip("datasets")
    PICTURED["path_vqa"].write(tmp_path / "hub")
    found = data.load("path_vqa", "test", hub=str(tmp_path / "hub"))
    put("path_vqa", place("path_vqa"))
    assert found == load("path_vqa")
