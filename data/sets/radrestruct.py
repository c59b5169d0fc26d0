"""Rad-ReStruct: the questions that fill in a structured report of a chest X-ray, each depending on the answers before.

Pellegrini C et al., Rad-ReStruct: A Novel VQA Benchmark and Method for Structured Radiology Reporting (MICCAI 2023).
Read from the release's folder data/radrestruct: a file of questions a report, in test_qa_pairs 360 reports with 17,641
questions. The images are those of the Indiana University collection; where they lie in the set's folder images/, every
frontal image that id_to_img_mapping_frontal_reports.json names for the report is shown. Without that folder the
questions are asked without any image, by the text and the earlier answers alone, and `modality` is text.

Yes/no questions are of the kind yesno; the others have their options, one of which is right (single and fixed choice)
or several (multiple choice). What was asked and answered before is the column `context`, which stands
before the question, with the right answers, as the release has them. `question_type` is what the last part of the path
asks for, `cluster` the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from data.example import Example
from data.registry import SetInfo, folder
from data.sets._items import Row, examples, lettered, remedy, wrong
from data.sets._release import clean, read_json, sample
from recipes import BadInput

NAME = "radrestruct"
FILES = {"train": "train_qa_pairs", "validation": "val_qa_pairs", "test": "test_qa_pairs"}
MAPPING = "id_to_img_mapping_frontal_reports.json"
SINGLE, MULTI = ("single_choice", "fixed_choice"), "multi_choice"
ASPECTS = ("body_region", "localization", "attributes", "degree")
PARTS = ("question", "answers", "history", "info")  # a row is a list of these

ABOUT = SetInfo(
    name=NAME,
    splits=tuple(FILES),
    license="no licence stated",
    kinds=("yesno", "option", "multi"),
    text="questions that fill in a structured report of a chest X-ray, one after the other",
    extra=("language", "form", "organ", "question_type", "cluster", "answer_type", "path", "context", "distractors"),
    citation="Pellegrini C et al., Rad-ReStruct: A Novel VQA Benchmark and Method for Structured Radiology Reporting,"
    " MICCAI 2023, arXiv 2307.05766",
    remedy="put data/radrestruct of github.com/ChantalMP/Rad-ReStruct into {place}, and the images of"
    " https://openi.nlm.nih.gov/imgs/collections/NLMCXR_png.tgz into its folder images",
    rows={"test": 17641},
    benchmark="test",
    verified=True,
)


def load(split: str, *, n: int | None = None, seed: int = 0, history: bool = True) -> list[Example]:
    """A split, or n rows of it at random. history: whether the earlier questions and answers stand before each."""
    if not isinstance(history, bool):
        raise BadInput([f"{NAME}: history is {history!r}, it must be true or false"])
    todo, place = remedy(ABOUT), folder(NAME) / FILES[split]
    reports = sorted(place.glob("*.json"), key=lambda path: (len(path.stem), path.stem))
    if not reports:
        raise BadInput([f"{place}/*.json is missing; {todo}"])
    images = _images(folder(NAME), todo)
    found: list[Example] = []
    for report in reports:
        if images and not images.get(report.stem):
            raise BadInput([f"{folder(NAME) / MAPPING} names no image of report {report.stem}; {todo}"])
        made = partial(_example, split, history, report.stem, images.get(report.stem, ()))
        found += examples(ABOUT, str(report), _rows(report, todo), made)
    return sample(found, n, seed, f"{NAME}/{split}")


def _images(place: Path, todo: str) -> dict[str, tuple[str, ...]]:
    """Report -> its frontal images; none without a folder of them."""
    if not (place / "images").is_dir():
        return {}
    named = read_json(place / MAPPING, todo)
    if not isinstance(named, dict):
        raise BadInput([f"{place / MAPPING} holds no mapping; {todo}"])
    return {report: tuple(str(place / "images" / f"{name}.png") for name in names) for report, names in named.items()}


def _rows(report: Path, todo: str) -> list[Row]:
    """The questions of a report, by the names of their parts."""
    rows = read_json(report, todo)
    if not isinstance(rows, list):
        raise BadInput([f"{report} holds no list of questions; {todo}"])
    return [dict(zip(PARTS, row, strict=False)) if isinstance(row, list) else row for row in rows]


def _example(split: str, history: bool, report: str, images: tuple[str, ...], number: int, row: Row) -> Example:
    info = row["info"]
    path, choices = clean(info["path"]), [clean(option) for option in info["options"]]
    golds = _golds([clean(answer) for answer in row["answers"]], choices, info["answer_type"])
    yesno, options = set(choices) == {"yes", "no"}, lettered(choices)
    letters = [letter for letter, text in options.items() if text in golds]
    own = {
        "language": "en",
        "form": "closed",
        "organ": path.split("_")[0],
        "question_type": next((aspect for aspect in ASPECTS if path.endswith(aspect)), "presence"),
        "cluster": f"report:{report}",
        "answer_type": info["answer_type"],
        "path": path,
        "context": _told(row["history"]) if history else "",
        "distractors": [text for text in choices if text not in golds] if yesno else wrong(options, letters),
    }
    single = golds[0] if yesno else letters[0]
    return Example(
        id=f"{NAME}/{split}/{report}/{path}/{number}",
        question=clean(row["question"]),
        answer=letters if info["answer_type"] == MULTI else single,
        kind="multi" if info["answer_type"] == MULTI else "yesno" if yesno else "option",
        images=images,
        options=None if yesno else options,
        source=NAME,
        split=split,
        modality="x-ray" if images else "text",
        license=ABOUT.license,
        meta=own,
    )


def _golds(answers: Sequence[str], choices: Sequence[str], answer_type: str) -> Sequence[str]:
    """The answers; ValueError where they do not fit the question."""
    if answer_type not in (*SINGLE, MULTI):
        raise ValueError(f"answer_type is {answer_type!r}, it must be {', '.join((*SINGLE, MULTI))}")
    if not answers or (answer_type in SINGLE and len(answers) > 1):
        raise ValueError(f"{len(answers)} answers to a {answer_type}")
    if outside := [answer for answer in answers if answer not in choices]:
        raise ValueError(f"answer {outside[0]!r} is not among the options {', '.join(choices)}")
    return answers


def _told(history: Sequence[Any]) -> str:
    """What was asked and answered before, a line each."""
    return "\n".join(f"{clean(question)} {', '.join(map(clean, answers))}" for question, answers in history)
