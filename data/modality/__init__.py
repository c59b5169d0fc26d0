"""What pictures were made with: rules that read it from what is known, and a classifier for those of which nothing is.

Lingshu trained a classifier on BiomedCLIP's features to label pictures without a modality, for its distribution report
and the balance of its RL set (arXiv 2506.07044, section 2.3), and reports no accuracy. Here every classifier carries
its accuracy on pictures held out.
"""
