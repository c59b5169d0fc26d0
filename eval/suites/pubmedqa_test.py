"""PubMedQA, the 500 expert-labelled test questions: yes, no or maybe from an abstract (Jin et al. 2019)."""

from eval.suites import Suite

SUITE = Suite(
    name="pubmedqa_test",
    use="pubmedqa",
    split="test",
    about="PubMedQA: yes/no/maybe from an abstract, expert-labelled test set",
)
