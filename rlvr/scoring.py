"""The recipe's rewards over a batch of completions, all at the same time, each where it can do the least harm.

- A reward of one completion runs in worker processes, which are killed when it overstays its time (`rewards.running`).
- The same as a coroutine (a judge behind a network) is awaited in an event loop beside the trainer, many rows at once.
- A function written for TRL gets the whole batch and the trainer's own objects, so it runs here, in the trainer's
  thread: what it raises is caught, but no clock can stop it. If it is a coroutine, it is awaited in that loop.
"""

import functools
import inspect
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from data import Example
from recipes import BadInput
from recipes.schema import Runtime
from rewards import Response, Reward, RewardError, TrlReward, parse
from rewards.running import Job, Loop, Outcome, Pool
from rlvr import as_trl

logger = logging.getLogger(__name__)
Finish = Callable[[], list[Outcome]]  # waits for what was started


@dataclass(frozen=True)
class Batch:
    """Completions as TRL hands them out: texts or conversations, token ids, and the position of each one's example.

    `given` are the lists and objects that a function written for TRL may name besides the examples' columns.
    """

    completions: Sequence[Any]
    ids: Sequence[Sequence[int]]
    index: Sequence[int]
    given: Mapping[str, Any]

    def rows(self) -> Iterator[tuple[Any, Sequence[int], int]]:
        return zip(self.completions, self.ids, self.index, strict=True)


