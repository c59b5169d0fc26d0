"""How many threads torch may use, decided before it is imported."""

import os


def use_the_cores() -> None:
    """Give this process its share of the machine's cores, unless the user said how many threads it may have.

    `accelerate launch` sets one thread a process where nobody asked for it, which makes training on a CPU half as
    fast on two cores; its own mark in the environment tells its default from a user's wish.
    """
    given = os.environ.get("OMP_NUM_THREADS")
    if given is None or (given == "1" and "ACCELERATE_MIXED_PRECISION" in os.environ):
        cores = len(os.sched_getaffinity(0))
        os.environ["OMP_NUM_THREADS"] = str(max(1, cores // int(os.environ.get("LOCAL_WORLD_SIZE", "1"))))
