"""VQA-RAD: clinicians' questions about radiology images.

Lau JJ et al., A dataset of clinically generated visual questions and answers about radiology images, Sci Data 5:180251
(2018). Read from the release files trainset.json, testset.json and images/ (3,064 + 451 questions) or from the hub
(fewer train rows: repeated ones were removed there; without the columns besides question, answer and image).
The official split shares images between train and test.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data.example import Example, infer_kind
from data.registry import SetInfo, folder
from data.sets._release import clean, from_files, hub_rows, of_kinds, read_json, sample
from recipes import BadInput

NAME = "vqa_rad"
HUB = "flaviagiammarino/vqa-rad"
LICENSE = "MIT"
FILES = {"train": "trainset.json", "test": "testset.json"}
# official names; question and answer are fields of Example
COLUMNS = ("qid", "image_name", "image_organ", "answer_type", "question_type", "phrase_type")
MODALITIES = {"HEAD": "head-ct-mr", "CHEST": "chest-xray", "ABD": "abdomen-ct"}

ABOUT = SetInfo(
    name=NAME,
    splits=tuple(FILES),
    license=LICENSE,
    kinds=("yesno", "numeric", "text"),
    text="clinicians' questions about radiology images, half of them yes/no",
    hub=HUB,
    extra=COLUMNS,
    benchmark="test",
)


def load(
    split: str,
    *,
    n: int | None = None,
    seed: int = 0,
    kinds: Sequence[str] | None = None,
    source: str = "auto",
    hub: str = HUB,
) -> list[Example]:
    """A split, or n rows of it at random.

    kinds: keep only these; source: files, hub, or auto (files where their folder is, else the hub); hub: the id there.
    """
    place = folder(NAME)
    files = from_files(source, place, NAME)
    rows = _released(place, split) if files else [_on_hub(i, row, split) for i, row in enumerate(_hub(hub, split))]
    if files:
        _find_missing(rows, place)
    return sample(of_kinds(rows, kinds, NAME), n, seed, f"{NAME}/{split}")


def _released(place: Path, split: str) -> list[Example]:
    """All rows of a release file."""
    remedy = _remedy(place)
    path = place / FILES[split]
    rows = read_json(path, remedy)
    if not isinstance(rows, list) or not rows:
        raise BadInput([f"{path} holds no list of rows; {remedy}"])
    try:
        return [_row(row, split, place / "images" / row["image_name"]) for row in rows]
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput([f"{path} is not in VQA-RAD's form ({error!r}); {remedy}"]) from error


def _row(row: dict[str, Any], split: str, image: Path) -> Example:
    meta = {name: clean(row[name]) for name in COLUMNS}
    return _example(f"{NAME}/{split}/{meta['qid']}", row, split, str(image), meta)


def _on_hub(index: int, row: dict[str, Any], split: str) -> Example:
    return _example(f"{NAME}/{split}/hub-{index}", row, split, row["image"], dict.fromkeys(COLUMNS))


def _example(name: str, row: dict[str, Any], split: str, image: Any, meta: dict[str, Any]) -> Example:
    answer = clean(row["answer"])
    kind = infer_kind(answer)
    return Example(
        id=name,
        question=clean(row["question"]),
        answer=answer.lower() if kind == "yesno" else answer,
        kind=kind,
        images=(image,),
        source=NAME,
        split=split,
        modality=MODALITIES.get(str(meta["image_organ"]), "radiology"),
        license=LICENSE,
        meta=meta,
    )


def _hub(hub: str, split: str) -> Any:
    return hub_rows(hub, split, f"check the network, or {_remedy(folder(NAME))}")


def _find_missing(rows: list[Example], place: Path) -> None:
    """One BadInput for the pictures that are not there."""
    there = {str(path) for path in (place / "images").glob("*")}
    lost = sorted({row.images[0] for row in rows} - there)
    if lost:
        raise BadInput([f"{NAME}: {len(lost)} images are missing, the first is {lost[0]}; {_remedy(place)}"])


def _remedy(place: Path) -> str:
    return f"put data/trainset.json, data/testset.json and data/images of github.com/Awenbocc/med-vqa into {place}"
