"""MedCalc-Bench: what does this calculator give for this patient note?

Khandekar N et al., MedCalc-Bench: Evaluating Large Language Models for Medical Calculations, NeurIPS 2024 (v1.0, 1,047
test rows, 55 calculators). Read from test_data.csv (and train_data.csv), or from the hub. An answer is right within
the row's limits: 5 % either side for decimals, exactly for scores, dates and gestational ages. Physicians hold more
than a quarter of the original test labels to be wrong: labels="corrected" takes theirs (github.com/junzeye/
validate-medcalc-labels, 887 rows, in a folder of its own), without the 69 that they found cannot be answered.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from data.example import Example
from data.registry import SetInfo, folder
from data.sets._release import clean, from_files, hub_rows, sample
from recipes import BadInput, hint

NAME = "medcalc_bench"
HUB = "ncbi/MedCalc-Bench-v1.0"
LICENSE = "CC-BY-SA-4.0"
FILES = {"train": "train_data.csv", "test": "test_data.csv"}
LABELS = ("original", "corrected")
CORRECTED = "medcalc_v1_corrected.csv"
COLUMNS = ("Calculator ID", "Calculator Name", "Category", "Output Type", "Note ID", "Note Type", "Ground Truth Answer")

ABOUT = SetInfo(
    name=NAME,
    splits=tuple(FILES),
    license=LICENSE,
    kinds=("numeric",),
    text="a calculator's value for a patient note: decimals, scores, dates, gestational ages",
    hub=HUB,
    extra=(*COLUMNS, "lower", "upper", "trace", "distractors"),
    benchmark="test",
)

Row = dict[str, Any]


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
    place = folder(NAME)
    remedy = _remedy(place)
    files = from_files(source, place, NAME)
    rows = _table(place / FILES[split], remedy) if files else hub_rows(hub, split, f"check the network, or {remedy}")
    try:
        if labels == "corrected":
            rows = _corrected(rows, folder("medcalc_relabel"))
        found = [_example(row, split) for row in rows if len(row["Patient Note"]) <= (max_note_chars or 10**9)]
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput([f"{NAME} {split} is not in MedCalc-Bench's form ({error!r}); {remedy}"]) from error
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


def _table(path: Path, remedy: str) -> list[Row]:
    """The rows of a CSV file."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except FileNotFoundError as error:
        raise BadInput([f"{path} is missing; {remedy}"]) from error
    except (OSError, ValueError, csv.Error) as error:
        raise BadInput([f"{path} cannot be read ({error}); {remedy}"]) from error


def _corrected(rows: Iterable[Row], place: Path) -> list[Row]:
    """The relabelled rows, with the physicians' question, answer and limits; the worked explanation no longer fits."""
    remedy = f"put {CORRECTED} of github.com/junzeye/validate-medcalc-labels into {place}"
    labels = {row["Unique ID"]: row for row in _table(place / CORRECTED, remedy)}
    names = ("Question", "Ground Truth Answer", "Lower Limit", "Upper Limit")
    return [
        {**row, **{name: labels[i][name] for name in names}, "Ground Truth Explanation": ""}
        for row in rows
        if (i := str(row["Row Number"])) in labels and labels[i]["Ground Truth Answer"] != "N/A"
    ]


def _example(row: Row, split: str) -> Example:
    answer, lower, upper = _gold(row)
    distractors = [_wrong(answer, lower, upper)]
    own = {"lower": lower, "upper": upper, "trace": clean(row["Ground Truth Explanation"]), "distractors": distractors}
    return Example(
        id=f"{NAME}/{split}/{row['Row Number']}",
        question=f"{clean(row['Patient Note'])}\n{clean(row['Question'])}",
        answer=answer,
        kind="numeric",
        source=NAME,
        split=split,
        license=LICENSE,
        meta={name: row.get(name) for name in COLUMNS} | own,
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


def _remedy(place: Path) -> str:
    return f"put dataset/test_data.csv (and train_data.csv) of github.com/ncbi-nlp/MedCalc-Bench into {place}"
