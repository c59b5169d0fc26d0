"""MedCalc-Bench: limits by the kind of output, the physicians' labels, and notes that are never cut."""

import csv
from collections import Counter

import pytest

import data
import rewards
from data.registry import folder
from recipes import BadInput

real = pytest.mark.skipif(
    not folder("medcalc_bench").is_dir(), reason="the release files of MedCalc-Bench are not here"
)

AGE = "Estimated Gestational Age"
ROWS = [  # number, calculator, output type, answer, lower, upper
    ("1", "Body Mass Index (BMI)", "decimal", "14.525", "13.79875", "15.25125"),
    ("2", "Glasgow Coma Score (GCS)", "integer", "12", "12", "12"),
    ("3", "Estimated Due Date", "date", "09/23/2014", "09/23/2014", "09/23/2014"),
    ("4", AGE, "integer", *["('3 weeks', '4 days')"] * 3),
]
CORRECTED = [
    ("1", "Which BMI?", "14.53", "13.8", "15.26"),
    ("2", "Which GCS?", "N/A", "N/A", "N/A"),
    ("4", "How many days?", "26", "24.7", "27.3"),
]


def write(path, names, rows):
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([names, *rows])


@pytest.fixture
def release(monkeypatch, tmp_path):
    """Both folders in the release's form."""
    names = ["Row Number", "Calculator Name", "Output Type", "Ground Truth Answer", "Lower Limit", "Upper Limit"]
    more = ["Patient Note", "Question", "Calculator ID", "Category", "Note ID", "Note Type", "Ground Truth Explanation"]
    rows = [[*row, "A note " * int(row[0]), "What is it?", "7", "lab", "n", "Template", "So it is."] for row in ROWS]
    write(tmp_path / "medcalc_bench" / "test_data.csv", names + more, rows)
    names = ["Unique ID", "Question", "Ground Truth Answer", "Lower Limit", "Upper Limit"]
    write(tmp_path / "medcalc_relabel" / "medcalc_v1_corrected.csv", names, CORRECTED)
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))
    return tmp_path


@real
def test_official_counts_and_limits():
    rows = data.load("medcalc_bench", "test")
    assert len(rows) == len({row.id for row in rows}) == 1047
    assert Counter(row.meta["Output Type"] for row in rows) == {"decimal": 627, "integer": 380, "date": 40}
    assert len({row.meta["Calculator Name"] for row in rows}) == 55
    assert data.describe("medcalc_bench").rows["test"] == len(rows)
    assert len({row.meta["cluster"] for row in rows}) < len(rows)
    match = rewards.load("answer_match")
    assert {match(f"<answer>{row.answer}</answer>", **row.columns()).value for row in rows} == {1.0}
    limited = [row for row in rows if row.meta["lower"] is not None]
    assert len(limited) == 1047 - 40 - 20
    assert all(row.meta["lower"] <= float(row.answer) <= row.meta["upper"] for row in limited)
    assert not any(row.meta["lower"] <= float(row.meta["distractors"][0]) <= row.meta["upper"] for row in limited)


@real
@pytest.mark.skipif(not folder("medcalc_relabel").is_dir(), reason="the physicians' labels are not here")
def test_corrected_labels_leave_out_what_cannot_be_answered():
    rows = data.load("medcalc_bench", "test", labels="corrected")
    assert len(rows) == 887 - 69
    original = {row.id: row.answer for row in data.load("medcalc_bench", "test")}
    assert sum(original[row.id] != row.answer for row in rows) > 300
    scores = [row for row in rows if row.meta["Output Type"] == "integer" and "days" not in row.answer]
    assert all(row.meta["lower"] == row.meta["upper"] == float(row.answer) for row in scores)


