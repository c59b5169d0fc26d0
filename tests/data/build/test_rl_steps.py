"""The steps that make an RL set: options away, yes/no down, balance, pass rates, questions that need no reasoning."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import data
from data import answered, clean
from data.clean import Drop
from data.clean.balance import allowance
from data.example import Example
from recipes import BadInput


def option(question: str, options: str, answer: str = "A") -> Example:
    texts = dict(zip("ABCD", options.split("|"), strict=False))
    return Example("x/1", question, answer, options=texts, source="x", meta={"organ": "lung"})


def asked(name: str, answer: str, kind: str = "", **more) -> Example:
    return Example(name, f"What of {name}?", answer, kind, **more)


def drops(step: clean.Step, rows: list[Example]) -> set[str]:
    notes = [(row.id, note) for row in rows if (note := step.look(row, list)) is not None]
    return set(step.decide(notes))


@pytest.mark.parametrize(
    ("question", "options", "gold", "kind"),
    [
        ("Where does bile come from?", "the liver|the spleen", "the liver", "text"),
        ("How many lobes has the right lung?", "3|2", "3", "numeric"),
        ("Is the valve open?", "Yes.|No.", "Yes", "yesno"),
        ("What is seen there?", "a rib .|a lung", "a rib", "text"),
    ],
)
def test_options_go_where_a_word_can_be_said(question: str, options: str, gold: str, kind: str) -> None:
    found = clean.load("open_ended").clean(option(question, options), list)
    assert isinstance(found, Example)
    assert (found.answer, found.kind, found.options) == (gold, kind, None)
    assert found.meta["distractors"] == [options.split("|")[1]]
    assert found.meta["options_were"]["A"] == options.split("|")[0]
    assert found.meta["organ"] == "lung"


@pytest.mark.parametrize(
    ("question", "options"),
    [
        ("Which of the following is a bone?", "femur|liver"),
        ("What is seen?", "all of the above|a nodule"),
        ("What is seen?", "A and C|a nodule"),
        ("All cause cough EXCEPT", "asthma|gout"),
        ("The best statement is:", "it beats|it rests"),
        ("What is the next step?", "give the drug by mouth twice a day for a week|wait"),
        ("What is most likely?", "gout|flu"),
    ],
)
def test_options_stay_where_the_question_needs_them(question: str, options: str) -> None:
    row = option(question, options)
    assert clean.load("open_ended").clean(row, list) is row


def test_rows_without_options_are_left_alone() -> None:
    row = asked("x/1", "liver")
    assert clean.load("open_ended").clean(row, list) is row


@pytest.mark.parametrize(("share", "kept"), [(0.05, 4), (0.5, 76), (0.0, 0), (1.0, 100)])
def test_yes_and_no_come_down_to_their_share(share: float, kept: int) -> None:
    rows = [asked(f"x/{i}", "yes" if i < 100 else "liver") for i in range(176)]
    gone = drops(clean.load("binary_share", {"share": share}), rows)
    assert len(gone) == 100 - kept
    assert gone <= {f"x/{i}" for i in range(100)}
    assert gone == drops(clean.load("binary_share", {"share": share}), rows[::-1])
    other = drops(clean.load("binary_share", {"share": share, "seed": 1}), rows)
    assert (other == gone) is (kept in (0, 100))


def test_only_wanted_values_are_kept() -> None:
    rows = [asked("a", "x", modality="CT", source="s"), asked("b", "x", modality="mri", source="s"), asked("c", "x")]
    step = clean.load("keep", {"column": "modality", "values": ["ct"], "among": ["s"]})
    found = [step.clean(row, list) for row in rows]
    assert found == [rows[0], Drop("modality is not wanted", "mri"), rows[2]]
    with pytest.raises(BadInput, match="name a column"):
        clean.load("keep", {"column": "modality", "values": "ct"})


def test_the_largest_groups_give_until_the_corpus_fits() -> None:
    sizes = {"ct": 100, "mri": 10, "xray": 5}
    rows = [asked(f"{name}/{i}", "liver", modality=name) for name, n in sizes.items() for i in range(n)]
    gone = drops(clean.load("balance", {"total": 45}), rows)
    left = Counter(row.modality for row in rows if row.id not in gone)
    assert left == {"ct": 30, "mri": 10, "xray": 5}
    assert drops(clean.load("balance", {"total": 115}), rows) == set()
    by_kind = [replace(row, kind="yesno", answer="yes") if i % 2 else row for i, row in enumerate(rows)]
    gone = drops(clean.load("balance", {"total": 40, "by": ["kind"]}), by_kind)
    assert Counter(row.kind for row in by_kind if row.id not in gone) == {"text": 20, "yesno": 20}


def test_a_column_that_no_row_has_balances_nothing() -> None:
    with pytest.raises(BadInput, match="no row has a column 'modalty'"):
        drops(clean.load("balance", {"by": ["kind", "modalty"]}), [asked("a", "x"), asked("b", "x")])


@pytest.mark.parametrize(
    ("sizes", "total", "most"), [([3, 3, 3], 9, 3), ([3, 3, 3], 8, 2), ([5], 2, 2), ([1, 1], 1, 1), ([], 5, 1)]
)
def test_the_allowance(sizes: list[int], total: int, most: int) -> None:
    assert allowance(sizes, total) == most


@pytest.fixture
def evaluation(tmp_path: Path):
    """evaluation(name, (row, verdicts), ...) -> the folder of an evaluation of these rows."""

    def made(name: str, *verdicts: tuple[Example, list[bool | None]]) -> str:
        place = tmp_path / name
        place.mkdir()
        pairs = [(row, k, one) for row, given in verdicts for k, one in enumerate(given)]
        answers = [{"id": row.id, "sample": k, "question": row.question, "gold": row.answer} for row, k, _ in pairs]
        scores = [{"id": row.id, "sample": k, "correct": one} for row, k, one in pairs]
        for file, lines in (("responses", answers), ("scores", scores)):
            (place / f"{file}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        (place / "result.json").write_text("{}")
        return str(place)

    return made


def test_rows_of_some_success_stay_with_their_rate(evaluation) -> None:
    names = ("never", "seldom", "half", "always", "ungraded", "absent")
    never, seldom, half, always, ungraded, absent = rows = [asked(name, "liver") for name in names]
    right = [(never, [False] * 4), (seldom, [True, False, False, False]), (half, [True, False, True, None])]
    folder = evaluation("pool@4", *right, (always, [True] * 4), (ungraded, [None] * 4))
    found = {row.id: clean.load("pass_rate", {"answers": folder}).clean(row, list) for row in rows}
    kept = {name: row.meta["pass_rate"] for name, row in found.items() if isinstance(row, Example)}
    assert kept == {"seldom": 0.25, "half": pytest.approx(2 / 3)}
    assert found["never"] == Drop("no sample is right", "0 of 4", review=True)
    assert found["always"] == Drop("too many samples are right", "4 of 4")
    assert found["ungraded"] == found["absent"] == Drop("has no pass rate")
    step = clean.load("pass_rate", {"answers": folder, "least": 2, "most": 4, "missing": "keep"})
    assert step.clean(seldom, list) == Drop("too few samples are right", "1 of 4")
    assert isinstance(step.clean(always, list), Example)
    assert step.clean(absent, list) is absent


def test_a_row_that_was_asked_otherwise_has_no_rate(evaluation) -> None:
    row = asked("a", "liver")
    folder = evaluation("pool@2", (row, [True, False]))
    step = clean.load("pass_rate", {"answers": folder})
    assert step.clean(replace(row, question="Another?"), list) == Drop("was asked otherwise")
    assert step.clean(replace(row, answer="spleen"), list) == Drop("was asked otherwise")


def test_a_training_run_tells_how_hard_its_questions_are(tmp_path: Path) -> None:
    row = asked("a", "liver")
    group = {"id": "a", "asked": answered.digest(row.question, row.answer), "graded": 4}
    lines = [{**group, "step": 0, "right": 4}, {**group, "step": 7, "right": 1}]
    (tmp_path / "difficulty.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = clean.load("pass_rate", {"answers": str(tmp_path)}).clean(row, list)
    assert isinstance(found, Example)
    assert found.meta["pass_rate"] == 5 / 8


def test_what_is_solved_without_thinking_or_image_goes(evaluation) -> None:
    seen, text = asked("seen", "liver", images=(b"x",)), asked("text", "liver")
    think = evaluation("pool+no_think@2", (seen, [True, False]), (text, [True, True]))
    blank = evaluation("pool+blank@2", (seen, [True, True]), (text, [True, True]))
    step = clean.load("needs_reasoning", {"no_think": think})
    assert step.clean(text, list) == Drop("solved without thinking", "2 of 2")
    assert step.clean(seen, list) is seen
    other = replace(text, question="Another?")
    assert step.clean(other, list) is other
    assert clean.load("needs_reasoning", {"no_think": think, "solved": 0.5}).clean(seen, list) == Drop(
        "solved without thinking", "1 of 2"
    )
    both = clean.load("needs_reasoning", {"blank": blank})
    assert both.clean(seen, list) == Drop("solved without its image", "2 of 2")
    assert both.clean(text, list) is text


def test_an_evaluation_of_other_rows_stops_the_build(evaluation) -> None:
    here, other = [asked(f"a/{k}", "liver", images=(b"x",)) for k in range(4)], asked("b", "liver")
    folder = evaluation("pool@2", *((row, [True, False]) for row in (*here[:2], other)))
    for use, knob in (("pass_rate", "answers"), ("needs_reasoning", "no_think"), ("needs_reasoning", "blank")):
        assert drops(clean.load(use, {knob: folder}), here) == set()
        with pytest.raises(BadInput, match=f"step {use}: 1 of 3 rows were asked in .*pool@2"):
            drops(clean.load(use, {knob: folder}), here[1:])
        assert drops(clean.load(use, {knob: folder, "asked": 0.3}), here[1:]) == set()
        reworded = [replace(row, question="Another?") for row in here]
        with pytest.raises(BadInput, match="0 of 4 rows"):
            drops(clean.load(use, {knob: folder, "asked": 0.01}), reworded)
    with pytest.raises(BadInput, match="asked is 2"):
        clean.load("pass_rate", {"answers": folder, "asked": 2})
    text_only = [replace(row, images=()) for row in here[2:]]
    assert drops(clean.load("needs_reasoning", {"blank": folder}), text_only) == set()


@pytest.mark.parametrize(
    ("use", "knobs", "word"),
    [
        ("pass_rate", {}, "name the folder of an evaluation"),
        ("pass_rate", {"answers": "nowhere"}, "holds no finished evaluation"),
        ("needs_reasoning", {}, "name the evaluation under the probe"),
        ("needs_reasoning", {"blank": "nowhere"}, "holds no finished evaluation"),
        ("binary_share", {"share": 2}, "share is 2"),
        ("balance", {"total": 0}, "total must be"),
        ("balance", {"by": "modality"}, "by a list of columns"),
        ("open_ended", {"max_words": 0}, "max_words is 0"),
    ],
)
def test_a_step_refuses_what_makes_no_sense(use: str, knobs: dict, word: str) -> None:
    with pytest.raises(BadInput, match=f"step {use}: .*{word}"):
        clean.load(use, knobs)


def test_a_damaged_evaluation_is_told(evaluation) -> None:
    row = asked("a", "liver")
    folder = evaluation("torn@2", (row, [True, False]))
    path = Path(folder) / "scores.jsonl"
    path.write_text(path.read_text().splitlines(keepends=True)[0])
    with pytest.raises(BadInput, match="not a whole evaluation"):
        answered.of(folder)


@pytest.mark.parametrize("use", clean.names())
def test_every_step_says_what_it_removes(use: str) -> None:
    module = __import__(f"data.clean.{use}", fromlist=["STEP"])
    assert issubclass(module.STEP, clean.Step)
    assert 10 < len(module.STEP.about) < 120
    assert data.clean.Step.look is not module.STEP.look or not module.STEP.needs_notes
