"""VQA-Med 2019: questions about radiology pictures by modality, plane, organ system and abnormality.

Ben Abacha A et al., VQA-Med: Overview of the Medical Visual Question Answering Task at ImageCLEF 2019. Read from the
unpacked archives of the release: lines of `image|question|answer`, in the test part `image|category|question|answer`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from data.formats import qa
from data.formats.release import Release
from data.registry import SetInfo
from data.sets._items import Row
from recipes import BadInput

FOLDERS = {  # split -> (file of the questions, folder of the pictures)
    "train": ("ImageClef-2019-VQA-Med-Training/All_QA_Pairs_train.txt", "Train_images"),
    "validation": ("ImageClef-2019-VQA-Med-Validation/All_QA_Pairs_val.txt", "Val_images"),
    "test": ("VQAMed2019Test/VQAMed2019_Test_Questions_w_Ref_Answers.txt", "VQAMed2019_Test_Images"),
}

ABOUT = SetInfo(
    name="vqa_med_2019",
    splits=tuple(FOLDERS),
    license="",
    kinds=("yesno", "numeric", "text"),
    text="questions about radiology pictures: modality, plane, organ, abnormality",
    citation="Ben Abacha A et al., VQA-Med: Overview of the Medical Visual Question Answering Task at ImageCLEF 2019,"
    " CLEF 2019 Working Notes",
    remedy="put the unpacked archives of github.com/abachaa/VQA-Med-2019 into {place}",
    rows={"train": 12_792, "validation": 2_000, "test": 500},
    classes=("instruct", "rl"),
)


def _lines(place: Path, pattern: str, todo: str) -> Iterable[Row]:
    """The rows of a file of lines with bars; the picture's path is the folder's."""
    path, pictures = place / pattern, dict(FOLDERS.values())[pattern]
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError as error:
        raise BadInput([f"{path} is missing; {todo}"]) from error
    except (OSError, ValueError) as error:
        raise BadInput([f"{path} cannot be read ({error}); {todo}"]) from error
    return [_row(path.parent.name, pictures, line.split("|")) for line in lines if line.strip()]


def _row(inside: str, pictures: str, cells: list[str]) -> Row:
    names = ("image", "category", "question", "answer") if len(cells) == 4 else ("image", "question", "answer")
    row = dict(zip(names, cells, strict=False))
    return {**row, "path": f"{inside}/{pictures}/{row['image']}.jpg"}


load = qa.loader(
    Release(
        ABOUT,
        files="{split}",
        names={split: file for split, (file, _) in FOLDERS.items()},
        pictures="",
        modality="radiology",
        keep=("category",),
        reader=_lines,
    ),
    question="question",
    answer="answer",
    image="path",
)
