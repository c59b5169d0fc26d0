"""The parts of benchmarks/rewards.py: agreement with an examiner, real golds, speed."""
