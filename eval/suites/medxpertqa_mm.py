"""MedXpertQA's questions with images, a column of its own in the paper's tables."""

from eval.suites import Suite

SUITE = Suite(
    name="medxpertqa_mm",
    use="medxpertqa",
    split="test",
    knobs={"part": "mm"},
    about="medxpertqa's questions with images, up to ten options",
)
