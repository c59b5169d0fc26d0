"""One-step-off-policy rollouts: while a batch is trained on, vLLM on its own GPUs samples the next one.

A step trains on what the weights of the step before have sampled; the importance correction for vLLM's probabilities
takes the update's own, and so covers the step between as well. A colocated engine has no GPU of its own and samples
before the update: nothing is gained there, but the numbers are those of a server.

The first batch is sampled twice, once for the first step and once for the second, and the last is never trained on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from unittest import mock

from trl.data_utils import prepare_multimodal_messages

Rows = list[dict[str, Any]]
Sampled = tuple[list[list[int]], list[list[float]] | None]  # completions and the log-probabilities of their tokens


@dataclass
class Asked:
    """Rows for whose completions vLLM was asked; `sampled` once it has answered."""

    rows: Rows
    ask: Callable[[], Sampled]
    sampled: Sampled | None = None

    def wait(self) -> Sampled:
        if self.sampled is None:
            self.sampled = self.ask()
        return self.sampled


class Ahead:
    """The batch that is sampled while another is trained on.

    sample: a trainer's `_generate_single_turn`, which brings vLLM the weights of the step. tokenize: its
    `_tokenize_prompts`. backend: its `VLLMGeneration`.
    """

    def __init__(self, sample: Callable[..., Sampled], tokenize: Callable[[list], tuple], backend: Any) -> None:
        self.sample, self.tokenize, self.backend = sample, tokenize, backend
        self._client: Client | None = None
        self._next: Asked | None = None

    def exchange(self, rows: Rows, n: int) -> Asked:
        """Ask for `n` completions to each of the rows' prompts; what was asked for before, answered."""
        due = self._next or self._ask(rows, n)
        due.wait()  # before the weights change under it
        self._next = None
        self._next = self._ask(rows, n)
        return due

    def settle(self) -> None:
        """Wait for what vLLM was asked for, so that it can be asked for something else."""
        if self._next:
            self._next.wait()

    def _ask(self, rows: Rows, n: int) -> Asked:
        prompts = [row["prompt"] for row in rows]
        shown = [row.get("images") or [] for row in rows]
        if any(shown):
            prompts = [prepare_multimodal_messages(*one) for one in zip(prompts, shown, strict=True)]
        given = (*self.tokenize(prompts), n)
        with self._in_background():
            sampled = self.sample(*given)
        if self.backend.mode == "colocate":
            return Asked(rows, lambda: sampled)

        def answered() -> Sampled:
            # all processes ask again, for TRL's backend hands out what the first one gets; the weights stay as they are
            with self._in_background():
                _, said, logps, _ = self.backend.generate(prompts=given[0], images=given[1], num_generations=n)
            return said, [[best[0] for best in row] for row in logps]

        return Asked(rows, answered)

    def _in_background(self) -> Any:
        client = getattr(self.backend, "vllm_client", None)  # the first process's only
        if client is None:
            return nullcontext()
        self._client = self._client or Client(client)
        return mock.patch.object(self.backend, "vllm_client", self._client)


class Client:
    """TRL's client of `vllm serve`, of which every other call of `generate` gives what the one before has asked for."""

    def __init__(self, client: Any) -> None:
        self._client, self._thread = client, ThreadPoolExecutor(1, "rollouts-ahead")
        self._asked: Future | None = None
        self._features: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def image_features(self, images: list) -> list[Any]:
        if self._asked is None:
            self._features = self._client.image_features(images)
        return self._features

    def generate(self, prompts: Sequence[list[int]], n: int, **given: Any) -> dict[str, Any]:
        if self._asked is None:
            self._asked = self._thread.submit(self._client.generate, prompts=prompts, n=n, **given)
            nothing: list[list] = [[] for _ in range(len(prompts) * n)]
            return {"prompt_ids": prompts, "completion_ids": nothing, "logprobs": nothing}
        found, self._asked = self._asked.result(), None
        return found
