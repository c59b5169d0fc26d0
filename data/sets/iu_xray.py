"""IU X-ray: chest X-ray reports of the Indiana University collection (Open-i), most with a frontal and a lateral view.

Demner-Fushman D et al., Preparing a collection of radiology examinations for distribution and retrieval (JAMIA 2016).
Read from test.json in MedEvalKit's form, which the toolkit ships (datas/IU_XRAY): 296 reports with 607 images in the
Lingshu paper; or from ReXrank's file of the same collection, whose test part is another selection, so that the two give
no comparable numbers. `XXXX` stands in the reports for what was removed to protect patients. One study a patient.
"""

from __future__ import annotations

from data.example import Example
from data.registry import SetInfo
from data.sets._reports import COLUMNS, studies

ABOUT = SetInfo(
    name="iu_xray",
    splits=("train", "validation", "test"),
    license="CC-BY-NC-ND-4.0",
    kinds=("report",),
    text="reports of chest X-rays of the Indiana University collection",
    extra=COLUMNS,
    citation="Demner-Fushman D et al., Preparing a collection of radiology examinations for distribution and retrieval,"
    " JAMIA 23(2):304-310, 2016",
    remedy="put datas/IU_XRAY/test.json of github.com/alibaba-damo-academy/MedEvalKit into {place}, and the images of"
    " https://openi.nlm.nih.gov/imgs/collections/NLMCXR_png.tgz into {place}/images, under the names that it gives;"
    " train.json, in the same form, is made of the reports that are not in test.json",
    rows={"test": 296},
    files="{split}.json",
    benchmark="test",
    metric="report",
    classes=("instruct/report",),
)


def load(split: str, *, n: int | None = None, seed: int = 0) -> list[Example]:
    """A split, or n reports of it at random."""
    return studies(ABOUT, split, n, seed)
