"""Build a base: models, stages of supervised fine-tuning, checkpoints with their lineage."""
