"""Rad-ReStruct: the real test split whole, and small reports with every fault."""

import json

import pytest

import data
import rewards
from data.prompt import user_text
from data.registry import folder
from recipes import BadInput

real = pytest.mark.skipif(not folder("radrestruct").is_dir(), reason="the release of Rad-ReStruct is not here")


def asked(question, answers, options, kind="single_choice", path="pan_signs", history=()):
    return [question, answers, list(history), {"answer_type": kind, "options": options, "path": path}]


def report():
    first = asked("Is there a dent?", ["yes"], ["yes", "no"])
    told = [first[:2]]
    metals = ["copper", "no selection", "zinc"]
    return [
        first,
        asked("Where?", ["rim", "base"], ["base", "handle", "rim"], "multi_choice", "pan_signs_body_region", told),
        asked("Which metal?", ["zinc"], metals, path="pan_signs_degree", history=[*told, ["Where?", ["rim", "base"]]]),
        asked("Which lid?", ["flat"], ["flat"], "fixed_choice", "pan_signs_attributes"),
    ]


@pytest.fixture
def release(monkeypatch, tmp_path):
    """release(rows, report="7") -> the file of a report in the test split."""
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))

    def write(rows, name="7"):
        path = tmp_path / "radrestruct" / "test_qa_pairs" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(rows))
        return path

    return write


def refused(**knobs):
    with pytest.raises(BadInput) as caught:
        data.load("radrestruct", "test", **knobs)
    (line,) = caught.value.problems
    return line


@real
def test_every_real_gold_earns_the_maximum_and_every_distractor_nothing():
    rows = data.load("radrestruct", "test")
    assert len(rows) == len({row.id for row in rows}) == data.describe("radrestruct").rows["test"] == 17641
    assert len({row.meta["cluster"] for row in rows}) == 360
    match, checked = rewards.load("answer_match"), set()
    for row in rows:
        gold = row.answer if isinstance(row.answer, str) else ", ".join(row.answer)
        if (case := (row.question, str(row.options), gold)) in checked:
            continue
        checked.add(case)
        assert match(f"<answer>{gold}</answer>", **row.columns()).value == 1.0, row.id
        for wrong in row.meta["distractors"]:
            assert match(f"<answer>{wrong}</answer>", **row.columns()).value == 0.0, row.id
    assert len(checked) > 500


def test_rows_become_examples_of_the_three_kinds(release):
    release(report())
    dent, where, metal, lid = rows = data.load("radrestruct", "test")
    assert [row.kind for row in rows] == ["yesno", "multi", "option", "option"]
    assert [row.answer for row in rows] == ["yes", ["A", "C"], "C", "A"]
    assert where.options == {"A": "base", "B": "handle", "C": "rim"}
    assert [row.meta["distractors"] for row in rows] == [["no"], ["B"], ["A", "B"], []]
    assert where.id == "radrestruct/test/7/pan_signs_body_region/2"
    assert [row.meta["question_type"] for row in rows] == ["presence", "body_region", "degree", "attributes"]
    assert {(row.modality, row.images, row.meta["cluster"], row.meta["organ"]) for row in rows} == {
        ("text", (), "report:7", "pan")
    }
    info = data.describe("radrestruct")
    assert all(set(row.columns()) == set(info.columns) for row in rows)
    match = rewards.load("answer_match")
    assert match("<answer>base, rim</answer>", **where.columns()).value == 1.0
    assert match("<answer>base</answer>", **where.columns()).value == 0.0
    assert match("<answer>zinc</answer>", **metal.columns()).value == 1.0
    assert dent.options is None
    assert lid.meta["answer_type"] == "fixed_choice"


def test_what_was_asked_before_stands_before_the_question(release):
    release(report())
    metal = data.load("radrestruct", "test")[2]
    assert user_text(metal, "plain").startswith("Is there a dent? yes\nWhere? rim, base\nWhich metal?")
    alone = data.load("radrestruct", "test", history=False)[2]
    assert user_text(alone, "plain").startswith("Which metal?")
    assert "history is 'yes'" in refused(history="yes")


def test_frontal_images_are_shown_where_their_folder_is(release):
    place = release(report()).parents[1]
    release(report(), "12")
    (place / "images").mkdir()
    mapping = place / "id_to_img_mapping_frontal_reports.json"
    assert f"{mapping} is missing" in refused()
    mapping.write_text(json.dumps({"7": ["a", "b"], "12": ["c"]}))
    rows = data.load("radrestruct", "test")
    assert rows[0].images == (str(place / "images" / "a.png"), str(place / "images" / "b.png"))
    assert [row.meta["cluster"] for row in rows] == ["report:7"] * 4 + ["report:12"] * 4
    assert {row.modality for row in rows} == {"x-ray"}
    mapping.write_text(json.dumps({"7": ["a"], "12": []}))
    assert f"{mapping} names no image of report 12; " in refused()
    mapping.write_text(json.dumps(["a"]))
    assert "holds no mapping" in refused()


@pytest.mark.parametrize(
    ("number", "part", "value", "said"),
    [
        (1, 1, ["lid"], "answer 'lid' is not among the options base, handle, rim"),
        (2, 1, ["zinc", "copper"], "2 answers to a single_choice"),
        (0, 1, [], "0 answers to a single_choice"),
        (0, 3, {"answer_type": "free", "options": ["yes"], "path": "pan"}, "answer_type is 'free'"),
        (0, 3, {"answer_type": "single_choice", "path": "pan"}, "has no column 'options'"),
        (0, 0, " ", "question must not be empty"),
    ],
)
def test_a_question_that_contradicts_itself_is_named(release, number, part, value, said):
    rows = report()
    rows[number][part] = value
    path = release(rows)
    line = refused()
    assert f"{path}: row {number + 1}" in line
    assert said in line
    assert "github.com/ChantalMP/Rad-ReStruct" in line


def test_files_that_lack_or_are_broken_are_named(release):
    assert "test_qa_pairs/*.json is missing; put data/radrestruct of github.com/ChantalMP" in refused()
    path = release([row[:3] for row in report()])
    assert f"{path}: row 1 has no column 'info'" in refused()
    path.write_text(json.dumps(report())[:80])
    assert f"{path} cannot be read" in refused()
    path.write_text("{}")
    assert "holds no list of questions" in refused()
