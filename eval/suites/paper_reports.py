"""The report benchmarks of the Lingshu paper (arXiv 2506.07044, table 8), in its order."""

GROUP = ("mimic_cxr", "chexpert_plus", "iu_xray")
