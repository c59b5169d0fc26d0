"""The judge's verdicts beside the rules': both kept, their agreement counted as statsmodels-like formulas say."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from eval.__main__ import main
from eval.kept import json_lines
from eval.second_opinion import Opinion, agreement
from rewards.judging.endpoint import Endpoint, Unanswered


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four free answers and a letter, graded by rules, with their folder."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "run" / "slake"
    folder.mkdir(parents=True)
    said = [("a", "pneumonia", True), ("b", "a lung infection", False), ("c", "fracture", True), ("d", "cat", False)]
    rows = [
        {"id": i, "question": "What is it?", "options": None, "gold": "pneumonia", "kind": "text",
         "completion": f"<answer>{text}</answer>"} for i, text, _ in said
    ]  # fmt: skip
    rows.append({**rows[0], "id": "e", "kind": "option", "options": {"A": "x"}, "gold": "A"})
    scores = [{"id": i, "sample": 0, "correct": right} for i, _, right in [*said, ("e", "", True)]]
    for name, lines in (("responses", rows), ("scores", scores)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def judge_says(monkeypatch: pytest.MonkeyPatch, right: set[str], down: bool = False) -> list[str]:
    """An endpoint that finds these answers right; returns what it was asked about."""
    asked: list[str] = []

    async def complete(self: Endpoint, messages: list[dict[str, str]]) -> str:
        if down:
            raise Unanswered("llm_judge: it is down")
        text = json.dumps(messages)
        answer = next(word for word in ("a lung infection", "fracture", "cat", "pneumonia") if answered(text, word))
        asked.append(answer)
        code = re.search(r"the code (\w+)", text)
        assert code
        return json.dumps({"request": code[1], "verdict": "right" if answer in right else "wrong", "why": "so"})

    monkeypatch.setattr(Endpoint, "complete", complete)
    return asked


def answered(text: str, word: str) -> bool:
    return word in text.partition("ANSWER")[2].rpartition("ANSWER")[0].replace("pneumonia", "", 0)


def flags(folder: Path, *more: str) -> list[str]:
    cache = str(folder.parent.parent / "kept")
    return ["judge", str(folder), "--base-url", "http://x/v1", "--model", "m", "--cache", cache, *more]


def test_both_verdicts_are_kept_and_compared(place: Path, monkeypatch, capsys) -> None:
    judge_says(monkeypatch, {"pneumonia", "a lung infection"})
    before = (place / "scores.jsonl").read_bytes()
    assert main(flags(place, "--json")) == 0
    found = json.loads(capsys.readouterr().out)["slake"]
    assert [found[key] for key in ("n", "both", "only_rules", "only_judge", "neither")] == [4, 1, 1, 1, 1]
    assert found["agreement"] == 0.5
    assert found["kappa"] == 0.0
    kept = list(json_lines(place / "judged.jsonl"))
    assert [(row["id"], row["rules"], row["judge"]) for row in kept] == [
        ("a", True, True),
        ("b", False, True),
        ("c", True, False),
        ("d", False, False),
    ]
    assert (place / "scores.jsonl").read_bytes() == before


def test_a_second_look_asks_nobody_again(place: Path, monkeypatch, capsys) -> None:
    first = judge_says(monkeypatch, {"pneumonia"})
    assert main(flags(place)) == 0
    assert len(first) == 4
    again = judge_says(monkeypatch, set())
    assert main(flags(place)) == 0
    assert again == []
    assert "only rules" in capsys.readouterr().out


def test_nothing_to_judge_is_told(place: Path, monkeypatch, capsys) -> None:
    judge_says(monkeypatch, set())
    assert main(flags(place, "--kind", "report")) == 2
    assert "no answer is of kind report" in capsys.readouterr().err
    assert main(flags(place / "empty")) == 2
    assert "no responses.jsonl" in capsys.readouterr().err


def test_a_judge_that_is_down_leaves_no_verdict_and_no_wrong_answer(place: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr("rewards.judging.asking.FIRST_WAIT_S", 0.0)
    judge_says(monkeypatch, set(), down=True)
    assert main(flags(place, "--json")) == 0
    found = json.loads(capsys.readouterr().out)["slake"]
    assert (found["n"], found["no_verdict"], found["judge_accuracy"]) == (0, 4, None)


def test_kappa_is_cohens() -> None:
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    opinions = [Opinion(str(i), 0, rules, judge, "") for i, (rules, judge) in enumerate(pairs)]
    found: dict[str, Any] = agreement(opinions)
    assert found["agreement"] == pytest.approx(0.7)
    assert found["kappa"] == pytest.approx(0.4)
    assert agreement([Opinion("a", 0, True, True, "")])["kappa"] is None
