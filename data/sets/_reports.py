"""What the readers of chest X-ray reports share: studies in MedEvalKit's form or in ReXrank's, made into Examples.

Both lie in a file SPLIT.json beside the folder images/. MedEvalKit's is a list of studies with `id`, `image` (a path,
or a list of them), `findings` and `impression`. ReXrank's, as its repository has it, maps a study's id to `image_path`,
`section_findings`, `section_impression` (NaN where a report has no such section), `context` and `frontal_lateral`.
A study with neither section asks nothing and is left out, as MedEvalKit does.

The gold is the text of the sections, one a line, without the labels `Findings:` and `Impression:`, which would raise
every measure of overlap for a model that repeats them. The indication is kept beside the item (`indication`) and is not
part of the prompt: the paper shows the images alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from data.example import Example
from data.registry import SetInfo, folder
from data.sets._items import Row, examples, remedy
from data.sets._release import clean, read_json, sample
from recipes import BadInput

FINDINGS = "Describe the findings of this chest X-ray study."
QUESTION = "Write the report of this chest X-ray study: the findings, then the impression."
SECTIONS = ("both", "findings")
COLUMNS = ("language", "organ", "cluster", "study", "findings", "impression", "indication", "views")


def studies(
    about: SetInfo,
    split: str,
    n: int | None,
    seed: int,
    cluster: Callable[[str, Row], str] | None = None,
    sections: str = "both",
) -> list[Example]:
    """A split of a set of reports, or n of them at random. `cluster` makes that column of a study's id and its row;
    without it every study stands alone. sections: both, or findings alone as a description of the images.

    BadInput for a file or a picture that lacks, a study that comes twice, and a row that is in neither form.
    """
    if sections not in SECTIONS:
        raise BadInput([f"{about.name}: sections is {sections!r}, it must be {' or '.join(SECTIONS)}"])
    path, todo = folder(about.name) / f"{split}.json", remedy(about)
    rows = examples(about, str(path), _rows(path, todo), partial(_example, about, split, path.parent, cluster))
    found = rows if sections == "both" else [_described(row) for row in rows if row.meta["findings"]]
    _find_missing(about, found)
    return sample(found, n, seed, f"{about.name}/{split}")


def _described(row: Example) -> Example:
    """The findings of a report as a description."""
    return replace(row, question=FINDINGS, answer=row.meta["findings"], kind="text")


def _rows(path: Path, todo: str) -> Sequence[Row]:
    """The studies of a file, each with its `id`."""
    held = read_json(path, todo)
    named = held.items() if isinstance(held, Mapping) else ()
    rows = [{**study, "id": name} if isinstance(study, Mapping) else study for name, study in named] or held
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise BadInput([f"{path} holds no list of studies; {todo}"])
    return rows


def _example(
    about: SetInfo, split: str, place: Path, cluster: Callable[[str, Row], str] | None, number: int, row: Row
) -> Example | None:
    study, prefix = clean(row["id"]), "section_" if "section_findings" in row else ""
    findings, impression = (_text(row[f"{prefix}{name}"]) for name in ("findings", "impression"))
    if not findings and not impression:
        return None
    named = row["image_path" if prefix else "image"]
    images = [named] if isinstance(named, str) else list(named)
    if not images:
        raise ValueError(f"study {study} has no image")
    return Example(
        id=f"{about.name}/{study}",
        question=QUESTION,
        answer="\n".join(filter(None, (findings, impression))),
        kind="report",
        images=tuple(str(place / "images" / name.lstrip("/")) for name in images),
        source=about.name,
        split=split,
        modality="chest-xray",
        license=about.license,
        meta={
            "language": "en",
            "organ": "chest",
            "cluster": cluster(study, row) if cluster else f"study:{study}",
            "study": study,
            "findings": findings,
            "impression": impression,
            "indication": _text(row.get("context")),
            "views": row.get("frontal_lateral"),
        },
    )


def _text(value: Any) -> str:
    """A section; ReXrank has NaN where there is none. ValueError for what is no text."""
    if value is None or value != value:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text of a report")
    return value.strip()


def _find_missing(about: SetInfo, found: list[Example]) -> None:
    """One BadInput for the pictures that are not there."""
    lost = [(row.id, image) for row in found for image in row.images if not Path(image).is_file()]
    if lost:
        row, image = lost[0]
        raise BadInput(
            [f"{about.name}: {len(lost)} images are missing, the first is {image} of {row}; {remedy(about)}"]
        )
