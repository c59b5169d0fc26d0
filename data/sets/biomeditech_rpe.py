"""BioMediTech RPE: 1,862 microscopy pictures of retinal pigment epithelium cells by how mature they are.

Nanni L et al., Texture descriptors ensembles enable image-based classification of maturation of human stem cell-derived
retinal pigmented epithelium (PLoS One 2016). Read from RPE_dataset/Subwindows. Two people labelled each picture; their
labels end its name (`1_00001_001_1_1.tif`). A picture on which they differ asks nothing and is left out.
`cluster` is the original that a picture was cut from.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo
from data.sets._items import Row

WORDS = {"1": "fusiform", "2": "epithelioid", "3": "cobblestone", "4": "mixed"}

ABOUT = SetInfo(
    name="biomeditech_rpe",
    splits=("train",),
    license="",
    kinds=("text",),
    text="microscopy pictures of retinal pigment epithelium cells",
    citation="Nanni L et al., Texture descriptors ensembles enable image-based classification of maturation of human"
    " stem cell-derived retinal pigmented epithelium, PLoS One 11(2):e0149399, 2016",
    remedy="put RPE_dataset of https://figshare.com/s/d6fb591f1beb4f8efa6f into {place}",
    rows={"train": 1_862},
    classes=("imaging",),
)


def agreed(row: Row) -> str:
    """The label that both gave, else ""."""
    first, second = row["name"].split("_")[-2:]
    return first if first == second else ""


load = labelled.loader(
    Release(
        ABOUT,
        files="RPE_dataset/Subwindows/*.tif",
        pictures="",
        modality="microscopy",
        cluster=lambda row: f"image:{'_'.join(row['name'].split('_')[:2])}",
        reader=labelled.folders(),
    ),
    label=agreed,
    words=WORDS,
    question="Which kind of retinal pigment epithelium cells does this microscopy picture show?",
    names="cell",
)
