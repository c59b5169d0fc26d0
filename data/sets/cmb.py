"""CMB-Exam: questions of 28 Chinese medical exams, here those with one right answer.

Wang X et al., CMB: A Comprehensive Medical Benchmark in Chinese (NAACL 2024). Read from the release files as the hub
has them, under CMB-Exam/; the answers of the test split are only on GitHub. As in MedEvalKit, only questions whose
question_type is 单项选择题 (one right answer) are asked; the release's test split has 11,200 of both sorts, 400 an exam
class. `subject` is the exam class.
"""

from __future__ import annotations

from functools import partial

from data.example import Example
from data.registry import SetInfo, folder
from data.sets._items import Row, choice, examples, lettered, remedy
from data.sets._release import clean, read_json, sample, table
from recipes import BadInput

NAME = "cmb"
HUB = "FreedomIntelligence/CMB"
FILES = {
    "train": "CMB-Exam/CMB-train/CMB-train-merge.json",
    "validation": "CMB-Exam/CMB-val/CMB-val-merge.json",
    "test": "CMB-Exam/CMB-test/CMB-test-choice-question-merge.json",
}
ANSWERS = "CMB-test-choice-answer.json"
SINGLE = "单项选择题"
COLUMNS = ("exam_type", "exam_class", "exam_subject", "question_type")  # official names

ABOUT = SetInfo(
    name=NAME,
    splits=tuple(FILES),
    license="Apache-2.0",
    kinds=("option",),
    text="questions of Chinese medical exams with one right answer",
    hub=HUB,
    extra=("language", "subject", *COLUMNS, "trace", "distractors"),
    citation="Wang X et al., CMB: A Comprehensive Medical Benchmark in Chinese, NAACL 2024, arXiv 2308.08833",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}`, and put data/{ANSWERS} of"
    " github.com/FreedomIntelligence/CMB into {place}",
    benchmark="test",
    languages=("zh",),
)


def load(split: str, *, n: int | None = None, seed: int = 0) -> list[Example]:
    """A split, or n rows of it at random. The trace of a row is the release's explanation (validation), or empty."""
    place, todo = folder(NAME), remedy(ABOUT)
    rows = table(place, FILES[split], todo)
    answers = _answers() if split == "test" else None
    made = partial(_example, split, answers)
    return sample(examples(ABOUT, str(place / FILES[split]), rows, made), n, seed, f"{NAME}/{split}")


def _answers() -> dict[str, str]:
    """The right letter by the question's id."""
    path, todo = folder(NAME) / ANSWERS, remedy(ABOUT)
    try:
        return {clean(row["id"]): row["answer"] for row in read_json(path, todo)}
    except (KeyError, TypeError) as error:
        raise BadInput([f"{path} is no list of ids and answers ({error!r}); {todo}"]) from error


def _example(split: str, answers: dict[str, str] | None, number: int, row: Row) -> Example | None:
    if row["question_type"] != SINGLE:
        return None
    name = clean(row.get("id", number))
    if answers is not None and name not in answers:
        raise ValueError(f"{ANSWERS} has no answer to id {name}")
    answer = row["answer"] if answers is None else answers[name]
    meta = {column: row.get(column) for column in COLUMNS}
    own = {"subject": row.get("exam_class"), "trace": clean(row.get("explanation") or "")}
    return choice(ABOUT, split, f"{split}/{name}", row["question"], lettered(row["option"]), answer, meta | own)
