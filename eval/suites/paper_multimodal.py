"""The multimodal benchmarks of the Lingshu paper (arXiv 2506.07044, table 6), in its order."""

GROUP = ("mmmu_med", "vqa_rad", "slake", "path_vqa", "pmc_vqa", "omnimedvqa", "medxpertqa_mm")
