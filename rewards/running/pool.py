"""Worker processes that judge responses, each verdict under a limit on the wall clock.

A verdict that takes longer costs its own row and the worker that was at it: the worker is killed, its other rows go to
another, and a new one takes its place. Workers are started by executing Python anew (never by forking this process,
which may hold the threads of torch, vLLM and CUDA), once; they import `rewards` alone.
"""

import contextlib
import math
import os
import pickle
import subprocess
import sys
import threading
import time
import weakref
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Pipe, wait
from pathlib import Path

from rewards.contract import Reward, RewardError
from rewards.running.job import Job, Outcome, failed, given_up, overdue

ROOT = Path(__file__).resolve().parents[2]
START_S = 120.0  # to import the rewards' files and whatever they import on first use, on a busy machine
STILLBORN = 3  # workers in a row that may die before they are ready: a machine short of memory may recover
CHUNK = 16  # jobs sent at once: few enough to balance, enough to make a round trip cheap


class Pool:
    """Judges jobs in `workers` processes.

    Args:
        rewards: by the number under which a `Job` names them; each is loaded anew in every worker, so that state of
            their own is not shared.
        timeout_s: wall clock that one verdict may take.
        warm_up: jobs done before the clock is watched, their verdicts not kept, for what is imported on first use.
    """

    def __init__(
        self, rewards: Mapping[int, Reward], *, workers: int = 2, timeout_s: float = 5.0, warm_up: Sequence[Job] = ()
    ) -> None:
        self._timeout_s, self._stillborn = timeout_s, 0
        self._start = pickle.dumps((dict(rewards), list(warm_up)))
        self._workers = [_Worker(self._start) for _ in range(workers)]
        self._finalizer = weakref.finalize(self, _end_all, self._workers)
        self._replacing = threading.RLock()  # another thread may close the pool while `judge` replaces a worker

    def judge(self, jobs: Sequence[Job], *, give_up_after: int | None = None) -> list[Outcome]:
        """The outcomes, in order. RewardError where a worker cannot load the rewards; the pool is closed then.

        A reward that has cost `give_up_after` of these jobs their worker is not asked about the rest.
        """
        batch = _Batch(jobs, give_up_after)
        while batch.is_open:
            for worker in self._workers:
                if worker.is_idle and (chunk := batch.take()):
                    worker.give(chunk, batch.packed, self._timeout_s)
            busy = [worker for worker in self._workers if not worker.is_idle]
            first = min((worker.deadline for worker in busy), default=0.0)  # none is busy where the rest is given up
            wait([worker.pipe for worker in busy], max(0.0, first - time.monotonic()))
            for worker in busy:
                if loss := self._loss(worker, batch):
                    self._replace(worker, loss, batch)
        return [batch.outcomes[i] for i in range(len(jobs))]

    def close(self) -> None:
        """End the workers; also done when the pool is forgotten or this process ends, however it does.

        A `judge` that another thread is in raises then: RewardError, or OSError for a pipe that was closed under it.
        """
        with self._replacing:
            self._finalizer()

    def _loss(self, worker: "_Worker", batch: "_Batch") -> Outcome | None:
        """Hear what the worker has to say; what is lost if it has died or is overdue, None while all is well."""
        try:
            while worker.pipe.poll():
                worker.hear(batch, self._timeout_s)
        except (EOFError, ConnectionError):
            return Outcome(failure="error", why=f"the worker died (exit code {worker.end(after_s=1.0)})")
        return overdue(self._timeout_s) if time.monotonic() > worker.deadline else None

    def _replace(self, worker: "_Worker", loss: Outcome, batch: "_Batch") -> None:
        worker.end()
        self._stillborn = 0 if worker.is_ready else self._stillborn + 1
        if worker.refusal or self._stillborn > STILLBORN:
            self.close()
            raise RewardError(f"the rewards cannot be run in a worker process: {worker.refusal or loss.why}")
        if worker.at:
            batch.lose(list(worker.at), loss)
        with self._replacing:
            if not self._finalizer.alive:
                raise RewardError("the pool was closed while it judged")
            self._workers[self._workers.index(worker)] = _Worker(self._start)


