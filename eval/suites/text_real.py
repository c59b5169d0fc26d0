"""The text benchmarks whose original files are freely had in one download each."""

GROUP = ("pubmedqa", "medmcqa", "mirage", "medcalc_bench", "medcalc_bench_corrected", "radrestruct")
