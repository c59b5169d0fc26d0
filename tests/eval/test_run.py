import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import rewards
from eval import kept
from eval.engines import Completion, Decoding, Prompt
from eval.results import Result
from eval.run import Arm, arms, check, evaluate, evaluate_all, limited
from recipes import BadInput


class Says:
    """Says the same to everything."""

    def __init__(self, text: str, truncated: bool = False) -> None:
        self.completion, self.stamp = Completion(text, 5, truncated), {}

    def stream(self, prompts: Iterable[Prompt], how: Decoding) -> Iterator[tuple[str, list[Completion]]]:
        return ((prompt.id, [self.completion] * how.n) for prompt in prompts)


def made(*given: Any, **settings: Any) -> Result:
    """A finished evaluation."""
    result = evaluate(*given, **settings)
    assert result is not None
    return result


def test_all_right_and_all_wrong(small_suite, student) -> None:
    right, wrong = made(student(1.0), Arm(small_suite)), made(student(0.0), Arm(small_suite))
    assert right.accuracy().value == 1.0
    assert wrong.accuracy().value == 0.0
    assert right.format_rate == wrong.format_rate == 1.0
    assert right.mean_tokens == 9


def test_one_sample_is_greedy_and_more_are_drawn(small_suite, student) -> None:
    engine = student(0.5)
    greedy = made(engine, Arm(small_suite, samples=1, temperature=1.0))
    drawn = made(engine, Arm(small_suite, samples=4, temperature=0.7, max_tokens=32, seed=5))
    assert [asked["temperature"] for asked in engine.asked] == [0.0, 0.7]
    assert engine.asked[1] == {"n": 4, "temperature": 0.7, "max_tokens": 32, "seed": 5}
    assert (greedy.name, drawn.name) == ("clinic_test", "clinic_test@4")
    assert len(drawn.records) == 48
    assert {record.sample for record in drawn.records} == {0, 1, 2, 3}


def test_rows_are_what_the_scorer_reads_and_agree_with_the_reward(small_suite, student, tmp_path: Path) -> None:
    result = made(student(0.5), Arm(small_suite, samples=2), out=tmp_path)
    rows = list(kept.json_lines(tmp_path / "responses.jsonl"))
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
    result = made(student(0.5), Arm(small_suite, samples=3), out=tmp_path / "a")
    [again] = kept.read(tmp_path)
    assert again == result
    assert json.loads((tmp_path / "a" / "result.json").read_text())["accuracy"] == result.accuracy().value


def test_unparsed_and_truncated_are_not_wrong(small_suite, student) -> None:
    silent = made(Says(""), Arm(small_suite))
    cut = made(Says("<think>the lesion is", truncated=True), Arm(small_suite))
    wrong = made(student(0.0), Arm(small_suite))
    assert silent.outcomes()["unparsed"] == 1.0
    assert cut.outcomes()["truncated"] == 1.0
    assert wrong.outcomes()["wrong"] == 1.0
    assert silent.format_rate == 0.0
    assert silent.accuracy().value == cut.accuracy().value == 0.0


def test_blanked_images_are_grey_of_the_same_size_and_only_they_are_asked(small_suite, student) -> None:
    engine, plain = student(1.0), student(1.0)
    blank = made(engine, Arm(small_suite, probe="blank"))
    made(plain, Arm(small_suite))
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
    made(engine, Arm(small_suite))
    for prompt in engine.seen:
        parts = [part["type"] for message in prompt.messages for part in message["content"]]
        assert parts.count("image") == len(prompt.images)


def test_a_finished_evaluation_is_read_and_never_written_again(small_suite, student, tmp_path: Path) -> None:
    first = made(student(1.0), Arm(small_suite), out=tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    idle = student(0.0)
    assert made(idle, Arm(small_suite), out=tmp_path) == first
    assert not idle.seen
    with pytest.raises(BadInput, match="max_tokens: 512 -> 64"):
        evaluate(student(0.0), Arm(small_suite, max_tokens=64), out=tmp_path)
    with pytest.raises(BadInput, match="max_tokens: 512 -> 64"):
        check(Arm(small_suite, max_tokens=64), out=tmp_path)
    with pytest.raises(BadInput, match="by another grader"):
        evaluate(student(0.0), Arm(replace(small_suite, grader="abstention")), out=tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_all_arms_get_a_folder_of_their_name(small_suite, student, tmp_path: Path) -> None:
    wanted = arms([small_suite], samples=[1, 2], probes=["blank"])
    found = evaluate_all(student(0.5), wanted, out=tmp_path)
    names = ["clinic_test", "clinic_test@2", "clinic_test+blank"]
    assert [arm.name for arm in wanted] == [result.name for result in found] == names
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


def test_a_probe_that_means_nothing_for_a_suite_is_no_arm(small_suite) -> None:
    text_only = replace(small_suite, knobs={"families": ["gcs"], "difficulty": 1})
    assert [arm.name for arm in arms([text_only], probes=["blank", "no_think"])] == [
        "clinic_test",
        "clinic_test+no_think",
    ]


def test_bad_suites_stop_before_an_engine_is_asked(small_suite) -> None:
    with pytest.raises(BadInput, match="answr_match"):
        check(Arm(replace(small_suite, grader="answr_match")))
    with pytest.raises(BadInput, match="not a grader"):
        check(Arm(replace(small_suite, grader="format")))
    text_only = replace(small_suite, knobs={"families": ["gcs"], "difficulty": 1})
    with pytest.raises(BadInput, match="no items for the probe blank"):
        check(Arm(text_only, probe="blank"))
    with pytest.raises(BadInput, match="at least 1"):
        limited(small_suite, 0)
