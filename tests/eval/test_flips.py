import json
from dataclasses import replace
from pathlib import Path

import pytest

from data.pages import page
from eval import flips, gains, report
from eval.grading import Grader
from eval.kept import read, save
from eval.results import Result, record

THOUGHT = "It could be either. <script>alert(1)</script> " + "word " * 200 + "so the last words."


def kept(folder: Path, rights: list[list[int]], **changes) -> Result:
    """An evaluation on disk, read back: item i was answered rightly in these samples."""
    rows = [
        {
            "id": f"q/{i}",
            "sample": sample,
            "question": f"Which structure is number {i}?",
            "options": {"A": "heart", "B": "lung <b>"},
            "gold": "B",
            "kind": "option",
            "completion": f"<think>{THOUGHT}{i}/{sample}</think><answer>{'B' if right else 'A'}</answer>",
            "n_tokens": 9,
            "truncated": False,
            **changes,
        }
        for i, samples in enumerate(rights)
        for sample, right in enumerate(samples)
    ]
    verdicts = [Grader().grade(row) for row in rows]
    place = folder / "s"
    place.mkdir(parents=True)
    for name, part in (("responses", rows), ("scores", verdicts)):
        (place / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in part))
    records = [record(row, verdict) for row, verdict in zip(rows, verdicts, strict=True)]
    save(Result("s", len(rights[0]), {"seed": 0}, records), place)
    [found] = read(folder)
    return found


@pytest.fixture
def both(tmp_path: Path) -> tuple[Result, Result]:
    """Items 0 to 4 turn right, 5 and 6 wrong, 7 stays."""
    base = kept(tmp_path / "base", [[0]] * 5 + [[1]] * 3)
    return base, kept(tmp_path / "rl", [[1]] * 5 + [[0]] * 2 + [[1]])


def test_flips_show_both_answers_and_how_the_reasoning_ends(both) -> None:
    found = flips.examples(*both, n=10)
    assert sorted(flip.id for flip in found["wrong_to_right"]) == [f"q/{i}" for i in range(5)]
    assert sorted(flip.id for flip in found["right_to_wrong"]) == ["q/5", "q/6"]
    flip = found["right_to_wrong"][0]
    assert flip.options == {"A": "heart", "B": "lung <b>"}
    assert (flip.gold, flip.before.answer, flip.after.answer) == ("B", "B", "A")
    assert (flip.before.outcome, flip.after.outcome) == ("right", "wrong")
    assert flip.after.reasoning.startswith("… ")
    assert flip.after.reasoning.endswith(f"so the last words.{flip.id[2:]}/0")
    assert len(flip.after.reasoning) <= flips.LONGEST + 2


def test_few_are_drawn_by_the_seed(both) -> None:
    drawn = [tuple(f.id for f in flips.examples(*both, n=2, seed=seed)["wrong_to_right"]) for seed in range(12)]
    assert all(len(set(ids)) == 2 for ids in drawn)
    assert len(set(drawn)) > 1
    assert drawn[3] == tuple(f.id for f in flips.examples(*both, n=2, seed=3)["wrong_to_right"])


def test_of_several_samples_those_that_show_the_flip_are_taken(tmp_path: Path) -> None:
    base, rl = kept(tmp_path / "base", [[1, 0, 0]]), kept(tmp_path / "rl", [[0, 1, 1]])
    [flip] = flips.examples(base, rl)["wrong_to_right"]
    assert (flip.before.answer, flip.after.answer) == ("A", "B")
    assert flip.before.reasoning.endswith("0/1")
    assert flip.after.reasoning.endswith("0/1")


def test_answers_right_by_degree_are_shown_at_their_worst_and_best(tmp_path: Path) -> None:
    base, rl = kept(tmp_path / "base", [[0, 0]]), kept(tmp_path / "rl", [[0, 0]])
    base, rl = (
        replace(
            result,
            settings={**result.settings, "grader": "rubric"},
            records=[replace(r, score=s) for r, s in zip(result.records, scores, strict=True)],
        )
        for result, scores in ((base, (0.5, 0.2)), (rl, (0.4, 0.6)))
    )
    [flip] = flips.examples(base, rl)["wrong_to_right"]
    assert flip.before.reasoning.endswith("0/1")
    assert flip.after.reasoning.endswith("0/1")


def test_an_answer_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    base = kept(tmp_path / "base", [[1]])
    rl = kept(tmp_path / "rl", [[0]], completion="<think>on and on", truncated=True)
    [flip] = flips.examples(base, rl)["right_to_wrong"]
    assert (flip.after.outcome, flip.after.answer) == ("truncated", "(none: truncated)")
    assert flip.after.reasoning.endswith("on and on")


def test_without_the_answers_on_disk_there_are_none(made, one) -> None:
    assert flips.examples(made(one(0, 1)), made(one(1, 0))) == {}


def test_the_report_shows_them_as_they_were_written(both, tmp_path: Path) -> None:
    base, rl = ([side] for side in both)
    path = report.write(tmp_path / "out", gains.gains(base, rl), base, rl)
    text, html = path.read_text(), path.with_suffix(".html").read_text()
    assert "**s, right to wrong**: 2 of 2, drawn at random:" in text
    assert "A) heart\nB) lung <b>" in text
    assert html.count("<details>") == 5
    assert "B) lung &lt;b&gt;" in html
    assert "<script" not in html
    assert page.POLICY in html
