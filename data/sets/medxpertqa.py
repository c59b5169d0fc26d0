"""MedXpertQA: expert-level questions, a text part (ten options) and a part with pictures (five options).

Zuo Y et al., MedXpertQA: Benchmarking Expert-Level Medical Reasoning and Understanding (ICML 2025). Read from the
release: Text/ and MM/ with a file a split, and the unzipped images.zip. The hub's rows hold only the names of the
pictures, so the part with pictures needs the files. The release repeats the options at the end of each question; here
they stand in `options` alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from data.example import Example
from data.registry import SetInfo, folder
from data.sets._items import Row, choice, chosen, examples, image_folder, lettered, remedy, rows_of
from data.sets._release import clean, from_files, hub_rows, sample
from recipes import BadInput

NAME = "medxpertqa"
HUB = "TsinghuaC3I/MedXpertQA"
FILES = {"validation": "dev", "test": "test"}
PARTS = {"text": "Text", "mm": "MM"}
COLUMNS = ("medical_task", "body_system", "question_type")  # official names

_REPEATED = re.compile(r"\s*Answer Choices:\s*\(A\).*", re.DOTALL)

ABOUT = SetInfo(
    name=NAME,
    splits=tuple(FILES),
    license="MIT",
    kinds=("option",),
    text="expert-level questions, a text part and a part with pictures, up to ten options",
    hub=HUB,
    extra=("language", "part", "organ", *COLUMNS, "distractors"),
    citation="Zuo Y et al., MedXpertQA: Benchmarking Expert-Level Medical Reasoning and Understanding, ICML 2025,"
    " arXiv 2501.18362",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}` and unzip images.zip there, so that its"
    " pictures lie in {place}/images",
    rows={"validation": 10, "test": 4450},
    benchmark="test",
)


def load(
    split: str,
    *,
    n: int | None = None,
    seed: int = 0,
    part: str | Sequence[str] | None = None,
    source: str = "auto",
    hub: str = HUB,
) -> list[Example]:
    """A split, or n rows of it at random.

    part: text, mm, or both by default; source: files, hub, or auto (files where their folder is, else the hub), mm is
    in the files alone; hub: the id there.
    """
    found: list[Example] = []
    for name in chosen(ABOUT, "part", part, PARTS):
        where, rows, images = _rows(split, name, source, hub)
        found += examples(ABOUT, where, rows, partial(_example, split, name, images))
    return sample(found, n, seed, f"{NAME}/{split}")


def _rows(split: str, part: str, source: str, hub: str) -> tuple[str, Iterable[Row], Path | None]:
    """Where a part's rows lie, the rows, and the folder of its pictures (none for text)."""
    if part == "mm" and not from_files(source, folder(NAME), NAME):
        raise BadInput([f"{NAME}: the hub's rows of part mm hold no pictures; {remedy(ABOUT)}, or ask for part text"])
    pattern, read = f"{PARTS[part]}/{FILES[split]}.jsonl", partial(_hub, hub, FILES[split], PARTS[part])
    where, rows = rows_of(ABOUT, pattern, source, read)
    return where, rows, image_folder(ABOUT, folder(NAME) / "images") if part == "mm" else None


def _hub(hub: str, split: str, part: str, todo: str) -> Any:
    return hub_rows(hub, split, todo, part)


def _example(split: str, part: str, images: Path | None, number: int, row: Row) -> Example:
    meta = {name: row[name] for name in COLUMNS} | {"part": part, "organ": row["body_system"]}
    question = _REPEATED.sub("", clean(row["question"]))
    example = choice(ABOUT, split, clean(row["id"]), question, lettered(row["options"]), row["label"], meta)
    if images is None:
        return example
    if not row["images"]:
        raise ValueError(f"{clean(row['id'])} names no picture")
    return replace(example, images=tuple(str(images / name) for name in row["images"]), modality="mixed")
