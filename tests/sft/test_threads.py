"""Threads follow the machine, unless the user said how many there may be."""

import os

import pytest

from sft.threads import use_the_cores

CORES = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("environment", "threads"),
    [
        ({}, CORES),
        ({"OMP_NUM_THREADS": "1", "ACCELERATE_MIXED_PRECISION": "no"}, CORES),  # accelerate's own default
        ({"OMP_NUM_THREADS": "1"}, 1),
        ({"OMP_NUM_THREADS": "7", "ACCELERATE_MIXED_PRECISION": "no"}, 7),
        ({"LOCAL_WORLD_SIZE": str(2 * CORES)}, 1),
    ],
)
def test_threads(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], threads: int) -> None:
    for name in ("OMP_NUM_THREADS", "ACCELERATE_MIXED_PRECISION", "LOCAL_WORLD_SIZE"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    use_the_cores()
    assert os.environ["OMP_NUM_THREADS"] == str(threads)
