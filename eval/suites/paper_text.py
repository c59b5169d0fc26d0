"""The text benchmarks of the Lingshu paper (arXiv 2506.07044, table 7), in its order."""

GROUP = ("mmlu_med", "pubmedqa", "medmcqa", "medqa", "medbullets", "medxpertqa_text", "supergpqa_med")
