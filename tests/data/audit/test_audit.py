"""The audit: what is odd is found, what is not is not, and the page shows it."""

import json
import os
from pathlib import Path

import pytest

import data
from data.__main__ import main
from data.audit import leaks, rows, run
from data.example import Example
from recipes import BadInput

REAL = Path(os.environ.get("LINGSHU_DATA") or data.registry.ROOT.parent / "shared" / "data")


def ask(name: str, answer="liver", question: str = "What is it?", options: str = "", **more) -> Example:
    texts = dict(zip("ABCDE", options.split("|"), strict=False)) if options else None
    return Example(name, question, answer, options=texts, **more)


def why(suspects: list[rows.Suspect]) -> dict[str, str]:
    return {one.row.id: one.why for one in suspects}


def test_twin_options_are_found_and_worse_where_one_is_right() -> None:
    found = rows.twin_options(
        [
            ask("a", "A", options="Liver|liver |spleen"),
            ask("b", "C", options="liver|Liver|spleen"),
            ask("c", "A", options="liver|spleen"),
            ask("d"),
        ]
    )
    assert why(found) == {"a": "the right option stands there twice", "b": "an option stands there twice"}


def test_a_gold_that_the_verifier_cannot_match_is_found() -> None:
    good = [
        ask("a", "A", options="liver|spleen"),
        ask("b", "yes"),
        ask("c", "5 cm"),
        ask("d", ["A", "B"], options="x|y|z"),
    ]
    assert why(rows.unmatched(good)) == {}
    [bad] = rows.unmatched([ask("e", "maybe so", kind="numeric")])
    assert bad.row.id == "e"


def test_one_question_with_two_answers_is_found_within_one_picture_only() -> None:
    same = [
        ask("a", "yes", "Is it large?", images=("1.png",), meta={"cluster": "image:1"}),
        ask("b", "no", "is it large", images=("1.png",), meta={"cluster": "image:1"}),
        ask("c", "no", "Is it large?", images=("2.png",), meta={"cluster": "image:2"}),
        ask("d", "no", "Is it large?", images=("3.png",)),
        ask("e", "A", "Which?", options="x|y"),
        ask("f", "B", "Which?", options="y|x"),
        ask("g", "A", "Which one?", options="x|y"),
        ask("h", "B", "Which one?", options="x|y"),
        ask("i", "yes", "Now?", meta={"context": "before"}),
        ask("j", "no", "Now?", meta={"context": "after"}),
        ask("k", "no", "Now?", meta={"context": ["a", "list"]}),
    ]
    found = rows.contradictions(same)
    assert {(one.row.id, *(other.id for other in one.others)) for one in found} == {("a", "b"), ("g", "h")}


def test_guessing_and_balance_are_told() -> None:
    some = [ask(f"{i}", "A" if i < 3 else "B", options="x|y|z") for i in range(4)] + [ask("y", "yes"), ask("n", "no")]
    assert rows.letters(some) == {"A": 3, "B": 1}
    assert rows.guesses(some) == {"always the commonest letter": 0.75, "always the commonest of yes and no": 0.5}
    many = [ask(f"{i}", "AB"[i % 10 == 0], options="x|y") for i in range(100)]
    lines = run.headlines({"test": rows.facts(many)}, [])
    assert "test: of the questions with options A is right in 90.0 %, even is 50.0 %." in lines


@pytest.mark.parametrize(
    ("values", "wanted"),
    [([1, 1, 3, 9], {"0": 0, "1": 2, "2-3": 1, "4-7": 0, "8-15": 1}), ([], {}), ([5000], 13), ([0], {"0": 1})],
)
def test_lengths_are_counted_in_bins(values: list[int], wanted) -> None:
    found = rows.histogram(values)
    assert (len(found) if isinstance(wanted, int) else found) == wanted
    assert sum(found.values()) == len(values)


