"""PubMedQA: release files with the official 500 test ids, the prompt's abstract, and the hub's form."""

import json
from collections import Counter

import pytest

import data
import rewards
from data.prompt import user_text
from data.registry import folder
from data.sets import pubmedqa
from eval import suites
from recipes import BadInput

real = pytest.mark.skipif(not folder("pubmedqa").is_dir(), reason="the release files of PubMedQA are not here")


def made_up(answer):
    return {
        "QUESTION": "Does it help?", "CONTEXTS": ["We asked. ", "It did."], "LABELS": ["AIM", "RESULTS"],
        "MESHES": ["Humans"], "YEAR": "2001", "reasoning_required_pred": "yes", "reasoning_free_pred": "yes",
        "final_decision": answer, "LONG_ANSWER": " It helps. ",
    }  # fmt: skip


@pytest.fixture
def release(monkeypatch, tmp_path):
    """A small folder in the release's form: ids 10 to 19, of which 18 and 19 are test."""
    place = tmp_path / "pubmedqa"
    place.mkdir()
    rows = {str(i): made_up("maybe" if i == 10 else "yes") for i in range(10, 20)}
    (place / "ori_pqal.json").write_text(json.dumps(rows))
    (place / "test_ground_truth.json").write_text(json.dumps({"18": "yes", "19": "yes"}))
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))
    return place


@real
def test_official_split():
    train, test = (data.load("pubmedqa", split) for split in ("train", "test"))
    truth = json.loads((folder("pubmedqa") / "test_ground_truth.json").read_text())
    assert (len(train), len(test)) == (500, 500)
    assert {row.meta["pubid"]: row.answer for row in test} == truth
    assert Counter(row.answer for row in train + test) == {"yes": 552, "no": 338, "maybe": 110}
    assert not {row.id for row in train} & {row.id for row in test}
    assert {row.kind for row in train} == {"yesno"}


@real
def test_the_hub_form_gives_the_same_rows(tmp_path, monkeypatch):
    """The official halving, done again on rows in the hub's form and order, finds the official test ids."""
    datasets = pytest.importorskip("datasets")
    released = data.load("pubmedqa", "test")
    raw = json.loads((folder("pubmedqa") / "ori_pqal.json").read_text())
    rows = [
        {
            "pubid": int(pubid), "question": row["QUESTION"], "long_answer": row["LONG_ANSWER"],
            "final_decision": row["final_decision"],
            "context": {
                "contexts": row["CONTEXTS"], "labels": row["LABELS"], "meshes": row["MESHES"],
                "reasoning_required_pred": row["reasoning_required_pred"],
                "reasoning_free_pred": row["reasoning_free_pred"],
            },
        }
        for pubid, row in raw.items()
    ]  # fmt: skip
    hub = tmp_path / "hub"
    datasets.Dataset.from_list(rows).to_parquet(str(hub / "pqa_labeled" / "train-00000.parquet"))
    files = "data_files:\n  - split: train\n    path: pqa_labeled/train-*"
    (hub / "README.md").write_text(f"---\nconfigs:\n- config_name: pqa_labeled\n  {files}\n---\n")
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path / "none"))
    found = data.load("pubmedqa", "test", hub=str(hub))
    assert [(row.id, row.question, row.answer) for row in found] == [
        (row.id, row.question, row.answer) for row in released
    ]
    assert found[0].meta["CONTEXTS"] == released[0].meta["CONTEXTS"]


def test_question_holds_the_abstract_and_official_columns_stay(release):
    row = data.load("pubmedqa", "test")[0]
    assert row.question == "AIM: We asked.\nRESULTS: It did.\nDoes it help? Answer yes, no or maybe."
    assert row.meta["trace"] == "It helps."
    assert row.meta["distractors"] == ["no", "maybe"]
    assert row.meta["YEAR"] == "2001"
    assert set(data.describe("pubmedqa").columns) == set(row.columns())


