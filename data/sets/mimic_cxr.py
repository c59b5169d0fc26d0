"""MIMIC-CXR: chest X-ray reports of a Boston emergency department; credentialed access.

Johnson AEW et al., MIMIC-CXR, a de-identified publicly available database of chest radiographs with free-text reports
(Sci Data 2019). Read from test.json in MedEvalKit's form or in ReXrank's, whose split of the official test part is the
one the Lingshu paper follows (2,195 reports with 3,681 images there). MedEvalKit ships no such file. Images are the
JPEGs of MIMIC-CXR-JPG, under files/ there. The other splits, train.json and validation.json, are read in the same
forms; nobody distributes them, since that takes the same access. `___` stands in the reports for what was removed to
protect patients.
"""

from __future__ import annotations

from data.example import Example
from data.registry import SetInfo
from data.sets._items import Row
from data.sets._release import clean
from data.sets._reports import COLUMNS, studies

ABOUT = SetInfo(
    name="mimic_cxr",
    splits=("train", "validation", "test"),
    license="PhysioNet Credentialed Health Data License 1.5.0",
    kinds=("report", "text"),
    text="reports of chest X-rays of an emergency department",
    extra=COLUMNS,
    citation="Johnson AEW et al., MIMIC-CXR, a de-identified publicly available database of chest radiographs with"
    " free-text reports, Sci Data 6:317, 2019",
    access="credentialed: PhysioNet",
    remedy="get access at https://physionet.org/content/mimic-cxr-jpg, put its folder files as {place}/images, and"
    " data/mimic-cxr/ReXRank_MIMICCXR_test.json of github.com/rajpurkarlab/ReXrank as {place}/test.json;"
    " train.json, in the same form, is made of the official reports, which nobody may pass on",
    rows={"test": 2195},
    files="{split}.json",
    benchmark="test",
    metric="report",
    classes=("captions", "instruct/report"),
)


def load(split: str, *, n: int | None = None, seed: int = 0, sections: str = "both") -> list[Example]:
    """A split, or n reports of it at random. The cluster is the patient where the file tells.

    sections: both, or findings: these alone as a description of the images, as the paper takes them for captions.
    """
    return studies(ABOUT, split, n, seed, _patient, sections)


def _patient(study: str, row: Row) -> str:
    return f"patient:{clean(row['subject_id'])}" if "subject_id" in row else f"study:{study}"
