"""LLaVA-1.5 instructions: the mixture of 665,000 general conversations, with pictures (multimodal) and without (text).

Liu H et al., Improved Baselines with Visual Instruction Tuning (2024). Read from llava_v1_5_mix665k.json; the pictures
of its sources lie below {place}/images as its rows name them: coco/train2017, gqa/images, ocr_vqa/images,
textvqa/train_images and vg/VG_100K.
"""

from __future__ import annotations

from data.formats import conversations
from data.formats.release import Release
from data.registry import SetInfo

HUB = "liuhaotian/LLaVA-Instruct-150K"
FILE = "llava_v1_5_mix665k.json"

ABOUT = SetInfo(
    name="llava_instruct",
    splits=("train",),
    license="CC-BY-4.0",
    kinds=("text",),
    text="general conversations, with pictures and without",
    hub=HUB,
    citation="Liu H et al., Improved Baselines with Visual Instruction Tuning, CVPR 2024, arXiv 2310.03744",
    remedy=f"run `hf download {HUB} {FILE} --repo-type dataset --local-dir {{place}}` and put the pictures that"
    " github.com/haotian-liu/LLaVA lists into {place}/images",
    rows={"train": 665_298, "train/multimodal": 624_610, "train/text": 40_688},
    classes=("general/instruct", "general/text"),
)

load = conversations.loader(
    Release(
        ABOUT,
        files={"multimodal": FILE, "text": FILE},
        only=lambda row, part, split: ("image" in row) == (part == "multimodal"),
        modality="general",
        keep=("id",),
    ),
    image="image",
)