def test_the_form_options_asks_as_the_paper_does(release):
    rows = data.load("pubmedqa", "train", form="options")
    assert [row.answer for row in rows] == ["C"] + ["A"] * 7
    row = rows[0]
    assert (row.kind, row.question, row.options) == ("option", "Does it help?", {"A": "yes", "B": "no", "C": "maybe"})
    assert (row.meta["context"], row.meta["distractors"]) == ("We asked.\nIt did.", ["A", "B"])
    asked = user_text(row, "paper").split("\n")
    assert asked[:4] == ["Context: We asked.", "It did.", "", "Question: Does it help?"]
    assert asked[5:8] == ["A. yes", "B. no", "C. maybe"]
    assert set(data.describe("pubmedqa").columns) == set(row.columns())
    assert data.load("pubmedqa", "train", form="options", max_context_chars=0)[0].meta["context"] is None
    assert [row.id for row in rows] == [row.id for row in data.load("pubmedqa", "train")]
    assert suites.load("pubmedqa").knobs == {"form": "options"}
    with pytest.raises(BadInput, match="form is 'option' .did you mean options.*yesno or options"):
        data.load("pubmedqa", "test", form="option")


@real
def test_the_gold_of_every_row_earns_the_maximum_in_both_forms():
    match = rewards.load("answer_match")
    for form in ("yesno", "options"):
        rows = data.load("pubmedqa", "test", form=form)
        assert {match(f"<answer>{row.answer}</answer>", **row.columns()).value for row in rows} == {1.0}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"final_decision": "perhaps"}, "row 1: 18: final_decision is 'perhaps', none of yes, no, maybe"),
        ({"CONTEXTS": None}, "row 1: "),
        ({"QUESTION": ...}, "row 1 has no column 'QUESTION'"),
    ],
)
def test_a_row_of_another_form_is_named(release, change, said):
    rows = json.loads((release / "ori_pqal.json").read_text())
    rows["18"] = {key: value for key, value in {**rows["18"], **change}.items() if value is not ...}
    (release / "ori_pqal.json").write_text(json.dumps(rows))
    with pytest.raises(BadInput, match=f"ori_pqal.json: {said}.*; put data/ori_pqal.json"):
        data.load("pubmedqa", "test")


def test_abstract_is_cut_at_a_word(release):
    def asked(limit):
        return data.load("pubmedqa", "test", max_context_chars=limit)[0].question.rsplit("\n", 1)

    assert asked(0) == ["Does it help? Answer yes, no or maybe."]
    assert asked(16)[0] == "AIM: We asked."
    assert asked(27)[0] == "AIM: We asked.\nRESULTS: It"
    assert asked(10_000)[0] == "AIM: We asked.\nRESULTS: It did."


def test_validation_is_carved_from_train_and_always_the_same(release):
    train, held = (data.load("pubmedqa", split, validation=3) for split in ("train", "validation"))
    assert (len(train), len(held)) == (5, 3)
    assert not {row.id for row in train} & {row.id for row in held}
    assert [row.id for row in held] == [row.id for row in data.load("pubmedqa", "validation", validation=3, seed=9)]
    more = data.load("pubmedqa", "validation", validation=4)
    assert {row.id for row in held} < {row.id for row in more}
    assert len(data.load("pubmedqa", "test", validation=3)) == 2


def test_missing_or_foreign_files_say_what_to_put_where(release):
    (release / "test_ground_truth.json").write_text('{"77": "yes"}')
    with pytest.raises(BadInput, match="github.com/pubmedqa/pubmedqa"):
        data.load("pubmedqa", "test")
    (release / "test_ground_truth.json").unlink()
    with pytest.raises(BadInput, match="test_ground_truth.json is missing.*github.com/pubmedqa/pubmedqa"):
        data.load("pubmedqa", "test")


def test_wrong_test_ids_on_the_hub_are_noticed():
    ids = {str(i) for i in range(500)}
    assert pubmedqa.fingerprint(ids) != pubmedqa.TEST_IDS
    assert pubmedqa.fingerprint({"2", "10"}) == pubmedqa.fingerprint({"10", "2"})
