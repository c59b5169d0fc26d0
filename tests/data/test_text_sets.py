"""Every reader of a text benchmark: on eight rows of its release's shape, whole and broken."""

import pytest

import data
import rewards
from data.prompt import user_text
from data.registry import folder
from data.sets import healthbench
from recipes import BadInput

from . import releases
from .releases import RELEASES

CHOICES = [name for name in RELEASES if name != "healthbench"]
OFFICIAL = [name for name, release in RELEASES.items() if release.id]


@pytest.fixture
def place(monkeypatch, tmp_path):
    """place(name) -> the folder of a set's release."""
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path / "sets"))
    return folder


def load(name, **knobs):
    release = RELEASES[name]
    return data.load(name, release.split, **{**release.knobs, **knobs})


def refused(name, **knobs):
    """The one line of the refusal."""
    with pytest.raises(BadInput) as caught:
        load(name, **knobs)
    (line,) = caught.value.problems
    return line


@pytest.mark.parametrize("name", RELEASES)
def test_rows_become_examples_with_the_columns_that_are_described(name, place):
    RELEASES[name].write(place(name))
    info, rows = data.describe(name), load(name)
    assert len(rows) == len({row.id for row in rows}) == RELEASES[name].kept
    for row in rows:
        assert set(row.columns()) == set(info.columns)
        assert row.id.startswith(f"{name}/")
        assert (row.source, row.split, row.license) == (name, info.benchmark, info.license)
        assert row.kind in info.kinds
        assert row.meta.get("language", "en") == info.languages[0]
        assert row.question == row.question.strip()
    assert len(load(name, n=3, seed=1)) == 3


@pytest.mark.parametrize("name", RELEASES)
def test_what_is_known_without_reading(name):
    info = data.describe(name)
    assert info.benchmark in info.splits
    assert info.citation
    assert info.license
    assert info.remedy.count("{place}") >= 1
    assert "\n" not in info.remedy
    assert info.hub or "github.com" in info.remedy
    assert set(info.rows) <= set(info.splits)


@pytest.mark.parametrize("name", CHOICES)
def test_the_gold_earns_the_maximum_and_its_distractors_nothing(name, place):
    RELEASES[name].write(place(name))
    match = rewards.load("answer_match")
    for row in load(name):
        gold = row.answer if isinstance(row.answer, str) else ", ".join(row.answer)
        assert match(f"<answer>{gold}</answer>", **row.columns()).value == 1.0
        wrong = row.meta["distractors"]
        assert len(wrong) == len(row.options) - len(row.answer)
        assert all(match(f"<answer>{letter}</answer>", **row.columns()).value == 0.0 for letter in wrong)


@pytest.mark.parametrize("name", RELEASES)
def test_missing_files_say_what_to_download_and_where_to_put_it(name, place):
    place(name).mkdir(parents=True)
    line = refused(name)
    assert " is missing; " in line
    assert data.describe(name).remedy.format(place=place(name)) in line
    assert "hf download" in line or "github.com" in line


@pytest.mark.parametrize("name", RELEASES)
def test_a_column_that_lacks_is_named_with_its_file(name, place):
    release = RELEASES[name]
    rows = [{key: value for key, value in row.items() if key != release.needed} for row in release.rows()]
    path = release.write(place(name), rows)
    line = refused(name)
    assert f"row 1 has no column '{release.needed}'" in line
    assert path.name in line or "test-*.parquet" in line
    assert data.describe(name).remedy.format(place=place(name)) in line


@pytest.mark.parametrize("name", CHOICES)
def test_an_answer_outside_the_options_is_named_with_its_row(name, place):
    release = RELEASES[name]
    rows = release.rows()
    column, outside = release.answer
    rows[2][column] = outside
    release.write(place(name), rows)
    line = refused(name)
    assert f"row 3: example '{name}/" in line
    assert f"answer '{outside}' is not a letter of the options" in line


@pytest.mark.parametrize("name", OFFICIAL)
def test_an_id_that_comes_twice_is_named(name, place):
    release = RELEASES[name]
    rows = release.rows()
    rows[4][release.id] = rows[1][release.id]
    release.write(place(name), rows)
    assert f"{rows[1][release.id]} comes twice" in refused(name)


@pytest.mark.parametrize("name", RELEASES)
def test_a_broken_file_is_named(name, place):
    path = RELEASES[name].write(place(name))
    path.write_bytes(b'{"half": "\xff\xfe')
    line = refused(name)
    assert path.name in line
    assert "cannot be read" in line


