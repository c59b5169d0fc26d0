"""Saved responses graded by worker processes: in order, a few chunks ahead, no verdict without a limit in time.

Not the pool of `rewards.running`: that one takes a whole batch, sends each verdict by itself and kills a worker that
is late, which is right for training's few hundred verdicts with rewards of any make. Here a chunk of raw text goes out
and its verdicts come back as text, so that the one process that reads and writes keeps many workers busy. A signal
ends a late verdict, also inside a regular expression; only a C extension that never returns to Python can hang.
"""

import json
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, NamedTuple

from eval.grading import Grader, ungraded
from eval.responses import BadRow, Row, kind_of, read
from eval.results import record
from eval.saved import Piece, Saved
from eval.tally import GROUPS, Graded
from recipes import BadInput
from rewards import RewardError

CHUNK = 128  # rows handed to a worker at once
CHUNK_BYTES = 1 << 20  # and no more than this, so that long rows do not fill the memory
AHEAD = 3  # chunks that wait for each worker
LIMIT_S = 10.0  # for one verdict, thousands of times what it takes
ASYNC_LIMIT_S = 150.0  # for graders that ask an endpoint


class Bad(NamedTuple):
    """A row that is not graded because it is no whole row; `why` ends in a remedy."""

    number: int
    why: str


class Verdict(NamedTuple):
    """A graded row: its line of the output, and what the summary counts."""

    number: int
    line: bytes
    graded: Graded


def regrade(saved: Saved, grader: str, workers: int) -> Generator[Verdict | Bad, None, None]:
    """The rows graded in their order; no more of them are in memory than the workers need to stay busy.

    RewardError for a grader that fails on a row; BadInput when a worker is killed.
    """
    context = multiprocessing.get_context("spawn")  # a fork would copy the threads of whoever calls
    pool = ProcessPoolExecutor(workers, context, _start, (grader, saved))
    waiting: deque[Future[list[Verdict | Bad]]] = deque()
    try:
        for chunk in _chunks(saved):
            with _deaf():
                waiting.append(pool.submit(_grade, chunk))
            if len(waiting) > AHEAD * workers:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    except BrokenProcessPool as error:
        time.sleep(0.5)  # Ctrl-C ends workers too, and may be heard here a moment after they are gone
        raise BadInput(f"{saved.path}: a worker process was killed (short of memory?); try --workers 1") from error
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes started in here do not hear Ctrl-C, which a terminal sends to all, before they are ready; this one
    hears it right afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _chunks(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    chunk: list[Piece] = []
    size = 0
    for piece in pieces:
        chunk.append(piece)
        size += len(piece[1])
        if len(chunk) == CHUNK or size > CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


class _TooLong(BaseException):
    """A verdict's time is up; not an Exception, so that no grader takes it for one of its own."""


class _Worker(NamedTuple):
    """What a worker process holds."""

    grader: Grader
    saved: Saved
    limit_s: float


_worker: list[_Worker] = []  # of this process: what _start made


def _start(use: str, saved: Saved) -> None:
    grader = Grader(use)
    _worker[:] = [_Worker(grader, saved, ASYNC_LIMIT_S if getattr(grader.reward, "is_async", False) else LIMIT_S)]
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:  # as a shell's background jobs do, their parents too
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it at once and without a word, from here on
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGALRM, _time_is_up)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    """A parent that was killed cannot tell its workers, and they would wait for ever."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def _time_is_up(*_: object) -> None:
    raise _TooLong


def _grade(chunk: Iterable[Piece]) -> list[Verdict | Bad]:
    found: list[Verdict | Bad] = []
    for number, text in chunk:
        try:
            found.append(_verdict(number, read(text, number)))
        except BadRow as error:
            found.append(Bad(number, str(error)))
    return found


def _verdict(number: int, row: Row) -> Verdict:
    """The verdict on a checked row; BadRow where it lacks a column of the grader's."""
    worker = _worker[0]
    if missing := worker.grader.missing({*row, "answer"}):
        raise BadRow(f"the row lacks {', '.join(missing)}, which the grader needs; add the column")
    try:
        verdict, late = _within(worker.limit_s, worker.grader, row)
    except Exception as error:
        said = str(error) if isinstance(error, RewardError) else f"raised {type(error).__name__}: {error}"
        end = repr(row["completion"])[-80:]
        raise RewardError(f"{worker.saved.place(number)}: the grader fails: {said}; on the completion {end}") from None
    theirs = {"theirs": row["theirs"]} if "theirs" in row else {}
    kept = record(row, verdict)
    sorts = {**row, "kind": kind_of(row)}
    groups = tuple((name, str(sorts[name])) for name in GROUPS if sorts.get(name))
    graded = Graded(kept.id, kept.sample, groups, kept.outcome, theirs.get("theirs"), kept.format, kept.n_tokens, late)
    return Verdict(number, _line(verdict | theirs), graded)


def _within(limit_s: float, grader: Grader, row: Row) -> tuple[dict[str, Any], bool]:
    """(the verdict, whether it took too long: then there is none)."""
    signal.setitimer(signal.ITIMER_REAL, limit_s)
    try:
        return grader.grade(row), False
    except _TooLong:
        return ungraded(row, f"the verdict took more than {limit_s:g} s"), True
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _line(verdict: dict[str, Any]) -> bytes:
    try:
        return json.dumps(verdict, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:  # half of a surrogate pair, as models cut their output
        return json.dumps(verdict).encode() + b"\n"
