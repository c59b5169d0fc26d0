"""Every family of clinic, text and image: for models of ordinary size."""

from eval.suites import Suite

SUITE = Suite(
    name="clinic_all_test",
    use="clinic",
    split="test",
    n=1000,
    about="generated clinical reasoning, all families",
)
