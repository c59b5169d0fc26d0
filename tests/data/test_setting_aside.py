"""Bad rows stop a reader, or are set aside where a build asks for that."""

import json

import pytest

import data
from data.registry import Bad, setting_aside
from recipes import BadInput

from .sources import ROWS

NAME, FILE = "medical_o1_verifiable", "medical_o1_verifiable_problem.json"
ROW = ROWS[NAME]


@pytest.fixture
def release(tmp_path, monkeypatch):
    """Writes the rows of the release."""
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))
    (tmp_path / NAME).mkdir()
    return lambda rows: (tmp_path / NAME / FILE).write_text(json.dumps(rows), encoding="utf-8")


def broken(rows):
    """Four rows that cannot be read, each in its way."""
    question, answer = rows[0]
    rows[1] = {question: "Who?"}
    rows[3] = {question: "", answer: "tin"}
    rows[5] = [question]
    rows[6] = {question: "Who?", answer: None}
    return rows


def test_bad_rows_are_told_and_the_others_are_read(release):
    release(broken([ROW(i) for i in range(8)]))
    bad: list[Bad] = []
    with setting_aside(bad):
        rows = data.load(NAME, "train")
    assert [row.id.rpartition("/")[2] for row in rows] == ["1", "3", "5", "8"]
    assert [(one.row, one.why) for one in bad] == [
        (2, "has no column 'Ground-True Answer'"),
        (4, "there is no question"),
        (6, "is no object, or cannot be read"),
        (7, "there is no answer"),
    ]
    assert all(one.where.endswith(FILE) for one in bad)


def test_a_truncated_line_is_set_aside(tmp_path, monkeypatch):
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))
    (tmp_path / "medthoughts_8k").mkdir()
    lines = [json.dumps(ROWS["medthoughts_8k"](i)) for i in range(3)]
    path = tmp_path / "medthoughts_8k" / "MedThoughts-8K.jsonl"
    path.write_text("\n".join([lines[0], lines[1][:40], "[1]", lines[2]]), encoding="utf-8")
    with pytest.raises(BadInput, match="line 2"):
        data.load("medthoughts_8k", "train")
    bad: list[Bad] = []
    with setting_aside(bad):
        assert len(data.load("medthoughts_8k", "train")) == 2
    assert [one.row for one in bad] == [2, 3]


def test_the_first_bad_row_stops_without_it_and_again_afterwards(release):
    release([ROW(0), {}])
    with setting_aside([]):
        assert len(data.load(NAME, "train")) == 1
    with pytest.raises(BadInput, match="row 2 has no column"):
        data.load(NAME, "train")


def test_nothing_but_bad_rows_still_stops(release):
    release([{}, {}])
    bad: list[Bad] = []
    with setting_aside(bad), pytest.raises(BadInput, match="holds no row"):
        data.load(NAME, "train")
    assert len(bad) == 2


def test_what_is_told_holds_nothing_of_the_row(tmp_path, monkeypatch):
    """An option row whose answer is none of its options is quoted in the error that stops, and not in the note."""
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))
    (tmp_path / "medthoughts_8k").mkdir()
    row = ROWS["medthoughts_8k"](0)
    lines = [row, row | {"answer_idx": 'the patient\'s "secret" word'}]
    path = tmp_path / "medthoughts_8k" / "MedThoughts-8K.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    with pytest.raises(BadInput, match="secret"):
        data.load("medthoughts_8k", "train")
    bad: list[Bad] = []
    with setting_aside(bad):
        assert len(data.load("medthoughts_8k", "train")) == 1
    assert "secret" not in bad[0].why
    assert "patient" not in bad[0].why
    assert "is not a letter of the options" in bad[0].why


def test_an_id_that_comes_twice_is_set_aside(tmp_path, monkeypatch):
    from .releases import RELEASES

    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))
    name = next(name for name, release in RELEASES.items() if release.id)
    release = RELEASES[name]
    rows = release.rows()
    release.write(tmp_path / name, [*rows, rows[0]])
    bad: list[Bad] = []
    with setting_aside(bad):
        data.load(name, release.split, **release.knobs)
    assert any("comes twice" in one.why for one in bad)