def test_what_splits_share_is_found_by_name_by_bytes_and_by_question() -> None:
    train = [
        ask("a", images=(b"one",), meta={"cluster": "patient:1"}, question="Where?"),
        ask("b", images=(b"two",), meta={"cluster": "patient:2"}),
    ]
    test = [
        ask("c", images=(b"one",), meta={"cluster": "patient:9"}, question="where?"),
        ask("d", images=(b"six",), meta={"cluster": "patient:2"}),
        ask("e", images=(b"six",), meta={"cluster": "patient:3"}),
    ]
    found = {leak.sort: leak for leak in leaks.between("train", train, "test", test)}
    assert found.keys() == {"patient", "picture file", "question"}
    assert (found["patient"].shared, found["patient"].n, found["patient"].examples) == (1, 3, ("patient:2",))
    assert (found["picture file"].shared, found["picture file"].n, found["picture file"].rows) == (1, 2, 1)
    assert found["question"].words == "test shares 1 of 2 of its questions with train: 1 of 3 of its rows"
    assert leaks.between("train", train[:1], "test", test[2:]) == []
    drawn = [ask("f", images=(list,)), ask("g", images=(list,))]  # pictures of which nothing tells whether they differ
    assert leaks.between("train", drawn, "test", drawn) == []


def test_the_order_of_splits_is_that_of_use() -> None:
    assert run._later("train", "test")
    assert not run._later("test", "train")
    assert run._later("val", "test")
    assert run._later("train", "val")


def test_a_set_without_faults_says_so() -> None:
    assert run.headlines({"test": rows.facts([ask("a", "5 cm"), ask("b", "3 mm", "How small?")])}, []) == [
        "Nothing odd was found."
    ]


def test_the_command_takes_knobs_splits_and_a_number(capsys) -> None:
    assert main(["audit", "clinic", "families=[lab_range]", "--split", "test", "--n", "30", "--json"]) == 0
    [found] = json.loads(capsys.readouterr().out)["splits"].values()
    assert found["n"] == 30
    assert found["suspects"] == {}


def test_bad_use_is_one_line(capsys, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))
    assert main(["audit", "clinci"]) == 2
    assert "did you mean clinic?" in capsys.readouterr().err
    assert main(["audit", "vqa_rad", "source=files"]) == 2
    assert all(line.startswith("error: ") for line in capsys.readouterr().err.splitlines())
    with pytest.raises(BadInput, match="no split 'trian'"):
        run.audit("clinic", ["trian"])


@pytest.mark.skipif(not (REAL / "vqa_rad").is_dir(), reason=f"VQA-RAD is not in {REAL}")
def test_vqa_rad_shares_all_its_test_images_with_train(capsys, tmp_path: Path) -> None:
    assert main(["audit", "vqa_rad", "--json", "--out", str(tmp_path / "page")]) == 0
    found = json.loads(capsys.readouterr().out)
    said = [leak["words"] for leak in found["leaks"]]
    assert "test shares all 203 of its images with train: all 451 of its rows" in said
    assert "test shares all 203 of its picture files with train: all 451 of its rows" in said
    assert found["splits"]["train"]["suspects"] == {"asked twice with other answers": 24}
    assert found["splits"]["test"]["counts"]["kind"]["yesno"] == 251
    text = (tmp_path / "page" / "audit.html").read_text()
    assert "rows to look at" in text
    assert text.count("data:image/jpeg;base64,") == 6
    assert json.loads((tmp_path / "page" / "audit.json").read_text()) == found


@pytest.mark.skipif(not (REAL / "medmcqa").is_dir(), reason=f"MedMCQA is not in {REAL}")
def test_medmcqa_offers_some_options_twice() -> None:
    found, shared = run.audit("medmcqa")
    assert shared == []
    facts = found["validation"]
    assert facts.letters["A"] / sum(facts.letters.values()) == pytest.approx(0.322, abs=0.001)
    right = [one.row for one in facts.suspects if one.why == "the right option stands there twice"]
    assert len(right) == 4
