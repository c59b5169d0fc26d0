"""PixMo-Cap: general pictures with long captions that people spoke.

Deitke M et al., Molmo and PixMo (2024). Read from the Parquet files of the hub's release, which name pictures by their
address alone; fetch them first. A picture's file is the SHA-256 of its address in hexadecimal, without an ending.
"""

from __future__ import annotations

from data.formats import captions
from data.formats.release import Release
from data.registry import SetInfo
from data.sets._items import Row
from data.sets._release import rank

HUB = "allenai/pixmo-cap"


def picture(row: Row) -> str:
    """The file of a picture that was fetched."""
    return rank(row["image_url"])


ABOUT = SetInfo(
    name="pixmo_cap",
    splits=("train",),
    license="ODC-BY-1.0",
    kinds=("text",),
    text="long captions of general pictures",
    hub=HUB,
    citation="Deitke M et al., Molmo and PixMo: Open Weights and Open Data for State-of-the-Art Vision-Language Models,"
    " 2024, arXiv 2409.17146",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}` and fetch each image_url into"
    " {place}/images, named by the SHA-256 of the address",
    rows={"train": 717_042},
    classes=("general/captions",),
)

load = captions.loader(
    Release(ABOUT, modality="general", cluster=lambda row: f"image:{row['image_url']}"),
    image=picture,
    caption="caption",
)
