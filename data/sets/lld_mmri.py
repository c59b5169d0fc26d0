"""LLD-MMRI: MR volumes of 498 livers in eight phases each, with lesions of seven kinds and their boxes.

Lou M et al., SDR-Former (Neural Networks 2025); the challenge LLD-MMRI2023. Read from labels/Annotation.json, as the
challenge documents it, and images/CASE/STUDY/SERIES.nii.gz. A row is a volume: `phase` says which (T2WI, DWI, C+A,
...), `annotation` has its lesions with their boxes, in voxels of the file. Cases whose label was kept for the challenge
(-1) are left out. `cluster` is the patient.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo
from data.sets._items import Row
from data.sets._release import clean, read_json
from recipes import BadInput

KINDS = {
    "Hepatic_hemangioma": "hepatic haemangioma",
    "Intrahepatic_cholangiocarcinoma": "intrahepatic cholangiocarcinoma",
    "Hepatic_abscess": "hepatic abscess",
    "Hepatic_metastasis": "hepatic metastasis",
    "Hepatic_cyst": "hepatic cyst",
    "FOCAL_NODULAR_HYPERPLASIA": "focal nodular hyperplasia",
    "Hepatocellular_carcinoma": "hepatocellular carcinoma",
}
WORDS = KINDS | {str(number): kind for number, kind in enumerate(KINDS.values())}
UNKNOWN = {"-1", "Inaccessible"}

ABOUT = SetInfo(
    name="lld_mmri",
    splits=("train",),
    license="",
    kinds=("text",),
    text="MR volumes of livers in eight phases, with lesions and their boxes",
    citation="Lou M et al., SDR-Former: A Siamese Dual-Resolution Transformer for liver lesion classification using 3D"
    " multi-phase imaging, Neural Networks 2025, arXiv 2402.17246; github.com/LMMMEng/LLD-MMRI-Dataset",
    access="agreement: research use, asked for at github.com/LMMMEng/LLD-MMRI-Dataset",
    remedy="ask for the data at https://github.com/LMMMEng/LLD-MMRI-Dataset and put its folders images and labels"
    " (with Annotation.json) into {place}",
    rows={"train": 3_984},
    classes=("imaging",),
)


def _volumes(place: Path, pattern: str, todo: str) -> Iterable[Row]:
    """A row a volume of every case."""
    path = place / pattern
    try:
        cases = read_json(path, todo)["Annotation_info"].items()
        return [{**volume, "case": case} for case, volumes in cases for volume in volumes]
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput([f"{path} maps no case of Annotation_info to its volumes; {todo}"]) from error


def _kind(row: Row) -> str:
    """What the lesions are, "" where that is kept secret; ValueError where they differ."""
    kinds = {clean(lesion["category"]) for lesion in row["annotation"]["lesion"].values()} - UNKNOWN
    if len(kinds) > 1:
        raise ValueError(f"its lesions are of {len(kinds)} kinds")
    return "".join(kinds)


load = labelled.loader(
    Release(
        ABOUT,
        files="labels/Annotation.json",
        modality="mri",
        cluster=lambda row: f"patient:{row['case']}",
        keep=("phase", "annotation"),
        reader=_volumes,
    ),
    image=lambda row: f"{row['case']}/{row['studyUID']}/{row['seriesUID']}.nii.gz",
    label=_kind,
    words=WORDS,
    question="What kind of lesion does this MR volume of the liver show?",
    anatomy="liver",
)
