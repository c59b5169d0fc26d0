"""Real golds in 20 styles: each must score 1, and another valid answer of the same question, in the same styles, 0."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import data
import rewards
from recipes import BadInput

WHY = "The findings described are weighed against the usual course of the disease."
THINK = f"<think>{WHY}</think>\n"
# How models write an answer: ANSWER, or it in upper or lower case. For options a letter; TEXT is the option's text.
STYLES = {
    "bare": "ANSWER",
    "tagged": f"{THINK}<answer>ANSWER</answer>",
    "without thinking": "<answer>ANSWER</answer>",
    "template opened the thinking": f"{WHY}</think>\n<answer>ANSWER</answer>",
    "thinking, then bare": f"{THINK}\nANSWER",
    "boxed": f"{WHY}\n\n\\boxed{{ANSWER}}",
    "boxed text": f"{WHY} $\\boxed{{\\text{{ANSWER}}}}$",
    "LaTeX text": f"{THINK}<answer>$\\text{{ANSWER}}$</answer>",
    "bold": f"{THINK}<answer>**ANSWER**</answer>",
    "upper case": f"{THINK}<answer>UPPER</answer>",
    "lower case": f"{THINK}<answer>LOWER</answer>",
    "quotes": f'{THINK}<answer>"ANSWER"</answer>',
    "brackets": f"{THINK}<answer>(ANSWER)</answer>",
    "full stop": f"{THINK}<answer>ANSWER.</answer>",
    "sentence": f"{THINK}<answer>The answer is ANSWER.</answer>",
    "final answer": f"{WHY}\n\n**Final answer:** ANSWER",
    "prose": f"{WHY} Therefore, the correct answer is ANSWER.",
    "Chinese marker": "答案:ANSWER",
    "reasons after": f"{THINK}<answer>ANSWER</answer>\n{WHY}",
    "heading": f"{WHY}\n\n### Answer\nANSWER",
}
OPTION_STYLES = {  # in place of "without thinking" and "heading"
    "letter and text": f"{THINK}<answer>ANSWER. TEXT</answer>",
    "text": f"{THINK}<answer>TEXT</answer>",
}
SLOT = re.compile("ANSWER|UPPER|LOWER|TEXT")
SETS = (  # data set, splits
    ("pubmedqa", ("train", "test")),
    ("medmcqa", ("validation",)),
    ("mirage", ("test",)),
    ("vqa_rad", ("train", "test")),
    ("medcalc_bench", ("test",)),
)
Columns = dict[str, Any]


def styles(kind: str) -> dict[str, str]:
    """The 20 styles of a kind of row."""
    if kind != "option":
        return STYLES
    return {name: text for name, text in STYLES.items() if name not in ("without thinking", "heading")} | OPTION_STYLES


def written(answer: str, row: Columns) -> Iterator[tuple[str, str]]:
    """(style, completion) that give an answer to a row."""
    words = {"ANSWER": answer, "UPPER": answer.upper(), "LOWER": answer.lower()}
    words["TEXT"] = (row.get("options") or {}).get(answer, "")
    for name, style in styles(row["kind"]).items():
        yield name, SLOT.sub(lambda slot: words[slot[0]], style)


def rows_of(use: str, splits: tuple[str, ...], limit: int | None) -> list[Columns]:
    """The rows of a set; none, and a word why, where its files are not here."""
    try:
        knobs = {} if use == "mirage" else {"source": "files"}
        return [row.columns() for split in splits for row in data.load(use, split, n=limit, **knobs)]
    except BadInput as error:
        print(f"left out: {error}")
        return []


def other_answer(row: Columns, place: int, rows: list[Columns]) -> str | None:
    """Another valid answer to the row's question: a distractor, the other polarity, another number, another's gold."""
    if wrong := row.get("distractors"):
        return wrong[place % len(wrong)]
    if row["kind"] == "yesno":
        return "no" if row["answer"] == "yes" else "yes"
    if row["kind"] == "numeric":
        return re.sub(r"\d+", lambda number: str(int(number[0]) + 1), row["answer"], count=1)
    return another_gold(row, place, rows) if row["kind"] == "text" else None


def another_gold(row: Columns, place: int, rows: list[Columns]) -> str | None:
    """The next gold to a question of the same type that shares no word with this one."""
    words = set(re.findall(r"\w+", row["answer"].lower()))
    for other in rows[place + 1 :] + rows[:place]:
        same = other["kind"] == "text" and other.get("question_type") == row.get("question_type")
        if same and not words & set(re.findall(r"\w+", other["answer"].lower())):
            return other["answer"]
    return None


def within_limits(row: Columns) -> str | None:
    """A number inside the row's limits that is not the gold: half-way to the lower one."""
    lower, upper = row.get("lower"), row.get("upper")
    return None if lower is None or lower == upper else f"{(lower + float(row['answer'])) / 2:.6g}"


def figures(use: str, splits: tuple[str, ...], limit: int | None = None, show: int = 0) -> dict[str, Any]:
    """{rows, gold, other, inside: {n, right, share}, missed: the styles that failed most} of one set.

    inside: another number within the row's limits, which is right as well. show: so many failures are printed.
    """
    grader, rows = rewards.load("answer_match"), rows_of(use, splits, limit)
    counts: dict[str, list[int]] = {"gold": [0, 0], "other": [0, 0], "inside": [0, 0]}
    missed: Counter[str] = Counter()
    for place, row in enumerate(rows):
        answers = {"gold": row["answer"], "other": other_answer(row, place, rows), "inside": within_limits(row)}
        for name, answer in answers.items():
            for style, text in written(answer, row) if answer else ():
                score = grader(rewards.parse(text), **row)
                right = score is not None and score.value == (name != "other")
                counts[name][0] += 1
                counts[name][1] += right
                if not right:
                    missed[f"{name}: {style}"] += 1
                    if missed.total() <= show:
                        print(f"  {row['id']} {name}, {style}: {answer!r} for {row['answer']!r}: {score}")
    shares = {name: {"n": n, "right": right, "share": right / n if n else None} for name, (n, right) in counts.items()}
    return {"rows": len(rows), **shares, "missed": dict(missed.most_common(8))}
