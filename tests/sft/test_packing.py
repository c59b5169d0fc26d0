"""Rows are full, samples whole."""

import random

import pytest

from sft.packing import best_fit, padding_share


@pytest.mark.parametrize("seed", range(5))
def test_every_sample_stands_in_one_row_that_holds_it(seed: int) -> None:
    rng = random.Random(seed)
    lengths = [rng.randint(1, 120) for _ in range(500)]
    rows = best_fit(lengths, 100, seed)
    assert sorted(sample for row in rows for sample in row) == list(range(500))
    assert all(sum(lengths[sample] for sample in row) <= 100 for row in rows if len(row) > 1)


def test_the_fullest_row_with_room_is_taken() -> None:
    assert sorted(map(sorted, best_fit([6, 5, 4, 3, 2], 10))) == [[0, 2], [1, 3, 4]]


def test_medical_lengths_leave_little_room_empty() -> None:
    rng = random.Random(0)
    lengths = [min(8192, int(rng.lognormvariate(6, 1))) for _ in range(3000)]
    assert padding_share(lengths, best_fit(lengths, 8192), 8192) < 0.01


def test_the_seed_decides_who_shares_a_row() -> None:
    rng = random.Random(0)
    lengths = [rng.randint(1, 50) for _ in range(200)]
    assert best_fit(lengths, 100, 1) == best_fit(lengths, 100, 1) != best_fit(lengths, 100, 2)


def test_rows_do_not_come_in_the_order_of_their_lengths() -> None:
    rng = random.Random(1)
    lengths = sorted((rng.randint(1, 100) for _ in range(300)), reverse=True)
    longest = [max(lengths[sample] for sample in row) for row in best_fit(lengths, 100)]
    assert longest != sorted(longest, reverse=True)
