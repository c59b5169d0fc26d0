"""PanNuke: 7,904 histopathology pictures of 19 tissues with the nuclei marked by kind.

Gamper J et al., PanNuke Dataset Extension, Insights and Baselines (2020). Read from the three folds' arrays images.npy
and types.npy, whatever the folders between are called; a picture is read when it is opened. The label is the tissue;
`mask` is masks.npy of the fold, in which the picture is number `number`, from 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo
from data.sets._items import Row
from recipes import BadInput

ABOUT = SetInfo(
    name="pannuke",
    splits=("train",),
    license="CC-BY-NC-SA",
    kinds=("text",),
    text="histopathology pictures of 19 tissues with the nuclei marked",
    citation="Gamper J et al., PanNuke Dataset Extension, Insights and Baselines, 2020, arXiv 2003.10778",
    remedy="put the unpacked folds of https://warwick.ac.uk/fac/sci/dcs/research/tia/data/pannuke into {place}",
    rows={"train": 7_904},
    classes=("imaging",),
)


def _arrays(place: Path, pattern: str, todo: str) -> Iterable[Row]:
    """A row a picture of every fold, with its tissue."""
    import numpy

    found = sorted(place.glob(pattern))
    if not found:
        raise BadInput([f"{place / pattern} is missing; {todo}"])
    for path in found:
        try:
            tissues = numpy.load(path)
        except (OSError, ValueError) as error:
            raise BadInput([f"{path} cannot be read ({error}); {todo}"]) from error
        fold = path.parts[len(place.parts)]
        masks = next(iter(sorted((place / fold).rglob("masks.npy"))), None)
        for number, tissue in enumerate(tissues):
            picture = partial(_picture, path.with_name("images.npy"), number)
            mask = str(masks.relative_to(place)) if masks else None
            yield {"tissue": str(tissue), "number": number, "fold": fold, "picture": picture, "masks": mask}


def _picture(path: Path, number: int) -> Any:
    import numpy
    from PIL import Image

    return Image.fromarray(numpy.load(path, mmap_mode="r")[number].astype("uint8"))


load = labelled.loader(
    Release(
        ABOUT,
        files="*/**/types.npy",
        pictures="",
        modality="pathology",
        keep=("number", "fold"),
        reader=_arrays,
    ),
    image="picture",
    label=lambda row: row["tissue"].replace("_", " "),
    question="Which tissue does this histopathology picture show?",
    names="anatomy",
    mask="masks",
)
