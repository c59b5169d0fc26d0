"""Which samples share a row: best fit, so that rows are full and each sample is whole."""

from __future__ import annotations

import bisect
import random
from collections.abc import Sequence


def best_fit(lengths: Sequence[int], limit: int, seed: int = 0) -> list[list[int]]:
    """Rows of sample numbers, each of at most `limit` tokens: the longest first, each into the fullest row it fits.

    Samples longer than the limit have a row each. The seed decides which of equally long samples go together; rows are
    in no order that tells of their lengths.
    """
    order = list(range(len(lengths)))
    rng = random.Random(seed)
    rng.shuffle(order)
    order.sort(key=lambda sample: -lengths[sample])
    rows: list[list[int]] = []
    room: list[tuple[int, int]] = []  # (tokens left, row), sorted: the first with enough is the fullest that fits
    for sample in order:
        size = lengths[sample]
        place = bisect.bisect_left(room, (size, -1))
        if place == len(room):
            rows.append([])
            left, row = max(limit, size), len(rows) - 1
        else:
            left, row = room.pop(place)
        rows[row].append(sample)
        if left > size:
            bisect.insort(room, (left - size, row))
    rng.shuffle(rows)
    return rows


def padding_share(lengths: Sequence[int], rows: Sequence[Sequence[int]], limit: int) -> float:
    """Share of the rows' room that no token fills."""
    return 1 - sum(lengths) / (len(rows) * limit)
