"""Verifiable medical rewards: pure functions of a model's text, usable on their own.

One parser (`parse`), one verdict (`Score`), one reward a file in `rewards/library/`.  Nothing heavy is imported here.
"""

from rewards.contract import Reward, RewardError, Score, reward, total
from rewards.registry import load, names
from rewards.response import Response, parse
from rewards.trl_style import TrlReward

__all__ = ["Response", "Reward", "RewardError", "Score", "TrlReward", "load", "names", "parse", "reward", "total"]
