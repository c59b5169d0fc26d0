"""MedEvalKit's results.json: the shapes that its benchmarks leave, with invented content, graded again."""

import doctest
import json
from pathlib import Path

import pytest

from eval import medevalkit, responses
from eval.__main__ import main
from eval.kept import json_lines

MCQ = "\nQuestion: Which organ filters blood?\nOptions: \nA. liver\nB. kidney\nAnswer with the option's letter."
ZH = "\n问题： 哪个器官过滤血液？\n选项： \n肝\n肾\n请直接使用给定选项中的选项字母来回答该问题。"

# name: (the item as it is saved, what our row must say)
SHAPES = {
    "MedMCQA and MedXpertQA: A. text, own id, own fields": (
        {
            "id": "M-1",
            "question": "Which organ?",
            "choices": ["A. liver", "B. kidney"],
            "cop": 1,
            "answer": "B",
            "response": "B",
            "correct": True,
        },
        {
            "id": "M-1",
            "options": {"A": "liver", "B": "kidney"},
            "gold": "B",
            "question": "Which organ?",
            "type": "choice",
            "theirs": True,
        },
    ),
    "Medbullets: A.text, options beside": (
        {
            "question": "Which organ?",
            "options": {"A": "liver", "B": "15q"},
            "choices": ["A.liver", "B.15q"],
            "answer": "B",
            "answer_idx": "B",
            "response": "The answer is A.",
            "correct": False,
        },
        {"id": "7", "options": {"A": "liver", "B": "15q"}, "gold": "B", "theirs": False},
    ),
    "PubMedQA: columns with capitals": (
        {
            "Context": ["..."],
            "Question": "Does it help?",
            "Options": {"A": "yes", "B": "no", "C": "maybe"},
            "choices": ["A.yes", "B.no", "C.maybe"],
            "answer": "A",
            "response": "Yes. The study shows benefit.",
            "correct": False,
        },
        {
            "question": "Does it help?",
            "options": {"A": "yes", "B": "no", "C": "maybe"},
            "type": "choice",
            "theirs": False,
        },
    ),
    "MedQA: the prompt alone": (
        {"prompt": MCQ, "choices": ["A. liver", "B. kidney"], "answer": "B", "response": "kidney"},
        {"question": "Which organ filters blood?", "theirs": None},
    ),
    "MedQA-MCMLE and PMC-VQA: no letters": (
        {"prompt": ZH, "choices": ["肝", "肾"], "answer": "B", "response": "B", "correct": True},
        {"question": "哪个器官过滤血液？", "options": {"A": "肝", "B": "肾"}, "gold": "B"},
    ),
    "PMC-VQA: letters before colons": (
        {"prompt": MCQ, "choices": [" A:liver ", " B:kidney "], "answer": "B", "response": "B"},
        {"options": {"A": "liver", "B": "kidney"}},
    ),
    "OmniMedVQA: an id and a modality of its own": (
        {
            "question_id": "Set_0001",
            "question": "Which modality?",
            "option_A": "CT",
            "option_B": "MRI",
            "choices": ["A. CT", "B. MRI"],
            "answer": "A",
            "modality_type": "CT(Computed Tomography)",
            "question_type": "Modality Recognition",
            "response": "(A)",
            "correct": False,
        },
        {"id": "Set_0001", "modality": "CT(Computed Tomography)", "options": {"A": "CT", "B": "MRI"}},
    ),
    "VQA-RAD and PathVQA: closed where the gold is yes or no": (
        {"question": "Is there a mass?", "answer": "Yes", "response": "Yes, a nodule", "correct": False},
        {"options": None, "gold": "Yes", "type": "closed", "theirs": False},
    ),
    "VQA-RAD and PathVQA: open": (
        {
            "question": "What is seen?",
            "answer": "nodule",
            "response": "a nodule",
            "correct": False,
            "metrics": {"em": False},
        },
        {"gold": "nodule", "type": "open"},
    ),
    "SLAKE: closed by its own word, two languages": (
        {
            "lang": "zh",
            "answer_type": "CLOSED",
            "answer": "肺",
            "question": "最大的器官是？",
            "prompt": "...",
            "response": "肺。",
            "correct": False,
        },
        {"type": "closed", "language": "zh", "gold": "肺"},
    ),
    "SLAKE: a Chinese yes and no": (
        {"lang": "zh", "answer_type": "CLOSED", "answer": "没有", "question": "有肿块吗？", "response": "没有肿块。"},
        {"type": "closed", "kind": "yesno", "gold": "no"},
    ),
    "SLAKE: a Chinese yes that is called open": (
        {"lang": "zh", "answer_type": "OPEN", "answer": "是", "question": "是什么？", "response": "是"},
        {"type": "open", "gold": "是"},
    ),
    "SLAKE: a yes that is called open": (
        {"lang": "en", "answer_type": "OPEN", "answer": "Yes", "question": "Is it?", "response": "Yes"},
        {"type": "open", "language": "en"},
    ),
    "Rad-ReStruct: yes or no, its options not shown": (
        {
            "answer_type": "single_choice",
            "question": "Is there a sign?",
            "choices": ["yes", "no"],
            "answer": "no",
            "response": "no",
        },
        {"options": None, "gold": "no", "type": "closed"},
    ),
    "Rad-ReStruct: the text of an option as answer": (
        {
            "answer_type": "multi_choice",
            "question": "How much?",
            "choices": ["mild", "severe"],
            "answer": "severe",
            "response": "severe",
        },
        {"options": {"A": "mild", "B": "severe"}, "gold": "severe", "type": "choice"},
    ),
    "MMMU validation": (
        {
            "id": "validation_X_1",
            "question_type": "multiple-choice",
            "answer": "B",
            "all_choices": ["A", "B"],
            "index2ans": {"A": "liver", "B": "kidney"},
            "response": "B)",
            "parsed_pred": "A",
            "judge": "Wrong",
        },
        {"id": "validation_X_1", "options": {"A": "liver", "B": "kidney"}, "theirs": False},
    ),
    "MMMU validation, open, one of several wordings": (
        {"id": "validation_X_2", "question_type": "open", "answer": ["4", "four"], "response": "4", "judge": "Correct"},
        {"gold": ["4", "four"], "kind": "text", "type": "open", "theirs": True},
    ),
    "reports": (
        {"id": 33, "findings": "Clear lungs.", "impression": "", "image": ["a.png"], "response": "Clear."},
        {"id": "33", "gold": "Clear lungs.", "kind": "report"},
    ),
    "an answer that never came": (
        {"question": "Is it?", "answer": "no", "response": None},
        {"completion": None, "theirs": None},
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_an_item_of_every_shape_becomes_a_row(name: str) -> None:
    item, wanted = SHAPES[name]
    found = responses.read(json.dumps(item).encode(), 7)
    assert {key: found.get(key) for key in wanted} == wanted
    assert found["completion"] == item["response"]


@pytest.mark.parametrize(
    "choices",
    [["A. fumigatus", "B. cereus", "Candida"], ["Vitamin A", "Vitamin B"], ["A", "B"], ["B. one", "A. two"], []],
)
def test_only_letters_that_every_option_bears_in_its_place_are_labels(choices) -> None:
    assert list(medevalkit.unlabelled(choices).values()) == choices


def test_examples_in_the_text_are_true() -> None:
    assert doctest.testmod(medevalkit).failed == 0


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A results.json of all items that can be graded."""
    path = tmp_path / "results.json"
    path.write_text(json.dumps([item for item, _ in SHAPES.values()], indent=4, ensure_ascii=False))
    return path


def test_its_verdicts_are_kept_and_compared(results: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "verdicts.jsonl"
    assert main(["score", str(results), "--out", str(out), "--workers", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    verdicts = list(json_lines(out))
    assert [verdict["theirs"] for verdict in verdicts] == [
        wanted.get("theirs", item.get("correct")) for item, wanted in SHAPES.values()
    ]
    theirs = found["theirs"]
    # M-1 and MCMLE by both; Medbullets by neither; PubMedQA, (A), the nodules, the Chinese full stop and B) by ours
    assert (theirs["both"], theirs["only_theirs"], theirs["only_ours"], theirs["neither"]) == (2, 0, 6, 1)
    assert theirs["answers"] == 9
    assert theirs["accuracy"] == {"theirs": pytest.approx(2 / 9), "ours": pytest.approx(8 / 9)}
    assert theirs["examples"] == {"only_theirs": [], "only_ours": ["2", "Set_0001", "7", "8", "9"]}
    assert found["by"]["type"]["closed"]["n"] == 5
    assert found["outcomes"]["ungraded"] == 2
    assert main(["score", str(results), "--out", str(tmp_path / "again.jsonl"), "--workers", "1"]) == 0
    printed = capsys.readouterr().out
    assert "right by both 2, only by its 0, only by ours 6, by neither 1" in printed
    assert "right only by ours, ids: 2, Set_0001, 7, 8, 9, ..." in printed


def test_what_holds_no_answer_is_refused(tmp_path: Path, capsys) -> None:
    """HealthBench's items have rubrics; MMMU's test set leaves letters alone."""
    for content, wanted in (
        ([{"prompt": [], "rubrics": [], "response": "Drink."}], "results.json[0]: the row lacks gold"),
        ({"test_X_1": "B"}, "one object over several lines"),
    ):
        (tmp_path / "results.json").write_text(json.dumps(content, indent=4))
        assert main(["score", str(tmp_path / "results.json"), "--out", str(tmp_path / "o"), "--workers", "1"]) == 2
        assert wanted in capsys.readouterr().err


def test_reports_are_graded_by_the_reward_for_reports(tmp_path: Path, capsys) -> None:
    item = {"findings": "Small left pleural effusion.", "impression": "", "response": "There is left pleural fluid."}
    (tmp_path / "results.json").write_text(json.dumps([item]))
    flags = ["--out", str(tmp_path / "o"), "--workers", "1", "--grader", "report", "--json"]
    assert main(["score", str(tmp_path / "results.json"), *flags]) == 0
    assert json.loads(capsys.readouterr().out)["accuracy"] == 1.0


def vqa(question: str, answer: str, response: str, **columns) -> dict:
    return {"question": question, "answer": answer, "response": response, **columns}


PERFECT = {
    "SLAKE": [
        vqa("Is the lung seen?", "Yes", "Yes", answer_type="CLOSED", lang="en"),
        vqa("Which is larger, liver or heart?", "Liver", "Liver", answer_type="CLOSED", lang="en"),
        vqa("Which organ is it?", "Lung", "Lung", answer_type="OPEN", lang="en"),
        vqa("Which modality is it?", "CT", "CT", answer_type="OPEN", lang="en"),
    ],
    "PathVQA": [
        vqa("Is it?", "yes", "yes"),
        vqa("Is it not?", "no", "no"),
        vqa("What is seen?", "necrosis", "necrosis"),
        vqa("Where?", "spleen", "spleen"),
    ],
    "VQA-RAD without open questions": [vqa("Is it?", "yes", "yes"), vqa("Is it not?", "no", "no")],
}


@pytest.mark.parametrize("name", PERFECT)
def test_perfect_answers_score_one_where_its_own_totals_do_not(name: str, tmp_path: Path, capsys) -> None:
    """With its judge on, its totals of such items are 1.5 (SLAKE), 0.5 (PathVQA), or a division by zero."""
    (tmp_path / "results.json").write_text(json.dumps(PERFECT[name]))
    assert (
        main(["score", str(tmp_path / "results.json"), "--out", str(tmp_path / "o"), "--workers", "1", "--json"]) == 0
    )
    found = json.loads(capsys.readouterr().out)
    assert (found["accuracy"], found["n"]) == (1.0, len(PERFECT[name]))
    assert {part["accuracy"] for part in found["by"]["type"].values()} == {1.0}
    assert sum(part["n"] for part in found["by"]["type"].values()) == found["n"]


def test_empty_answers_are_counted_and_stop_nothing(tmp_path: Path, capsys) -> None:
    """One such answer to an open question ends its scoring with an exception, after the inference."""
    items = [vqa("Where?", "spleen", said) for said in ("spleen", "", ".", " ")]
    (tmp_path / "results.json").write_text(json.dumps(items))
    assert (
        main(["score", str(tmp_path / "results.json"), "--out", str(tmp_path / "o"), "--workers", "1", "--json"]) == 0
    )
    found = json.loads(capsys.readouterr().out)
    assert (found["outcomes"]["right"], found["outcomes"]["unparsed"], found["answers"]) == (1, 3, 4)
