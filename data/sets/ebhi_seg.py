"""EBHI-Seg: histopathology pictures of colorectal biopsies of six kinds, with masks.

Shi L et al., EBHI-Seg (Frontiers in Medicine 2023). Read from the folders KIND/image and, with the same names,
KIND/label.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo

WORDS = {
    "Adenocarcinoma": "adenocarcinoma",
    "High-grade IN": "high-grade intraepithelial neoplasia",
    "Low-grade IN": "low-grade intraepithelial neoplasia",
    "Normal": "normal",
    "Polyp": "polyp",
    "Serrated adenoma": "serrated adenoma",
}

ABOUT = SetInfo(
    name="ebhi_seg",
    splits=("train",),
    license="",
    kinds=("text",),
    text="histopathology pictures of colorectal biopsies, with masks",
    citation="Shi L et al., EBHI-Seg: A novel enteroscope biopsy histopathological hematoxylin and eosin image dataset"
    " for image segmentation tasks, Frontiers in Medicine 10, 2023",
    remedy="put the folders of the release's archive EBHI-SEG (Adenocarcinoma, High-grade IN, ...) into {place}",
    classes=("imaging",),
)

load = labelled.loader(
    Release(ABOUT, files="*/image/*.png", pictures="", modality="pathology", reader=labelled.folders()),
    label=lambda row: row["path"].split("/")[0],
    words=WORDS,
    question="What does this histopathology picture of a colorectal biopsy show?",
    anatomy="colon and rectum",
    mask=lambda row: row["path"].replace("/image/", "/label/"),
)
