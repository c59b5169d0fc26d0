"""The families of clinic_test from the validation split: to look at during training, so that test stays unseen."""

from dataclasses import replace

from eval.suites import clinic_test

SUITE = replace(
    clinic_test.SUITE,
    name="clinic_val",
    split="validation",
    about="the validation half of clinic_test: for curves and for choosing settings",
)
