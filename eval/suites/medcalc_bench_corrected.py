"""MedCalc-Bench by the labels that physicians corrected: more than a quarter of the original ones do not stand."""

from eval.suites import Suite

SUITE = Suite(
    name="medcalc_bench_corrected",
    use="medcalc_bench",
    split="test",
    knobs={"labels": "corrected"},
    about="medcalc_bench by the labels that physicians corrected",
)
