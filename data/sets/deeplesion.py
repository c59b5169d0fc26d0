"""DeepLesion: lesions in CT slices with their boxes; the kind of lesion is known in the validation and test parts.

Yan K et al., DeepLesion (2018). Read from DL_info.csv and the pictures in Images_png, 16-bit PNGs whose grey is the
Hounsfield unit plus 32,768. A row is a lesion: a slice with several comes several times. `Bounding_boxes` is in pixels.
The training part has no kinds (-1) and asks nothing here; the boxes of a row are kept. `cluster` is the patient.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release, text
from data.registry import SetInfo
from data.sets._items import Row

PARTS = {"validation": "2", "test": "3"}  # by the column Train_Val_Test
WORDS = {
    "1": "bone lesion",
    "2": "abdominal lesion",
    "3": "mediastinal lesion",
    "4": "liver lesion",
    "5": "lung lesion",
    "6": "kidney lesion",
    "7": "soft-tissue lesion",
    "8": "pelvic lesion",
}

ABOUT = SetInfo(
    name="deeplesion",
    splits=tuple(PARTS),
    license="",
    kinds=("text",),
    text="lesions in CT slices with their boxes",
    citation="Yan K et al., DeepLesion: Automated Mining of Large-Scale Lesion Annotations and Universal Lesion"
    " Detection with Deep Learning, J Med Imaging 2018, arXiv 1710.01766",
    remedy="put DL_info.csv and Images_png of https://nihcc.app.box.com/v/DeepLesion into {place}",
    classes=("imaging",),
)


def key_slice(row: Row) -> str:
    """000001_01_01_109.png lies at 000001_01_01/109.png."""
    return "/".join(row["File_name"].rsplit("_", 1))


def kind_of(row: Row) -> str:
    """The kind of lesion, "" where it is not known."""
    found = text(row, "Coarse_lesion_type")
    return "" if found == "-1" else found


load = labelled.loader(
    Release(
        ABOUT,
        files="DL_info.csv",
        only=lambda row, part, split: text(row, "Train_Val_Test") == PARTS[split],
        pictures="Images_png",
        modality="ct",
        cluster=lambda row: f"patient:{row['Patient_index']}",
        keep=("Bounding_boxes", "DICOM_windows", "Spacing_mm_px_", "Slice_range"),
    ),
    image=key_slice,
    label=kind_of,
    words=WORDS,
    question="What kind of lesion does this CT slice show?",
)
