"""A model's right answers become reasoning to learn from; wrong, cut-off, leaking and held-out ones do not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import data
from recipes import BadInput

KNOBS = {"families": ["lab_range", "lesion_side"], "difficulty": 1}
LONG = "one looks at the number first and then at both ends of its range before saying anything"
SHORT = "one looks at the number and then at both ends of the range"
Say = Callable[..., Path]


@pytest.fixture
def said(tmp_path: Path) -> Say:
    """said(completions of the first question, then of the second, ...) -> the folder of their evaluation; a completion
    is its thinking and whether it is right."""

    def _said(*questions: list[tuple[str, bool]], split: str = "train", changed: str = "", **settings: Any) -> Path:
        place = tmp_path / "clinic_train@2"
        place.mkdir(exist_ok=True)
        rows, verdicts = [], []
        for item, completions in zip(data.load("clinic", split, n=len(questions), **KNOBS), questions, strict=True):
            for sample, (thinking, right) in enumerate(completions):
                text = (
                    f"<think>{thinking}</think><answer>{item.answer if right else item.meta['distractors'][0]}</answer>"
                )
                row = {"id": item.id, "sample": sample, "question": item.question + changed, "gold": item.answer}
                rows.append(row | {"completion": text, "truncated": thinking == "cut"})
                verdicts.append({"id": item.id, "correct": right})
        asked = {"use": "clinic", "split": split, "n": len(questions), "seed": 0, "knobs": KNOBS}
        (place / "result.json").write_text(json.dumps({"settings": {"data": asked, **settings}}))
        for name, lines in (("responses", rows), ("scores", verdicts)):
            (place / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        return place

    return _said


def kept(place: Path, **knobs: Any) -> list[data.Example]:
    return data.load("kept_traces", "train", path=str(place), **knobs)


def test_the_shortest_right_thinking_is_kept_with_the_question_and_its_pictures(said: Say) -> None:
    place = said([(LONG, True), (SHORT, True), ("short and wrong", False)], [(LONG, True)], [(LONG, False)])
    first, second = kept(place)
    asked = data.load("clinic", "train", n=2, **KNOBS)
    for row, source in zip((first, second), asked, strict=True):
        assert (row.question, row.answer, row.options) == (source.question, source.answer, source.options)
        assert len(row.images) == len(source.images)
    assert len(second.images) == 1
    assert (first.id, first.meta["trace"]) == (f"kept_traces/{asked[0].id}#1", SHORT)
    assert first.meta["agreement"] == pytest.approx(2 / 3)
    assert first.meta["family"] == "lab_range"


def test_at_most_so_many_a_question_each_with_its_own_id_and_none_twice(said: Say) -> None:
    place = said([(LONG, True), (SHORT, True), (SHORT, True)])
    assert [row.meta["trace"] for row in kept(place, most=5)] == [SHORT, LONG]
    assert len({row.id for row in kept(place, most=5)}) == 2
    drawn = [kept(place, choose="drawn", seed=seed)[0].meta["trace"] for seed in range(12)]
    assert set(drawn) == {SHORT, LONG}
    assert drawn == [kept(place, choose="drawn", seed=seed)[0].meta["trace"] for seed in range(12)]


@pytest.mark.parametrize("trace", ["", "cut", "The given answer fits what the question says, so it must be right here"])
def test_what_shows_no_reasoning_is_left_out(said: Say, trace: str) -> None:
    assert [row.meta["trace"] for row in kept(said([(trace, True), (LONG, True)]), most=2)] == [LONG]


def test_an_opening_that_names_the_answer_is_left_out(said: Say) -> None:
    [item] = data.load("clinic", "train", n=1, **KNOBS)
    place = said([(f"option {item.answer}, because it is so.", True), (LONG, True)])
    assert [row.meta["trace"] for row in kept(place, most=2)] == [LONG]


def test_a_lucky_guess_is_left_out_where_agreement_is_asked_for(said: Say) -> None:
    place = said([(LONG, True), (SHORT, False)], [(LONG, True), (SHORT, True)])
    assert len(kept(place, agree=0.5)) == 2
    assert [row.id for row in kept(place, agree=0.6)] == ["kept_traces/clinic/train/0/1#1"]


def test_held_out_probed_changed_and_broken_evaluations_are_refused(said: Say, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="clinic/test is held out"):
        kept(said([(LONG, True)], split="test"))
    with pytest.raises(BadInput, match="under the probe shuffle"):
        kept(said([(LONG, True)], probe="shuffle"))
    with pytest.raises(BadInput, match="1 of 1 questions are not in the set as they were asked"):
        kept(said([(LONG, True)], changed=" Now?"))
    with pytest.raises(BadInput, match="no right answer shows a thinking"):
        kept(said([(LONG, False)]))
    place = said([(LONG, True)])
    (place / "scores.jsonl").write_text("")
    with pytest.raises(BadInput, match="not a whole evaluation"):
        kept(place)
    with pytest.raises(BadInput, match="holds no finished evaluation"):
        kept(tmp_path / "nothing")


def test_knobs_are_judged_all_at_once(said: Say) -> None:
    with pytest.raises(BadInput) as refused:
        kept(said([(LONG, True)]), most=0, choose="shortst", agree=2)
    assert len(refused.value.problems) == 3
    assert "did you mean shortest?" in refused.value.problems[1]