class Scoring:
    """Runs rewards over batches.

    Args:
        rewards: knobs bound; the trainer knows their weights.
        examples: what `Batch.index` points into; every column a reward may name is found there.
        end_ids: token ids that end a completion; one that does not close with any of them was truncated.
        runtime: the recipe's limits.

    Attributes:
        aside: positions of rewards that are no longer asked: each of their verdicts counts as an error.
    """

    def __init__(
        self,
        rewards: Sequence[Reward | TrlReward],
        examples: Sequence[Example],
        end_ids: frozenset[int],
        runtime: Runtime | None = None,
    ) -> None:
        self.rewards, self.examples, self.end_ids = list(rewards), examples, end_ids
        self.runtime = runtime or Runtime()
        self.aside: set[int] = set()
        single = {k: reward for k, reward in enumerate(rewards) if isinstance(reward, Reward)}
        self._pooled = {k: reward for k, reward in single.items() if not reward.is_async}
        self._awaited = {k: reward for k, reward in single.items() if reward.is_async}
        self._trl = {k: reward for k, reward in enumerate(rewards) if isinstance(reward, TrlReward)}
        self._pool = self._new_pool() if self._pooled else None
        self._thread = ThreadPoolExecutor(1, "reward-pool")

    @functools.cached_property
    def _loop(self) -> Loop:
        return Loop(timeout_s=self.runtime.judge_timeout_s, at_once=self.runtime.judges)

    def judge(self, batch: Batch) -> list[list[Outcome]]:
        """The outcomes, a list for each reward, in the batch's order. BadInput where no worker can load the rewards."""
        return self.start(batch)()

    def start(self, batch: Batch) -> Callable[[], list[list[Outcome]]]:
        """The same, which the caller asks for when it has nothing else to do; what can run elsewhere begins now."""
        with self._guarded():
            finish = dict(self._start(batch))

        def outcomes() -> list[list[Outcome]]:
            with self._guarded():
                found = [finish[k]() for k in range(len(self.rewards))]
            for k in sorted(finish.keys() - self.aside):
                self._tell(self.rewards[k], batch, found[k])
            return found

        return outcomes

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except RewardError as error:
            raise BadInput([str(error)]) from error
        except KeyboardInterrupt:
            if self._pool:
                self._pool.close()  # or the process would wait at its end for what hangs
            raise

    def _start(self, batch: Batch) -> Iterator[tuple[int, Finish]]:
        """Start what runs elsewhere first: a plain function written for TRL holds this thread until it is done."""
        for k in self.aside:
            yield k, lambda: [Outcome(failure="error", why="no longer asked")] * len(batch.index)
        yield from self._start_pool(batch)
        for k in self._awaited.keys() - self.aside:
            yield k, self._start_calls(self._awaited[k], batch)
        for k in sorted(self._trl.keys() - self.aside, key=self._holds_the_thread):
            given = {**batch.given, "completions": batch.completions, "completion_ids": batch.ids}
            yield k, as_trl.start(self._trl[k], [self.examples[i].columns() for i in batch.index], given, self._loop)

    def _holds_the_thread(self, k: int) -> tuple[bool, int]:
        return not inspect.iscoroutinefunction(self._trl[k].function), k

    def _start_pool(self, batch: Batch) -> Iterator[tuple[int, Finish]]:
        """One call for all its rewards; those of a row follow one another, so that a worker parses the row once."""
        asked = sorted(self._pooled.keys() - self.aside)
        if not asked or self._pool is None:
            return
        jobs = [
            Job(k, text_of(completion), taken(self._pooled[k], self.examples[i]), len(ids), self._is_cut(ids))
            for completion, ids, i in batch.rows()
            for k in asked
        ]
        found = self._thread.submit(self._pool.judge, jobs, give_up_after=self.runtime.patience)
        for place, k in enumerate(asked):
            yield k, lambda place=place: found.result()[place :: len(asked)]

    def _start_calls(self, reward: Reward, batch: Batch) -> Finish:
        calls = [
            functools.partial(reward.awaited, self._read(completion, ids), **taken(reward, self.examples[i]))
            for completion, ids, i in batch.rows()
        ]
        return self._loop.start(calls, give_up_after=self.runtime.patience)

    def _tell(self, reward: Reward | TrlReward, batch: Batch, outcomes: Sequence[Outcome]) -> None:
        """What was read and why, for the table of completions; one warning a batch about what failed."""
        log_extra = batch.given.get("log_extra")
        if log_extra and isinstance(reward, Reward):
            log_extra(f"{reward.name}/parsed", [o.score.parsed if o.score else None for o in outcomes])
            log_extra(f"{reward.name}/why", [o.score.why if o.score else o.why or None for o in outcomes])
        lost = [row for row, outcome in enumerate(outcomes) if outcome.failure]
        if lost:
            first = f"row {self.examples[batch.index[lost[0]]].id}: {outcomes[lost[0]].why}"
            logger.warning("%s failed on %d of %d completions; %s", reward.name, len(lost), len(outcomes), first)

    def _read(self, completion: Any, ids: Sequence[int]) -> Response:
        return parse(text_of(completion), n_tokens=len(ids), truncated=self._is_cut(ids))

    def _is_cut(self, ids: Sequence[int]) -> bool:
        return not ids or ids[-1] not in self.end_ids

    def _new_pool(self) -> Pool:
        """A pool whose workers have seen a right answer of every kind: libraries are imported on first use."""
        kinds = {example.kind: example for example in self.examples}
        warm_up = [
            Job(k, right_answer(reward, example), taken(reward, example))
            for example in kinds.values()
            for k, reward in self._pooled.items()
        ]
        return Pool(self._pooled, workers=self.runtime.workers, timeout_s=self.runtime.timeout_s, warm_up=warm_up)


def text_of(completion: Any) -> str | None:
    return completion if isinstance(completion, str) else completion[-1]["content"]


def taken(reward: Reward, example: Example) -> dict[str, Any]:
    """The columns that the reward takes of an example, and the id, by which its errors name the row."""
    columns = example.columns()
    return {name: columns[name] for name in ("id", *reward.wants) if name in columns}


def right_answer(reward: Reward, example: Example) -> str:
    """A completion that commits to the example's gold, as the reward's file says it is written."""
    return committed(reward.right_answer(example.columns()))


def committed(answer: str) -> str:
    return f"<think>worked out</think><answer>{answer}</answer>"
