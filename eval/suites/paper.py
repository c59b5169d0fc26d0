"""All sixteen benchmarks of the Lingshu paper (arXiv 2506.07044, table 25); MedXpertQA in its two parts."""

from eval.suites import paper_multimodal, paper_reports, paper_text

GROUP = (*paper_multimodal.GROUP, *paper_text.GROUP, *paper_reports.GROUP)