class _Batch:
    """The jobs of one call: what is still to be done, and what has come of the others."""

    def __init__(self, jobs: Sequence[Job], give_up_after: int | None) -> None:
        self.jobs, self.patience = jobs, give_up_after
        self.outcomes: dict[int, Outcome] = {}
        self.lost: Counter[int] = Counter()  # by reward
        self.packed = [self._pack(i, job) for i, job in enumerate(jobs)]
        self.todo = deque(list(range(i, min(i + CHUNK, len(jobs)))) for i in range(0, len(jobs), CHUNK))

    def _pack(self, i: int, job: Job) -> bytes:
        """One by one, so that a row whose columns cannot be sent is lost alone."""
        try:
            return pickle.dumps(job)
        except Exception as error:  # whatever a column's own __reduce__ raises
            self.outcomes[i] = failed(error)
            return b""

    @property
    def is_open(self) -> bool:
        return len(self.outcomes) < len(self.jobs)

    def take(self) -> list[int]:
        """The next few jobs, without those of a reward that has been given up; [] where none is left."""
        while self.todo:
            chunk = self.todo.popleft()
            for i in chunk:
                lost = self.lost[self.jobs[i].reward]
                if self.patience is not None and lost >= self.patience:
                    self.outcomes[i] = given_up(lost)
            if left := [i for i in chunk if i not in self.outcomes]:
                return left
        return []

    def lose(self, chunk: list[int], loss: Outcome) -> None:
        """The first job of `chunk` cost its worker; the others are still to be done."""
        self.outcomes[chunk[0]] = loss
        self.lost[self.jobs[chunk[0]].reward] += 1
        self.todo.appendleft(chunk[1:])


class _Worker:
    """A process and the pipe to it.

    `at` are the jobs it was given and has not answered; `deadline` is the first one's, or the start's.
    """

    def __init__(self, start: bytes) -> None:
        self.pipe, theirs = Pipe()
        held, self._lifeline = os.pipe()  # nothing is written to it: its closing tells of this process's end
        path = os.pathsep.join([str(ROOT), *filter(None, sys.path)])  # a user's file imports there what it does here
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "rewards.running.worker", str(theirs.fileno()), str(held)],
            pass_fds=(theirs.fileno(), held),
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )
        theirs.close()
        os.close(held)
        self.is_ready, self.refusal = False, ""
        self.at: deque[int] = deque()
        self.deadline = time.monotonic() + START_S
        self._send(start)

    @property
    def is_idle(self) -> bool:
        return self.is_ready and not self.at

    def give(self, chunk: list[int], packed: Sequence[bytes], timeout_s: float) -> None:
        self.at.extend(chunk)
        self._send(pickle.dumps([packed[i] for i in chunk]))
        self.deadline = time.monotonic() + timeout_s

    def hear(self, batch: _Batch, timeout_s: float) -> None:
        """Take one outcome from the pipe; the first says whether the worker could load the rewards."""
        outcome: Outcome = self.pipe.recv()
        if self.is_ready:
            batch.outcomes[self.at.popleft()] = outcome
        else:
            self.is_ready, self.refusal = not outcome.failure, outcome.why
        self.deadline = time.monotonic() + timeout_s if self.at else math.inf

    def end(self, after_s: float = 0.0) -> int:
        """Kill the process, if it has not ended by itself within `after_s` seconds, and return its exit code."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(after_s)
        self._process.kill()
        code = self._process.wait()
        self.pipe.close()
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1
        return code

    def _send(self, message: bytes) -> None:
        with contextlib.suppress(ConnectionError):  # it has died: whoever listens next finds out
            self.pipe.send_bytes(message)


def _end_all(workers: list[_Worker]) -> None:
    for worker in workers:
        worker.end()
