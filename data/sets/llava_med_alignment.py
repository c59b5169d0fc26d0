"""LLaVA-Med alignment: captions of PubMed Central figures, each with a request to describe the figure.

Li C et al., LLaVA-Med (2023). Read from llava_med_alignment_500k.json, where the turns are called `conversatons`, and
the figures, which the release's script downloads. The requests of the release are left out for ours.
"""

from __future__ import annotations

from data.formats import captions, conversations
from data.formats.release import Release
from data.registry import SetInfo

ABOUT = SetInfo(
    name="llava_med_alignment",
    splits=("train",),
    license="CC-BY-NC-4.0",
    kinds=("text",),
    text="captions of the figures of articles",
    citation="Li C et al., LLaVA-Med: Training a Large Language-and-Vision Assistant for Biomedicine in One Day,"
    " NeurIPS 2023, arXiv 2306.00890",
    remedy="put llava_med_alignment_500k.json of github.com/microsoft/LLaVA-Med into {place}, and the figures that its"
    " download_images.py fetches into {place}/images",
    classes=("captions",),
)

load = captions.loader(
    Release(ABOUT, files="llava_med_alignment_500k.json", keep=("id",)),
    image="image",
    caption=conversations.replied("conversatons"),
)
