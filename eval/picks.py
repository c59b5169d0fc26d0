"""Which items are shown: drawn at random among those of one sort, never chosen by what looks good."""

import random
from collections.abc import Sequence

PICKS = ("mixed", "better", "worse", "right", "wrong", "any")


def drawn(items: dict[str, tuple[bool, ...]], pick: str, n: int, seed: int) -> list[str]:
    """At most n of the items, whose verdicts are given run by run.

    better, worse: from the first run to the last; right, wrong: in all runs; mixed: of these four as evenly as there
    are items.
    """
    sorts = {name: sorted(item for item, rights in items.items() if _is(name, rights)) for name in PICKS[1:]}
    rng = random.Random(f"{seed}/{pick}")
    if pick != "mixed":
        return rng.sample(sorts[pick], min(n, len(sorts[pick])))
    queues = [rng.sample(sorts[name], len(sorts[name])) for name in ("better", "worse", "right", "wrong")]
    found: list[str] = []
    while len(found) < n and any(queues):
        found += [queue.pop() for queue in queues if queue and len(found) < n]
    return list(dict.fromkeys(found))[:n]


def _is(name: str, rights: Sequence[bool]) -> bool:
    first, last = rights[0], rights[-1]
    return {
        "better": last and not first,
        "worse": first and not last,
        "right": all(rights),
        "wrong": not any(rights),
        "any": True,
    }[name]
