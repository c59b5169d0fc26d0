"""VQA-RAD, official test split: questions of clinicians on radiology images (Lau et al. 2018)."""

from eval.suites import Suite

SUITE = Suite(
    name="vqa_rad_test",
    use="vqa_rad",
    split="test",
    about="VQA-RAD: clinicians' questions on radiology images, open and closed",
)
