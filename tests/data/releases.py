"""Small releases in the shape of the original files of the text sets; all content is invented."""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

N = 8
WORDS = ("copper", "zinc", "iron", "tin", "lead")


@dataclass(frozen=True)
class Release:
    """One file of a set: where it lies, its rows by number, and what can be broken in it.

    split, knobs: with which it is read. kept: how many of the N rows are asked. needed: a column that cannot lack.
    answer: the column of the right letter, and a value that is outside the options. id: the column of the official id.
    more: further files, path -> content made of the rows.
    """

    path: str
    row: Callable[[int], dict[str, Any]]
    answer: tuple[str, Any] | None
    split: str = "test"
    knobs: dict[str, Any] = field(default_factory=dict)
    kept: int = N
    needed: str = "question"
    id: str | None = None
    more: dict[str, Callable[[list[dict[str, Any]]], Any]] = field(default_factory=dict)

    def rows(self) -> list[dict[str, Any]]:
        return [self.row(i) for i in range(N)]

    def write(self, place: Path, rows: list[dict[str, Any]] | None = None) -> Path:
        """The file, and the others that go with it."""
        rows = self.rows() if rows is None else rows
        for path, content in self.more.items():
            write(place / path, content(rows))
        return write(place / self.path, rows)


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    """The rows in the form that the file's ending says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        import pyarrow
        import pyarrow.parquet

        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    elif path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    else:
        path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return path


def letter(i: int, n: int = 4) -> str:
    return "ABCDEFGHIJ"[i % n]


def named(n: int) -> dict[str, str]:
    return {letter(i, n): f"{WORDS[i]} " for i in range(n)}


def medqa(i: int, n: int = 4) -> dict[str, Any]:
    return {
        "question": f" Which metal is number {i}? ", "answer": WORDS[i % n], "options": named(n),
        "meta_info": "step1" if i % 2 else "step2&3", "answer_idx": letter(i, n), "metamap_phrases": ["metal"],
    }  # fmt: skip


def medbullets(i: int) -> dict[str, Any]:
    options = {f"op{letter(j, 5).lower()}": WORDS[j] for j in range(5)}
    return {
        "link": f"https://example.org/view?qid={i}", "question": f"Which metal, {i}?", **options,
        "answer_idx": letter(i, 5), "answer": WORDS[i % 5], "explanation": "It shines.\n\nSo it does.", "": "",
    }  # fmt: skip


def mmlu(i: int) -> dict[str, Any]:
    return {"question": f"Which, {i}?", "subject": "anatomy", "choices": list(WORDS[:4]), "answer": i % 4}


def supergpqa(i: int) -> dict[str, Any]:
    """Ten options; the last two rows are of another discipline."""
    return {
        "uuid": f"u{i}", "question": f"Which number, {i}?", "options": [f"about {10 * j}" for j in range(10)],
        "answer": f"about {10 * i}", "answer_letter": letter(i, 10), "discipline": "Medicine" if i < 6 else "Law",
        "field": "Basic Medicine", "subfield": "Anatomy", "difficulty": "hard" if i % 2 else "easy",
        "is_calculation": i == 3,
    }  # fmt: skip


def mcmle(i: int) -> dict[str, Any]:
    return {**medqa(i), "question": f"第{i}种金属?", "meta_info": "生物化学"}


def cmmlu(i: int) -> dict[str, Any]:
    return {"": i, "Question": f"第{i}种金属?", **dict(zip("ABCD", WORDS, strict=False)), "Answer": letter(i)}


def cmb(i: int) -> dict[str, Any]:
    """The last row has several right options; one option of the first is empty."""
    options = named(5) | ({"E": ""} if i == 0 else {})
    return {
        "id": 100 + i, "exam_type": "医师考试", "exam_class": "执业医师", "exam_subject": "临床执业医师",
        "question": f"第{i}种金属?", "question_type": "单项选择题" if i < 7 else "多项选择题", "option": options,
    }  # fmt: skip


def cmb_answers(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of the test split; a row's own `answer`, put there by a test, goes first."""
    return [{"id": row["id"], "answer": row.get("answer", letter(row["id"], 5))} for row in rows]


def cmexam(i: int) -> dict[str, Any]:
    """Row 6 has two right options, row 7 no answer."""
    return {
        "Question": f"第{i}种金属?", "Options": "\n".join(f"{letter(j, 5)} {WORDS[j]}" for j in range(5)),
        "Answer": {6: "BA", 7: ""}.get(i, letter(i, 5)), "Explanation": "它是金属。",
        "Disease Group": "血液", "Clinical Department": "内科", "Medical Discipline": "临床医学",
        "Area of Competency": "诊断", "Difficulty level": str(i % 5),
    }  # fmt: skip


def healthbench(i: int) -> dict[str, Any]:
    """Even rows are one turn with a physician's reply, odd ones three turns without."""
    before = [{"role": "user", "content": "My knee hurts."}, {"role": "assistant", "content": "Since when?"}]
    ideal = {"ideal_completion": " Rest it. ", "ideal_completions_group": "Group 1"} if i % 2 == 0 else None
    return {
        "prompt_id": f"p{i}", "example_tags": ["theme:context_seeking", "physician_agreed_category:enough"],
        "prompt": [*(before if i % 2 else ()), {"role": "user", "content": f" For {i} days. "}],
        "rubrics": [{"criterion": "Advises 'rest'", "points": 5, "tags": ["axis:accuracy"]},
                    {"criterion": "Advises 'running'", "points": -3, "tags": []}],
        "ideal_completions_data": ideal,
    }  # fmt: skip


RELEASES = {
    "medqa": Release("phrases_no_exclude_test.jsonl", medqa, ("answer_idx", "Q")),
    "mcmle": Release("test.jsonl", mcmle, ("answer_idx", "Q")),
    "medbullets": Release("medbullets_op5.csv", medbullets, ("answer_idx", "F"), knobs={"part": "op5"}),
    "mmlu_med": Release(
        "anatomy/test-00000-of-00001.parquet", mmlu, ("answer", 9), knobs={"subject": "anatomy"}, needed="choices"
    ),
    "supergpqa_med": Release("SuperGPQA-all.jsonl", supergpqa, ("answer_letter", "K"), kept=6, id="uuid"),
    "cmmlu_med": Release(
        "test/anatomy.csv", cmmlu, ("Answer", "E"), knobs={"subject": ["anatomy"]}, needed="Question"
    ),
    "cmb": Release(
        "CMB-Exam/CMB-test/CMB-test-choice-question-merge.json", cmb, ("answer", "F"), kept=7, id="id",
        more={"CMB-test-choice-answer.json": cmb_answers},
    ),
    "cmexam": Release("test_with_annotations.csv", cmexam, ("Answer", "F"), kept=7, needed="Options"),
    "healthbench": Release(
        "2025-05-07-06-14-12_oss_eval.jsonl", healthbench, None, needed="rubrics", id="prompt_id"
    ),
}  # fmt: skip
