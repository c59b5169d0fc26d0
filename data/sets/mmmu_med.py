"""MMMU, the five subjects of Health & Medicine: college questions with up to seven pictures.

Yue X et al., MMMU: A Massive Multi-discipline Multimodal Understanding and Reasoning Benchmark for Expert AGI (CVPR
2024). Read from the authors' hub release, a folder a subject, or from the hub. All pictures of a row are kept, in the
order of their numbers; where the question or an option names one, `<image 2>`, it reads "[image 2]" here (the number
counts the row's pictures). The test split has its answers since February 2026; a download from before, with "?" in
their place, is refused. The 1,927 items of the Lingshu paper's Table 25 are all three splits: 25 + 150 + 1,752.

Open items give one answer or a list of accepted ones: the first number of a list, else its first entry, is the gold,
and of words the others are `synonyms`, which the reward `answer_match` takes for it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from data.example import Example, infer_kind
from data.registry import SetInfo
from data.sets._items import Row, choice, chosen, examples, hub_pictures, lettered, rows_of, stored
from data.sets._release import clean, sample

NAME = "mmmu_med"
HUB = "MMMU/MMMU"
SUBJECTS = (
    "Basic_Medical_Science",
    "Clinical_Medicine",
    "Diagnostics_and_Laboratory_Medicine",
    "Pharmacy",
    "Public_Health",
)
PICTURES = {str(i): f"image_{i}" for i in range(1, 8)}
COLUMNS = ("question_type", "subfield", "img_type", "topic_difficulty", "explanation")  # official names

_NAMED = re.compile(r"<image (\d)>")

ABOUT = SetInfo(
    name=NAME,
    splits=("dev", "validation", "test"),
    license="Apache-2.0",
    kinds=("option", "numeric", "text"),
    text="college questions of Health & Medicine with up to seven pictures",
    hub=HUB,
    extra=("language", "subject", "difficulty", "synonyms", *COLUMNS, "distractors"),
    citation="Yue X et al., MMMU: A Massive Multi-discipline Multimodal Understanding and Reasoning Benchmark for"
    " Expert AGI, CVPR 2024, arXiv 2311.16502",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}` (a folder a subject)",
    rows={"dev": 25, "validation": 150, "test": 1752},
    benchmark="test",
)


def load(
    split: str,
    *,
    n: int | None = None,
    seed: int = 0,
    subject: str | Sequence[str] | None = None,
    source: str = "auto",
    hub: str = HUB,
) -> list[Example]:
    """A split, or n rows of it at random.

    subject: one or several of the five, all of them by default; source: files, hub, or auto (files where their folder
    is, else the hub); hub: the id there.
    """
    found: list[Example] = []
    for name in chosen(ABOUT, "subject", subject, SUBJECTS):
        read, made = partial(_hub, hub, split, name), partial(_example, split, name)
        found += examples(ABOUT, *rows_of(ABOUT, f"{name}/{split}-*.parquet", source, read), made)
    return sample(found, n, seed, f"{NAME}/{split}")


def _hub(hub: str, split: str, subject: str, todo: str) -> Any:
    return hub_pictures(hub, split, todo, subject)


def _example(split: str, subject: str, number: int, row: Row) -> Example:
    pictures = {i: stored(row[column]) for i, column in PICTURES.items() if row.get(column) is not None}
    places = {i: str(place) for place, i in enumerate(pictures, 1)}
    if not pictures:
        raise ValueError("has no picture")
    question = _named(clean(row["question"]), places)
    options = {letter: _named(text, places) for letter, text in lettered(_listed(row["options"])).items()}
    meta = {name: row[name] for name in COLUMNS}
    meta |= {"subject": subject, "difficulty": clean(row["topic_difficulty"]).lower(), "synonyms": None}
    asked = _chosen if row["question_type"] == "multiple-choice" else _open
    example = asked(split, clean(row["id"]), question, options, row["answer"], meta)
    modality = "; ".join(clean(kind).lower() for kind in _listed(row["img_type"]))
    return replace(example, images=tuple(pictures.values()), modality=modality)


def _chosen(split: str, name: str, question: str, options: Mapping[str, str], answer: Any, meta: Row) -> Example:
    return choice(ABOUT, split, name, question, options, _given(answer), meta)


def _open(split: str, name: str, question: str, options: Mapping[str, str], answer: Any, meta: Row) -> Example:
    accepted = [clean(one) for one in _listed(_given(answer))]
    gold = next((one for one in accepted if infer_kind(one) == "numeric"), accepted[0])
    others = [one for one in accepted if one != gold]
    kind = "numeric" if infer_kind(gold) == "numeric" else "text"
    return Example(
        id=f"{NAME}/{name}",
        question=question,
        answer=gold,
        kind=kind,
        source=NAME,
        split=split,
        license=ABOUT.license,
        meta={
            "language": "en",
            **meta,
            "synonyms": {gold: others} if others and kind == "text" else None,
            "distractors": [],
        },
    )


def _given(answer: Any) -> Any:
    if answer is None or clean(answer) in ("", "[]"):
        raise ValueError("has no answer")
    if clean(answer) == "?":
        raise ValueError("its answer is held back (?), as it was before February 2026: download the release anew")
    return answer


def _named(text: str, places: Mapping[str, str]) -> str:
    """`<image i>` as "[image k]", k the picture's place; ValueError for one that the row does not have."""
    if lost := [i for i in _NAMED.findall(text) if i not in places]:
        raise ValueError(f"names picture {lost[0]}, which it does not have")
    return _NAMED.sub(lambda found: f"[image {places[found[1]]}]", text)


def _listed(value: Any) -> list[Any]:
    """A list that the release may write as the text of a Python list; any other text is the one entry of its list."""
    if not isinstance(value, str):
        return list(value)
    if not value.strip().startswith("["):
        return [value]
    try:
        return list(ast.literal_eval(value.strip()))
    except SyntaxError as error:
        raise ValueError(f"{value!r} is no list") from error
