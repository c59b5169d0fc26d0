"""Fitzpatrick17k: 16,577 clinical pictures of 114 skin conditions, with the type of the skin.

Groh M et al., Evaluating Deep Neural Networks Trained on Clinical Images in Dermatology (CVPR workshops 2021). Read
from fitzpatrick17k.csv; the pictures are fetched from the addresses in it and named by its md5hash.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo

ABOUT = SetInfo(
    name="fitzpatrick17k",
    splits=("train",),
    license="",
    kinds=("text",),
    text="clinical pictures of 114 skin conditions, with the type of the skin",
    citation="Groh M et al., Evaluating Deep Neural Networks Trained on Clinical Images in Dermatology with the"
    " Fitzpatrick 17k Dataset, CVPR workshops 2021",
    remedy="put fitzpatrick17k.csv of github.com/mattgroh/fitzpatrick17k into {place}, and fetch each url of it as"
    " {place}/images/MD5HASH.jpg",
    rows={"train": 16_577},
    classes=("imaging",),
)

load = labelled.loader(
    Release(
        ABOUT, files="fitzpatrick17k.csv", modality="dermatology", keep=("fitzpatrick_scale", "nine_partition_label")
    ),
    image=lambda row: f"{row['md5hash']}.jpg",
    label="label",
    question="Which skin condition does this picture show?",
    anatomy="skin",
)
