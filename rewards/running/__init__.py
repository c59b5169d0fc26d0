"""Running rewards so that they cannot hurt the caller: in worker processes that can be killed, or in an event loop."""

from rewards.running.job import Job, Outcome
from rewards.running.loop import Loop
from rewards.running.pool import Pool

__all__ = ["Job", "Loop", "Outcome", "Pool"]
