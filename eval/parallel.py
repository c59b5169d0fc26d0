"""Data parallelism: the same command in several processes, each with its own GPUs and its own shard of every suite."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from recipes import ROOT, BadInput


def run(processes: int, gpus_each: int, argv: Sequence[str]) -> None:
    """Runs `python -m eval ARGV --shard i/processes` side by side, and waits for all.

    The last process to finish a suite writes its result. BadInput when one of them did not end well; its answers are
    kept, and the same command asks only for what is missing.
    """
    if "--shard" in argv:
        raise BadInput("--data-parallel makes the shards itself; leave --shard out, or start the shards by hand")
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "eval", *argv, "--data-parallel", "1", "--shard", f"{i}/{processes}"],
            stdout=subprocess.DEVNULL,  # the results are shown once, by the caller
            env={**os.environ, "PYTHONPATH": str(ROOT), **devices(os.environ, i, processes, gpus_each)},
        )
        for i in range(processes)
    ]
    try:
        codes = [process.wait() for process in running]
    except KeyboardInterrupt:
        for process in running:
            process.terminate()
        raise
    if any(codes):
        failed = ", ".join(str(i) for i, code in enumerate(codes) if code)
        raise BadInput(f"shard {failed} of {processes} did not finish (see above); the same command goes on")


def devices(environment: Mapping[str, str], index: int, processes: int, gpus_each: int) -> dict[str, str]:
    """CUDA_VISIBLE_DEVICES of process `index`; nothing without GPUs. BadInput when there are too few of them."""
    named = environment.get("CUDA_VISIBLE_DEVICES")
    there = named.split(",") if named else [str(i) for i in range(_count())]
    if not there:
        return {}
    if len(there) < processes * gpus_each:
        due = f"--data-parallel {processes} with {gpus_each} GPU(s) each needs {processes * gpus_each} GPUs"
        raise BadInput(f"{due}; {len(there)} are here")
    return {"CUDA_VISIBLE_DEVICES": ",".join(there[index * gpus_each : (index + 1) * gpus_each])}


def _count() -> int:
    """How many GPUs the driver lists, without importing torch here."""
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    return sum(line.startswith("GPU ") for line in listed.splitlines())
