"""PAPILA: 488 fundus photographs, both eyes of 244 patients: healthy, with glaucoma or suspected of it.

Kovalyk O et al., PAPILA (Scientific Data 2022). Read from ClinicalData/patient_data_od.xlsx and _os.xlsx (the right and
the left eye), whose rows begin with the patient (`#002`) below two lines of headers, and FundusImages/RET002OD.jpg.
`Diagnosis` is 0 for healthy, 1 for glaucoma and 2 for suspected. `cluster` is the patient. The article and the release
state different licences (CC-BY-4.0, GPL-3.0), so that none is given here.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo
from data.sets._items import Row
from recipes import BadInput

WORDS = {"0": "no glaucoma", "1": "glaucoma", "2": "suspected glaucoma"}
SHEET, TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"

ABOUT = SetInfo(
    name="papila",
    splits=("train",),
    license="",
    kinds=("text",),
    text="fundus photographs of both eyes, with and without glaucoma",
    citation="Kovalyk O et al., PAPILA: Dataset with fundus images and clinical data of both eyes of the same patient"
    " for glaucoma assessment, Scientific Data 9:291, 2022",
    remedy="put the folders FundusImages and ClinicalData of PAPILA.zip"
    " (https://figshare.com/articles/dataset/PAPILA/14798004) into {place}",
    rows={"train": 488},
    classes=("imaging",),
)


def _eyes(place: Path, pattern: str, todo: str) -> Iterable[Row]:
    """A row an eye: patient, eye (OD or OS) and diagnosis."""
    paths = sorted(place.glob(pattern))
    if not paths:
        raise BadInput([f"{place / pattern} is missing; {todo}"])
    for path in paths:
        try:
            header, *rows = _cells(path)
            column = next(place for place, said in header.items() if said == "Diagnosis")
        except (OSError, KeyError, ValueError, StopIteration, zipfile.BadZipFile, ElementTree.ParseError) as error:
            told = "no column Diagnosis" if isinstance(error, StopIteration) else error
            raise BadInput([f"{path} cannot be read ({told}); {todo}"]) from error
        eye = path.stem[-2:].upper()
        for row in rows:
            if (patient := row.get("A", "")).startswith("#"):
                yield {"patient": patient[1:], "eye": eye, "Diagnosis": row[column].removesuffix(".0")}


def _cells(path: Path) -> Iterator[dict[str, str]]:
    """The rows of an Excel file's first sheet: column letter -> what stands there."""
    with zipfile.ZipFile(path) as file:
        shared = ElementTree.fromstring(file.read(TEXTS)) if TEXTS in file.namelist() else ()
        sheet = ElementTree.fromstring(file.read(SHEET))
    texts = ["".join(part.text or "" for part in one.iter() if part.tag.endswith("}t")) for one in shared]
    for row in (one for one in sheet.iter() if one.tag.endswith("}row")):
        cells = {cell.attrib["r"].rstrip("0123456789"): cell for cell in row}
        said = {at: "".join(part.text or "" for part in cell.iter()).strip() for at, cell in cells.items()}
        yield {at: texts[int(said[at])] if cell.get("t") == "s" else said[at] for at, cell in cells.items()}


load = labelled.loader(
    Release(
        ABOUT,
        files="ClinicalData/patient_data_o*.xlsx",
        pictures="FundusImages",
        modality="fundus",
        cluster=lambda row: f"patient:{row['patient']}",
        keep=("eye",),
        reader=_eyes,
    ),
    image=lambda row: f"RET{row['patient']}{row['eye']}.jpg",
    label="Diagnosis",
    words=WORDS,
    question="Does this fundus photograph show glaucoma?",
    anatomy="retina",
)
