"""Rollouts one step old: what is trained on was sampled by the weights before, and a server works meanwhile."""

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from accelerate import Accelerator

import data
from rlvr import building, check, rewarding
from rlvr.ahead import Ahead
from rlvr.rollouts import Rollouts


class Server:
    """In place of TRL's client of `vllm serve`: says the version of its weights, and only once it may."""

    def __init__(self) -> None:
        self.version, self.answered, self.may = 0, 0, threading.Semaphore(3)

    def generate(self, prompts: list[list[int]], n: int, **_: Any) -> dict[str, Any]:
        version = self.version
        assert self.may.acquire(timeout=20)
        self.answered += 1
        said = [[*ids, version] for ids in prompts for _ in range(n)]
        return {"prompt_ids": prompts, "completion_ids": said, "logprobs": [[[-0.5]] * len(ids) for ids in said]}


@pytest.fixture
def served() -> tuple[Ahead, Server]:
    """TRL's own backend in server mode, with the weights brought at each request."""
    backend, server = Rollouts.__new__(Rollouts), Server()
    settings = dict.fromkeys(("top_p", "top_k", "min_p", "repetition_penalty", "structured_outputs_regex"))
    settings |= {"temperature": 1.0, "max_completion_length": 4, "logprobs": 0, "generation_kwargs": {}}
    vars(backend).update(settings, mode="server", accelerator=Accelerator(cpu=True), vllm_client=server)

    def sample(prompts: list, images: Any, fields: Any, n: int) -> Any:
        server.version += 1  # the weights of this step
        _, said, logps, _ = backend.generate(prompts, images, n)
        return said, logps

    def tokenize(prompts: list) -> tuple:
        return [[one] for one in prompts], None, {}

    return Ahead(sample, tokenize, backend), server


def rows(*prompts: int) -> list[dict[str, Any]]:
    return [{"prompt": prompt} for prompt in prompts for _ in range(2)]


def test_a_server_samples_while_the_batch_before_is_trained_on(served: tuple[Ahead, Server]) -> None:
    one, server = served
    first = one.exchange(rows(7, 8), 2)
    assert (first.rows, first.wait()[0]) == (rows(7, 8), [[7, 1], [7, 1], [8, 1], [8, 1]])
    again = one.exchange(rows(9), 2)
    assert (again.rows, again.wait()[0]) == (rows(7, 8), [[7, 2], [7, 2], [8, 2], [8, 2]])
    late = one.exchange(rows(5), 2)  # returns, though the server has not answered the last request
    assert (late.rows, late.wait()) == (rows(9), ([[9, 3], [9, 3]], [[-0.5, -0.5]] * 2))
    assert server.answered == 3
    server.may.release(3)
    one.settle()
    assert server.answered == 4
    assert server.generate([[1]], 1)["completion_ids"] == [[1, 4]]  # others may ask the server now
    assert one.exchange(rows(4), 2).wait()[0] == [[5, 4], [5, 4]]


def test_a_step_trains_on_what_the_weights_before_have_sampled(load: Any, checkpoint: Path, tmp_path: Path) -> None:
    recipe = load("max_steps: 1", "max_steps: 3\n  learning_rate: 1.0e-2")
    examples = data.load("clinic", "train", n=12, families=["lab_range", "lesion_side"])
    trainer = building.build(recipe, str(checkpoint), examples, rewarding.load_rewards(recipe), tmp_path / "run")
    trainer.args.save_strategy = "no"
    policy: Any = trainer.model
    sampled: list[tuple[float, Any]] = []
    trained: list[tuple[float, Any]] = []
    graded, sample = trainer._calculate_rewards, trainer._generate_single_turn

    def weight() -> float:
        return float(policy.lm_head.weight.detach().double().sum())

    def sampling(*given: Any) -> Any:
        made = sample(*given)
        sampled.append((weight(), made[0]))
        return made

    def grading(inputs: list, prompts: list, completions: list, ids: list) -> torch.Tensor:
        trained.append((weight(), ids))
        graded(inputs, prompts, completions, ids)
        asked.append([row["index"] for row in inputs])
        trainer._flat = torch.zeros(len(inputs), dtype=torch.bool)
        return torch.arange(len(inputs))[:, None] % 2 * 1.0  # something to learn

    asked: list[list[int]] = []
    trainer._calculate_rewards = grading  # type: ignore[method-assign]
    trainer.ahead = Ahead(sampling, trainer._tokenize_prompts, SimpleNamespace(mode="colocate"))
    trainer.train()
    versions = [version for version, _ in trained]
    assert len(set(versions)) == 3  # the weights move
    assert [version for version, _ in sampled] == [versions[0], *versions]  # the first twice, the last for nobody
    assert [ids for _, ids in trained] == [ids for _, ids in sampled[:3]]
    assert asked[0] == asked[1] != asked[2]


ONE = ("eval:", "runtime: {one_step_off: true}\neval:")
VLLM = ("use_vllm: false", "use_vllm: true")


@pytest.mark.parametrize(
    ("swaps", "said"),
    [
        (ONE, ["use_vllm"]),
        ((*ONE, *VLLM), []),
        (VLLM, []),
        (("eval:", "runtime: {one_step_off: true, dynamic_sampling: 2}\neval:", *VLLM), ["dynamic_sampling"]),
    ],
)
def test_what_it_needs_is_judged_beforehand(load: Any, swaps: tuple[str, ...], said: list[str]) -> None:
    found = check.judge(load(*swaps))
    assert len(found) == len(said)
    assert all("runtime.one_step_off" in one and word in one for one, word in zip(found, said, strict=True))
