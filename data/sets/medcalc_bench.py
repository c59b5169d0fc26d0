"""MedCalc-Bench: what does this calculator give for this patient note?

Khandekar N et al., MedCalc-Bench: Evaluating Large Language Models for Medical Calculations, NeurIPS 2024 (v1.0, 1,047
test rows, 55 calculators). Read from test_data.csv (and train_data.csv), or from the hub. An answer is right within
the row's limits: 5 % either side for decimals, exactly for scores, dates and gestational ages. Physicians hold more
than a quarter of the original test labels to be wrong: labels="corrected" takes theirs (github.com/junzeye/
validate-medcalc-labels, 887 rows, in a folder of its own), without the 69 that they found cannot be answered.
`subject` is the category, `cluster` the note, which several rows may ask about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from data.example import Example
from data.registry import SetInfo, folder
from data.sets._items import Row, examples, rows_of
from data.sets._release import clean, hub_rows, sample, table
from recipes import BadInput, hint

NAME = "medcalc_bench"
HUB = "ncbi/MedCalc-Bench-v1.0"
LICENSE = "CC-BY-SA-4.0"
FILES = {"train": "train_data.csv", "test": "test_data.csv"}
LABELS = ("original", "corrected")
CORRECTED = "medcalc_v1_corrected.csv"
COLUMNS = ("Calculator ID", "Calculator Name", "Category", "Output Type", "Note ID", "Note Type", "Ground Truth Answer")
STANDARD = {"subject": "Category", "question_type": "Output Type"}

ABOUT = SetInfo(
    name=NAME,
    splits=tuple(FILES),
    license=LICENSE,
    kinds=("numeric",),
    text="a calculator's value for a patient note: decimals, scores, dates, gestational ages",
    hub=HUB,
    extra=("language", *STANDARD, "cluster", *COLUMNS, "lower", "upper", "trace", "distractors"),
    citation="Khandekar N et al., MedCalc-Bench: Evaluating Large Language Models for Medical Calculations, NeurIPS"
    " 2024, arXiv 2406.12036",
    remedy="put dataset/test_data.csv (and train_data.csv) of github.com/ncbi-nlp/MedCalc-Bench into {place}"
    f" (on the hub: {HUB})",
    rows={"train": 10053, "test": 1047},
    benchmark="test",
    verified=True,
)


def load(
    split: str,
    *,
    n: int | None = None,
    seed: int = 0,
    labels: str = "original",
    max_note_chars: int | None = None,
    source: str = "auto",
    hub: str = HUB,
) -> list[Example]:
    """A split, or n rows of it at random. lower, upper: the limits of a right number, in the answer's unit; None for
    dates and gestational ages. The trace of a row is the release's explanation.

    labels: original, or corrected (test only); max_note_chars: only rows whose note is no longer (cut, it would lack
    inputs); source: files, hub, or auto (files where their folder is, else the hub); hub: the id there.
    """
    _judge(split, labels, max_note_chars)
    where, rows = rows_of(ABOUT, FILES[split], source, partial(hub_rows, hub, split))
    if labels == "corrected":
        rows = _corrected(rows, folder("medcalc_relabel"))
    found = examples(ABOUT, where, rows, partial(_example, split, max_note_chars or 10**9))
    return sample(found, n, seed, f"{NAME}/{split}")


def _judge(split: str, labels: str, limit: int | None) -> None:
    problems = []
    if labels not in LABELS:
        problems.append(f"{NAME}: labels is {labels!r}{hint(str(labels), LABELS)}; it must be {' or '.join(LABELS)}")
    elif labels == "corrected" and split != "test":
        problems.append(f"{NAME}: only test rows have corrected labels, not {split}")
    if limit is not None and (type(limit) is not int or limit < 1):
        problems.append(f"{NAME}: max_note_chars is {limit!r}, it must be a number of characters")
    if problems:
        raise BadInput(problems)


def _corrected(rows: Iterable[Row], place: Path) -> list[Row]:
    """The relabelled rows, with the physicians' question, answer and limits; the worked explanation no longer fits."""
    todo = f"put data/{CORRECTED} of github.com/junzeye/validate-medcalc-labels into {place}"
    names = ("Question", "Ground Truth Answer", "Lower Limit", "Upper Limit")
    try:
        labels = {row["Unique ID"]: {name: row[name] for name in names} for row in table(place, CORRECTED, todo)}
    except KeyError as error:
        raise BadInput([f"{place / CORRECTED} has no column {error}; {todo}"]) from error
    return [
        {**row, **label, "Ground Truth Explanation": ""}
        for row in rows
        if (label := labels.get(str(row.get("Row Number")))) and label["Ground Truth Answer"] != "N/A"
    ]


def _example(split: str, longest: int, number: int, row: Row) -> Example | None:
    if len(row["Patient Note"]) > longest:
        return None
    answer, lower, upper = _gold(row)
    distractors = [_wrong(answer, lower, upper)]
    own = {"lower": lower, "upper": upper, "trace": clean(row["Ground Truth Explanation"]), "distractors": distractors}
    standard = {name: row.get(column) for name, column in STANDARD.items()} | {"cluster": f"note:{row['Note ID']}"}
    return Example(
        id=f"{NAME}/{split}/{row['Row Number']}",
        question=f"{clean(row['Patient Note'])}\n{clean(row['Question'])}",
        answer=answer,
        kind="numeric",
        source=NAME,
        split=split,
        license=LICENSE,
        meta={"language": "en", **standard, **{name: row.get(name) for name in COLUMNS}, **own},
    )


def _gold(row: Row) -> tuple[str, float | None, float | None]:
    """(answer, lower, upper): limits for numbers only; scores are exact, also where the relabelling gives 5 %."""
    answer = clean(row["Ground Truth Answer"])
    if row["Output Type"] == "date":
        datetime.strptime(answer, "%m/%d/%Y")
        return answer, None, None
    if "Gestational Age" in row["Calculator Name"]:
        weeks = re.fullmatch(r"\('(\d+) weeks?', '(\d+) days?'\)", answer)
        return (f"{weeks[1]} weeks {weeks[2]} days" if weeks else f"{int(answer)} days"), None, None
    if row["Output Type"] == "integer":
        return answer, float(answer), float(answer)
    return answer, float(row["Lower Limit"]), float(row["Upper Limit"])


def _wrong(answer: str, lower: float | None, upper: float | None) -> str:
    """An answer of the same form that is wrong: beyond the limits, a week later."""
    if lower is not None and upper is not None:
        past = upper + max(upper - lower, 1.0)
        return str(round(past)) if float(answer).is_integer() else f"{past:.3f}"
    if "/" in answer:
        return (datetime.strptime(answer, "%m/%d/%Y") + timedelta(weeks=1)).strftime("%m/%d/%Y")
    return re.sub(r"\d+", lambda number: str(int(number[0]) + 7), answer, count=1)