@pytest.mark.parametrize("name", CHOICES)
def test_a_row_without_a_question_is_no_question(name, place):
    release = RELEASES[name]
    key = "Question" if "Question" in release.row(0) else "question"
    rows = release.rows()
    rows[2][key] = ""
    release.write(place(name), rows)
    if name == "cmexam":  # the release has rows that ask nothing
        assert len(load(name)) == release.kept - 1
    else:
        assert "question must not be empty" in refused(name)


def test_loading_from_files_is_light(place, tmp_path):
    import os
    import subprocess
    import sys

    for name in ("medqa", "cmb", "cmexam", "healthbench"):
        RELEASES[name].write(place(name))
    code = (
        "import sys, data; [data.load(name, 'test') for name in ('medqa', 'cmb', 'cmexam', 'healthbench')];"
        "print(sorted({'torch', 'PIL', 'datasets', 'numpy', 'pyarrow', 'huggingface_hub'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.strip() == "[]"


def test_medqa_keeps_the_step_and_has_three_splits(place):
    for part in ("train", "dev", "test"):
        releases.write(place("medqa") / f"phrases_no_exclude_{part}.jsonl", RELEASES["medqa"].rows())
    first, second = data.load("medqa", "validation")[:2]
    assert (first.id, first.question, first.answer) == ("medqa/validation/1", "Which metal is number 0?", "A")
    assert first.options == {"A": "copper", "B": "zinc", "C": "iron", "D": "tin"}
    assert [row.meta["question_type"] for row in (first, second)] == ["step2&3", "step1"]
    assert len(data.load("medqa", "train")) == 8


def test_mmlu_reads_a_folder_a_subject(place):
    for subject in ("anatomy", "virology"):
        path = place("mmlu_med") / subject / "test-00000-of-00001.parquet"
        releases.write(path, RELEASES["mmlu_med"].rows())
    both = data.load("mmlu_med", "test", subject=["virology", "anatomy"])
    assert [row.meta["subject"] for row in both] == ["virology"] * 8 + ["anatomy"] * 8
    assert [row.answer for row in both[:5]] == ["A", "B", "C", "D", "A"]
    assert "clinical_knowledge/test-*.parquet is missing" in refused("mmlu_med", subject=None)
    assert "no subject 'virolgy' (did you mean virology?)" in refused("mmlu_med", subject="virolgy")


def test_medbullets_asks_both_parts_of_a_question_as_one_cluster(place):
    rows = RELEASES["medbullets"].rows()
    releases.write(place("medbullets") / "medbullets_op5.csv", rows)
    four = [{**row, "answer_idx": releases.letter(i)} for i, row in enumerate(rows)]
    releases.write(place("medbullets") / "medbullets_op4.csv", four)
    found = data.load("medbullets", "test")
    assert [len(row.options or {}) for row in found] == [4] * 8 + [5] * 8
    assert found[0].id != found[8].id
    assert [row.meta["cluster"] for row in found[:8]] == [row.meta["cluster"] for row in found[8:]]
    assert len({row.meta["cluster"] for row in found}) == 8
    assert found[0].meta["link"] == "https://example.org/view?qid=0"
    assert found[0].meta["trace"].startswith("It shines.")


def test_supergpqa_keeps_medicine_and_every_column_in_its_place(place):
    RELEASES["supergpqa_med"].write(place("supergpqa_med"))
    rows = load("supergpqa_med")
    assert [list(row.options or {}) for row in rows] == [list("ABCDEFGHIJ")] * 6
    assert [row.meta["difficulty"] for row in rows] == ["easy", "hard"] * 3
    assert {row.meta["field"] for row in rows} == {row.meta["subject"] for row in rows} == {"Basic Medicine"}
    assert [row.meta["is_calculation"] for row in rows] == [i == 3 for i in range(6)]
    assert rows[0].id == "supergpqa_med/u0"


def test_cmb_joins_the_answers_and_asks_what_has_one(place):
    release = RELEASES["cmb"]
    path = release.write(place("cmb"))
    rows = load("cmb")
    assert [row.answer for row in rows] == ["A", "B", "C", "D", "E", "A", "B"]
    assert "E" not in (rows[0].options or {})  # an empty option is none
    assert rows[1].meta["subject"] == "执业医师"
    releases.write(place("cmb") / "CMB-test-choice-answer.json", releases.cmb_answers(release.rows()[:3]))
    assert "CMB-test-choice-answer.json has no answer to id 103" in refused("cmb")
    assert path.name in refused("cmb")
    held = [{**row, "answer": "B", "explanation": " Since. "} for row in release.rows()]
    releases.write(place("cmb") / "CMB-Exam/CMB-val/CMB-val-merge.json", held)
    assert {(row.answer, row.meta["trace"]) for row in data.load("cmb", "validation")} == {("B", "Since.")}


def test_cmexam_asks_several_right_options_as_such(place):
    RELEASES["cmexam"].write(place("cmexam"))
    rows = load("cmexam")
    assert [row.answer for row in rows] == ["A", "B", "C", "D", "E", "A", ["A", "B"]]
    assert rows[6].kind == "multi"
    assert rows[6].meta["distractors"] == ["C", "D", "E"]
    assert rows[0].options == dict(zip("ABCDE", releases.WORDS, strict=True))
    standard = [rows[3].meta[key] for key in ("subject", "question_type", "difficulty")]
    assert standard == ["临床医学", "诊断", "3"]
    assert {row.kind for row in load("cmexam", kinds="option")} == {"option"}
    broken = RELEASES["cmexam"].rows()
    broken[1]["Options"] = "copper\nzinc"
    RELEASES["cmexam"].write(place("cmexam"), broken)
    assert "row 2: the options 'copper\\nzinc' do not begin with A" in refused("cmexam")
    broken[1]["Options"] = "A copper\nBronze\nB. zinc\nC"
    RELEASES["cmexam"].write(place("cmexam"), broken)
    assert load("cmexam")[1].options == {"A": "copper Bronze", "B": "zinc"}
    broken[1] = {**RELEASES["cmexam"].row(1), "Answer": "AF"}
    RELEASES["cmexam"].write(place("cmexam"), broken)
    assert "row 2: answer 'AF': F is not a letter of the options" in refused("cmexam")


def test_chinese_sets_are_asked_in_chinese(place):
    for name in ("cmb", "cmexam", "cmmlu_med", "mcmle"):
        RELEASES[name].write(place(name))
        asked = user_text(load(name)[0], "paper")
        assert asked.startswith("\n问题：第0种金属?\n选项：\nA. copper\n")
        assert "正确选项的字母" in asked


def test_healthbench_keeps_turns_rubric_and_a_reply(place):
    RELEASES["healthbench"].write(place("healthbench"))
    one, three = load("healthbench")[:2]
    assert (one.question, one.answer, one.meta["history"]) == ("For 0 days.", "Rest it.", [])
    assert [turn["role"] for turn in three.meta["history"]] == ["user", "assistant"]
    assert three.answer == healthbench.REPLY
    assert one.meta["question_type"] == "context_seeking"
    assert [entry["points"] for entry in one.meta["rubrics"]] == [5, -3]
    assert (one.kind, one.meta["cluster"]) == ("text", "conversation:p0")
    assert user_text(three, "paper").endswith("\n\nuser: For 1 days.")


def test_healthbench_parts_are_chosen(place):
    for part, path in healthbench.FILES.items():
        releases.write(place("healthbench") / path, RELEASES["healthbench"].rows()[: 5 if part == "main" else 2])
    assert [len(load("healthbench", part=part)) for part in ("main", "consensus", "hard")] == [5, 2, 2]
    both = load("healthbench", part=["main", "hard"])
    assert len({row.id for row in both}) == 7
    assert len({row.meta["cluster"] for row in both}) == 5
    assert "no part 'harder' (did you mean hard?)" in refused("healthbench", part="harder")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"prompt": [{"role": "assistant", "content": "Hello."}]}, "does not end with a user's turn"),
        ({"rubrics": [{"criterion": "Rude", "points": -1}]}, "no criterion of the rubric gives points"),
        ({"rubrics": [{"points": 1}]}, "has no column 'criterion'"),
    ],
)
def test_healthbench_rows_that_cannot_be_judged_are_named(place, change, said):
    rows = RELEASES["healthbench"].rows()
    rows[5] |= change
    RELEASES["healthbench"].write(place("healthbench"), rows)
    line = refused("healthbench")
    assert "row 6" in line
    assert said in line


def test_healthbench_rows_are_graded_by_the_rubric(place):
    from eval.suites import load as suite
    from rewards.library.rubric import points_of

    assert (suite("healthbench").grader, rewards.load("rubric").needs) == ("rubric", ("rubrics",))
    RELEASES["healthbench"].write(place("healthbench"))
    assert points_of(load("healthbench")[0].meta["rubrics"]) == {"Advises 'rest'": 5, "Advises 'running'": -3}
