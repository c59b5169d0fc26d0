"""MedXpertQA's text questions, a column of its own in the paper's tables."""

from eval.suites import Suite

SUITE = Suite(
    name="medxpertqa_text",
    use="medxpertqa",
    split="test",
    knobs={"part": "text"},
    about="medxpertqa's text questions, up to ten options",
)