def test_each_output_type_has_its_gold_and_its_limits(release):
    bmi, gcs, due, age = data.load("medcalc_bench", "test")
    assert (bmi.answer, bmi.meta["lower"], bmi.meta["upper"]) == ("14.525", 13.79875, 15.25125)
    assert (gcs.answer, gcs.meta["lower"], gcs.meta["upper"]) == ("12", 12, 12)
    assert (due.answer, due.meta["lower"]) == ("09/23/2014", None)
    assert (age.answer, age.meta["lower"]) == ("3 weeks 4 days", None)
    assert [row.meta["distractors"] for row in (bmi, gcs, due, age)] == [
        ["16.704"], ["13"], ["09/30/2014"], ["10 weeks 4 days"],
    ]  # fmt: skip
    assert bmi.question == "A note\nWhat is it?"
    assert bmi.meta["trace"] == "So it is."
    standard = [bmi.meta[name] for name in ("language", "subject", "question_type", "cluster")]
    assert standard == ["en", "lab", "decimal", "note:n"]
    assert set(data.describe("medcalc_bench").columns) == set(bmi.columns())


def test_corrected_labels_bring_their_question_and_no_explanation(release):
    bmi, age = data.load("medcalc_bench", "test", labels="corrected")
    assert (bmi.answer, bmi.meta["lower"], bmi.meta["trace"]) == ("14.53", 13.8, "")
    assert (age.answer, age.meta["lower"], age.question.splitlines()[-1]) == ("26 days", None, "How many days?")


def test_long_notes_are_left_out_not_cut(release):
    assert [row.answer for row in data.load("medcalc_bench", "test", max_note_chars=14)] == ["14.525", "12"]


def test_missing_files_and_odd_knobs_are_said(release):
    with pytest.raises(BadInput, match="train_data.csv is missing.*github.com/ncbi-nlp/MedCalc-Bench"):
        data.load("medcalc_bench", "train")
    with pytest.raises(BadInput, match="only test rows have corrected labels"):
        data.load("medcalc_bench", "train", labels="corrected")
    (release / "medcalc_relabel" / "medcalc_v1_corrected.csv").unlink()
    with pytest.raises(BadInput, match="junzeye/validate-medcalc-labels"):
        data.load("medcalc_bench", "test", labels="corrected")
    (release / "medcalc_bench" / "test_data.csv").write_text("a,b\n1,2\n")
    with pytest.raises(BadInput, match="test_data.csv: row 1 has no column 'Patient Note'; put dataset/test_data.csv"):
        data.load("medcalc_bench", "test")


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("Row Number", "1", "row 2: the id medcalc_bench/test/1 comes twice"),
        ("Ground Truth Answer", "twelve", "row 2: could not convert string to float: 'twelve'"),
    ],
)
def test_a_row_that_cannot_be_is_named(release, column, value, said):
    path = release / "medcalc_bench" / "test_data.csv"
    with path.open() as file:
        names, *rows = csv.reader(file)
    rows[1][names.index(column)] = value
    write(path, names, rows)
    with pytest.raises(BadInput, match=said):
        data.load("medcalc_bench", "test")


def test_a_relabelling_of_another_form_is_named(release):
    (release / "medcalc_relabel" / "medcalc_v1_corrected.csv").write_text("Unique ID,Question\n1,x\n")
    with pytest.raises(
        BadInput, match="medcalc_v1_corrected.csv has no column 'Ground Truth Answer'; put data/medcalc"
    ):
        data.load("medcalc_bench", "test", labels="corrected")


def test_hub_form(tmp_path, monkeypatch, release):
    datasets = pytest.importorskip("datasets")
    rows = data.load("medcalc_bench", "test")
    with (release / "medcalc_bench" / "test_data.csv").open() as file:
        raw = list(csv.DictReader(file))
    (tmp_path / "hub").mkdir()
    datasets.Dataset.from_list(raw).to_parquet(str(tmp_path / "hub" / "test.parquet"))
    assert data.load("medcalc_bench", "test", source="hub", hub=str(tmp_path / "hub")) == rows
