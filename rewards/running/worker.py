"""A process that judges responses for a `Pool`: python -m rewards.running.worker PIPE LIFELINE

It imports `rewards` and the files of the rewards it is given, nothing else of ours. Every verdict is sent at once, so
the pool sees how long the next one takes.
"""

import fcntl
import os
import pickle
import signal
import sys
import time
from collections.abc import Mapping
from functools import lru_cache
from multiprocessing.connection import Connection
from pathlib import Path

from rewards.contract import Reward
from rewards.response import Response, parse
from rewards.running.job import Job, Outcome, failed


def main(pipe_fd: int, lifeline_fd: int) -> None:
    die_with_the_parent(lifeline_fd)
    pipe = Connection(pipe_fd)
    try:
        rewards, warm_up = pickle.loads(pipe.recv_bytes())
    except Exception as error:  # a reward's file that does not load here, whatever it raises
        pipe.send(failed(error))
        return
    for job in warm_up:  # libraries that a reward imports on first use
        judge(rewards, pickle.dumps(job))
    pipe.send(Outcome())
    while True:
        for packed in pipe.recv():
            pipe.send(judge(rewards, packed))


def judge(rewards: Mapping[int, Reward], packed: bytes) -> Outcome:
    """The verdict on a pickled job; whatever is raised is that job's failure, not the worker's."""
    start = time.perf_counter()
    try:
        job: Job = pickle.loads(packed)
        response = read(job.text, job.n_tokens, job.truncated)
        score = rewards[job.reward](response, **job.columns)
    except Exception as error:
        return failed(error, time.perf_counter() - start)
    return Outcome(score, seconds=time.perf_counter() - start)


@lru_cache(maxsize=1)  # the rewards of one row come one after another
def read(text: str | None, n_tokens: int | None, truncated: bool) -> Response:
    return parse(text, n_tokens=n_tokens, truncated=truncated)


def die_with_the_parent(lifeline_fd: int) -> None:
    """Have the kernel end this process when the pool's end of the pipe closes, even inside a regex that never ends.

    (PR_SET_PDEATHSIG would do so when the thread that started us ends.) Out of memory, this process is the one to go.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(lifeline_fd, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline_fd, fcntl.F_SETFL, fcntl.fcntl(lifeline_fd, fcntl.F_GETFL) | os.O_ASYNC)
    adjust = Path("/proc/self/oom_score_adj")
    if os.access(adjust, os.W_OK):
        adjust.write_text("1000")


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]), int(sys.argv[2]))
    except EOFError:  # the pool is gone
        sys.exit(0)
