"""LLaVA-1.5 captions: 558,000 general pictures with short captions.

Liu H et al., Improved Baselines with Visual Instruction Tuning (2024). Read from blip_laion_cc_sbu_558k.json, LLaVA's
form, and the unpacked images.zip. The requests of the release are left out for ours.
"""

from __future__ import annotations

from data.formats import captions, conversations
from data.formats.release import Release
from data.registry import SetInfo

HUB = "liuhaotian/LLaVA-Pretrain"

ABOUT = SetInfo(
    name="llava_pretrain",
    splits=("train",),
    license="",
    kinds=("text",),
    text="captions of general pictures",
    hub=HUB,
    citation="Liu H et al., Improved Baselines with Visual Instruction Tuning, CVPR 2024, arXiv 2310.03744",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}` and unzip images.zip into"
    " {place}/images",
    classes=("general/captions",),
)

load = captions.loader(
    Release(ABOUT, files="blip_laion_cc_sbu_558k.json", modality="general", keep=("id",)),
    image="image",
    caption=conversations.replied(),
)
