import json
from collections.abc import Sequence
from pathlib import Path

import pytest

import rewards
from eval import results
from eval.engines import Completion, Prompt
from eval.run import arms, check, evaluate, evaluate_all, limited
from recipes import BadInput


class Says:
    """Says the same to everything."""

    def __init__(self, text: str, truncated: bool = False) -> None:
        self.completion = Completion(text, 5, truncated)

    def generate(self, prompts: Sequence[Prompt], *, n: int, **_: object) -> list[list[Completion]]:
        return [[self.completion] * n for _ in prompts]


def test_all_right_and_all_wrong(small_suite, student) -> None:
    right, wrong = evaluate(student(1.0), small_suite), evaluate(student(0.0), small_suite)
    assert right.accuracy().value == 1.0
    assert wrong.accuracy().value == 0.0
    assert right.format_rate == wrong.format_rate == 1.0
    assert right.mean_tokens == 9


def test_one_sample_is_greedy_and_more_are_drawn(small_suite, student) -> None:
    engine = student(0.5)
    greedy = evaluate(engine, small_suite, samples=1, temperature=1.0)
    drawn = evaluate(engine, small_suite, samples=4, temperature=0.7, max_tokens=32, seed=5)
    assert [asked["temperature"] for asked in engine.asked] == [0.0, 0.7]
    assert engine.asked[1] == {"n": 4, "temperature": 0.7, "max_tokens": 32, "seed": 5}
    assert (greedy.name, drawn.name) == ("clinic_test", "clinic_test@4")
    assert len(drawn.records) == 48
    assert {record.sample for record in drawn.records} == {0, 1, 2, 3}


def test_rows_are_what_the_scorer_reads_and_agree_with_the_reward(small_suite, student, tmp_path: Path) -> None:
    result = evaluate(student(0.5), small_suite, samples=2, out=tmp_path)
    rows = list(results.json_lines(tmp_path / "responses.jsonl"))
    assert {"id", "question", "options", "gold", "completion", "kind", "n_tokens", "truncated", "sample"} <= set(
        rows[0]
    )
    assert {row["suite"] for row in rows} == {"clinic_test"}
    assert all(row["family"] and row["modality"] for row in rows)
    grader = rewards.load("answer_match")
    for row, record in zip(rows, result.records, strict=True):
        given = {"answer": row["gold"], "options": row["options"], "kind": row["kind"], "question": row["question"]}
        score = grader(rewards.parse(row["completion"]), **given)
        assert score is not None
        assert (score.value == grader.high) == record.correct


def test_what_is_written_reads_back_as_it_was(small_suite, student, tmp_path: Path) -> None:
    result = evaluate(student(0.5), small_suite, samples=3, out=tmp_path / "a")
    [again] = results.read(tmp_path)
    assert again == result
    assert json.loads((tmp_path / "a" / "result.json").read_text())["accuracy"] == result.accuracy().value


def test_unparsed_and_truncated_are_not_wrong(small_suite, student) -> None:
    silent = evaluate(Says(""), small_suite)
    cut = evaluate(Says("<think>the lesion is", truncated=True), small_suite)
    wrong = evaluate(student(0.0), small_suite)
    assert silent.outcomes()["unparsed"] == 1.0
    assert cut.outcomes()["truncated"] == 1.0
    assert wrong.outcomes()["wrong"] == 1.0
    assert silent.format_rate == 0.0
    assert silent.accuracy().value == cut.accuracy().value == 0.0


def test_blanked_images_are_grey_of_the_same_size_and_only_they_are_asked(small_suite, student) -> None:
    engine, plain = student(1.0), student(1.0)
    blank = evaluate(engine, small_suite, blank_images=True)
    evaluate(plain, small_suite)
    sizes = {prompt.id: [image.size for image in prompt.images] for prompt in plain.seen if prompt.images}
    assert {prompt.id for prompt in engine.seen} == set(sizes)
    assert 0 < len(engine.seen) < 12
    for prompt in engine.seen:
        assert [image.size for image in prompt.images] == sizes[prompt.id]
        assert all(image.getextrema() == ((127, 127),) * 3 for image in prompt.images)
    assert any(image.getextrema() != ((127, 127),) * 3 for prompt in plain.seen for image in prompt.images)
    assert blank.name == "clinic_test+blank"


def test_each_image_stands_as_one_part_of_the_prompt(small_suite, student) -> None:
    engine = student(1.0)
    evaluate(engine, small_suite)
    for prompt in engine.seen:
        parts = [part["type"] for message in prompt.messages for part in message["content"]]
        assert parts.count("image") == len(prompt.images)


def test_a_folder_with_answers_is_never_written_again(small_suite, student, tmp_path: Path) -> None:
    evaluate(student(1.0), small_suite, out=tmp_path)
    before = (tmp_path / "responses.jsonl").read_text()
    with pytest.raises(BadInput, match="finished evaluation"):
        evaluate(student(0.0), small_suite, out=tmp_path)
    (tmp_path / "result.json").unlink()
    with pytest.raises(BadInput, match="unfinished evaluation"):
        evaluate(student(0.0), small_suite, out=tmp_path)
    with pytest.raises(BadInput, match="unfinished evaluation"):
        check(small_suite, out=tmp_path)
    assert (tmp_path / "responses.jsonl").read_text() == before


def test_all_arms_get_a_folder_of_their_name(small_suite, student, tmp_path: Path) -> None:
    found = evaluate_all(student(0.5), [small_suite], samples=[1, 2], blank_images=True, out=tmp_path)
    names = ["clinic_test", "clinic_test@2", "clinic_test+blank"]
    assert [result.name for result in found] == names
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    text_only = [limited(small_suite, 3)]
    assert [blank for _, _, blank in arms(text_only, [1], blank_images=False)] == [False]


def test_bad_suites_stop_before_an_engine_is_asked(small_suite) -> None:
    from dataclasses import replace

    with pytest.raises(BadInput, match="answr_match"):
        check(replace(small_suite, grader="answr_match"))
    with pytest.raises(BadInput, match="not a grader"):
        check(replace(small_suite, grader="format"))
    text_only = replace(small_suite, knobs={"families": ["gcs"], "difficulty": 1})
    with pytest.raises(BadInput, match="no items with an image"):
        check(text_only, blank_images=True)
    with pytest.raises(BadInput, match="at least 1"):
        limited(small_suite, 0)
