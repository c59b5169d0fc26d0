"""Coroutine rewards (judges behind a network) awaited together, beside whatever the caller does meanwhile."""

import asyncio
import contextlib
import math
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from rewards.contract import Score
from rewards.running.job import Outcome, failed, given_up, overdue

Call = Callable[[], Awaitable[Score | None]]
GRACE_S = 5.0  # a loop that is this late holds a coroutine that never lets go


class Loop:
    """An event loop in a thread of its own, the same for every batch, so that connections stay open.

    Args:
        timeout_s: wall clock that one call may take, counted from when it is its turn.
        at_once: calls awaited at a time.
    """

    def __init__(self, *, timeout_s: float = 120.0, at_once: int = 16) -> None:
        self.timeout_s, self.at_once = timeout_s, at_once
        self._loop = _running_loop()

    def start(self, calls: Sequence[Call], *, give_up_after: int | None = None) -> Callable[[], list[Outcome]]:
        """Set out to make the calls, all of one reward; the function returned waits for their outcomes, in order.

        Once `give_up_after` of them have overstayed their time, the rest is not made.
        """
        outcomes: dict[int, Outcome] = {}
        wait = self.run(self._all(calls, outcomes, give_up_after), n=len(calls))

        def collect() -> list[Outcome]:
            with contextlib.suppress(TimeoutError):
                wait()
            return [outcomes.get(i) or overdue(self.timeout_s) for i in range(len(calls))]

        return collect

    def run(self, coroutine: Any, *, n: int) -> Callable[[], Any]:
        """Set out to await a coroutine that makes `n` calls; the function returned waits for its result.

        That raises TimeoutError when the calls cannot have kept within their time.
        """
        limit = self.timeout_s * math.ceil(n / self.at_once) + GRACE_S
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)

        def collect() -> Any:
            try:
                return future.result(limit)
            except TimeoutError:
                if not future.done():  # perhaps the loop itself is held up: the next batch gets another
                    future.cancel()
                    self._loop = _running_loop()
                raise

        return collect

    async def _all(self, calls: Sequence[Call], outcomes: dict[int, Outcome], patience: int | None) -> None:
        gate = asyncio.Semaphore(self.at_once)
        lost = Counter[str]()

        async def one(i: int) -> None:
            async with gate:
                if patience is not None and lost["timeout"] >= patience:
                    outcomes[i] = given_up(lost["timeout"])
                else:
                    outcomes[i] = await self._timed(calls[i])
                    lost[outcomes[i].failure] += 1

        await asyncio.gather(*map(one, range(len(calls))))

    async def _timed(self, call: Call) -> Outcome:
        start = time.perf_counter()
        limit = asyncio.timeout(self.timeout_s)
        try:
            async with limit:
                score = await call()
        except Exception as error:  # whatever a reward raises is its row's failure
            return overdue(self.timeout_s) if limit.expired() else failed(error, time.perf_counter() - start)
        return Outcome(score, seconds=time.perf_counter() - start)


def _running_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="rewards", daemon=True).start()
    return loop
