"""What it costs to run rewards in worker processes: the same verdicts here and in a pool, side by side.

    python benchmarks/reward_pool.py [--completions 128] [--workers 2] [--rounds 20] [--out OUT.json]

One round judges a batch of completions of about 300 tokens with answer_match and format, in turn in this process and in
the pool. The first three rounds warm up and are not counted.
"""

import argparse
import itertools
import json
import pathlib
import statistics
import sys
import time

# Run as a script, this folder stands on sys.path in place of the checkout, and foreign packages could take our names.
sys.path[:] = [str(pathlib.Path(__file__).resolve().parents[1])] + [
    entry for entry in sys.path if pathlib.Path(entry).resolve() != pathlib.Path(__file__).resolve().parent
]

import rewards  # noqa: E402
from rewards.bench import responses  # noqa: E402
from rewards.running import Job, Pool  # noqa: E402

GRADERS = ("answer_match", "format")
STEP_S = 2.4  # a step of recipes/grpo_med.yaml on 2 cores, whose batch is 128 completions (docs/results.md)


def main() -> int:
    given = _parser().parse_args()
    graders = {k: rewards.load(name) for k, name in enumerate(GRADERS)}
    rows = itertools.islice(itertools.cycle(responses()), given.completions)
    jobs = [
        Job(k, f"{text} {i}", {name: value for name, value in columns.items() if name in (*grader.wants, "id")}, 300)
        for i, (text, columns) in enumerate(rows)
        for k, grader in graders.items()
    ]
    began = time.perf_counter()
    pool = Pool(graders, workers=given.workers)
    pool.judge(jobs[:1])
    started = time.perf_counter() - began
    seconds: dict[str, list[float]] = {"here": [], "pool": []}
    for turn in range(given.rounds + 3):
        for where in seconds:
            start = time.perf_counter()
            if where == "pool":
                pool.judge(jobs)
            else:
                for job in jobs:
                    graders[job.reward](rewards.parse(job.text, n_tokens=job.n_tokens), **job.columns)
            if turn >= 3:
                seconds[where].append(time.perf_counter() - start)
    found = {
        "completions": given.completions,
        "verdicts": len(jobs),
        "workers": given.workers,
        "start_ms": round(started * 1e3),
        "worker_mb": round(statistics.mean(_resident_mb(worker._process.pid) for worker in pool._workers)),
        **{f"{where}_ms": round(statistics.median(times) * 1e3, 1) for where, times in seconds.items()},
        **{
            f"{where}_ms_range": [round(t * 1e3, 1) for t in (min(times), max(times))]
            for where, times in seconds.items()
        },
    }
    found["share_of_a_step"] = round(found["pool_ms"] / 1e3 / STEP_S, 4)
    for name, value in found.items():
        print(f"{name:<16} {value}")
    if given.out:
        given.out.write_text(json.dumps(found, indent=2) + "\n")
    return 0


def _resident_mb(pid: int) -> float:
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--completions", type=int, default=128)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--out", type=pathlib.Path)
    return parser


if __name__ == "__main__":
    sys.exit(main())
