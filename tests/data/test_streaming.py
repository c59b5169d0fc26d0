"""A weighted stream of corpora: each row once an epoch, in proportion, and resumed at any point."""

from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from data.build import store
from data.example import Example
from data.streaming import Mixture, Part, part
from recipes import BadInput


def corpus(place: Path, name: str, sizes: list[int], weight: float = 1.0) -> Part:
    rows = iter(Example(f"{name}/{i}", "What is it?", "liver", source=name) for i in range(sum(sizes)))
    for number, size in enumerate(sizes):
        store.write(place / name / f"part-{number:05d}-of-{len(sizes):05d}.parquet", islice(rows, size), embed=True)
    return part(str(place / name), weight)


def ids(rows) -> list[str]:
    return [row.id for row in rows]


def test_an_epoch_has_every_row_once_and_in_another_order_each_time(tmp_path: Path) -> None:
    parts = [corpus(tmp_path, "a", [300, 5, 60]), corpus(tmp_path, "b", [40])]
    found = ids(Mixture(parts, epochs=2))
    first, second = found[:405], found[405:]
    assert len(found) == 810
    assert len(set(first)) == 405 == len(set(second))
    assert first != second
    assert ids(Mixture(parts, epochs=2)) == found
    assert ids(Mixture(parts, seed=1, epochs=2)) != found


def test_weights_are_proportions_and_no_row_comes_twice(tmp_path: Path) -> None:
    parts = [corpus(tmp_path, "a", [60, 60], 3.0), corpus(tmp_path, "b", [90], 1.0)]
    mixed = Mixture(parts, epochs=None)
    assert (mixed.sizes, len(mixed)) == ([120, 40], 160)
    epochs = [ids(islice(mixed, 160)) for _ in range(3)]
    for rows in epochs:
        assert Counter(row[0] for row in rows) == {"a": 120, "b": 40}
        assert len(set(rows)) == 160
    # b goes on where it ended: its 90 rows have all come before one comes again
    assert len({row for rows in epochs[:2] for row in rows if row[0] == "b"}) == 80
    assert len({row for rows in epochs for row in rows if row[0] == "b"}) == 90


def test_the_parts_are_mixed_and_not_one_after_the_other(tmp_path: Path) -> None:
    parts = [corpus(tmp_path, "a", [200]), corpus(tmp_path, "b", [200])]
    found = ids(Mixture(parts))
    assert all(70 < sum(row[0] == "a" for row in found[start : start + 200]) < 130 for start in (0, 100, 200))


@pytest.mark.parametrize("taken", [0, 1, 7, 159, 160, 161, 400])
def test_a_stream_goes_on_where_its_state_was_taken(taken: int, tmp_path: Path) -> None:
    parts = [corpus(tmp_path, "a", [60, 7, 53], 3.0), corpus(tmp_path, "b", [90], 1.0)]
    whole = ids(Mixture(parts, epochs=3))
    stopped = Mixture(parts, epochs=3)
    assert ids(islice(stopped, taken)) == whole[:taken]
    again = Mixture(parts, epochs=3)
    again.restore(stopped.state())
    assert ids(again) == whole[taken:]


@pytest.mark.parametrize("sizes", [[90], [30, 30, 30], [7, 50, 3, 30]])
def test_no_row_comes_twice_in_an_epoch_that_reaches_into_another_round(sizes: list[int], tmp_path: Path) -> None:
    parts = [corpus(tmp_path, "a", [60, 60], 3.0), corpus(tmp_path, "b", sizes, 1.0)]
    for seed in range(8):
        mixed = Mixture(parts, seed=seed, epochs=None)
        epochs = [ids(islice(mixed, 160)) for _ in range(9)]
        assert [len(set(rows)) for rows in epochs] == [160] * 9
        seen = Counter(row for rows in epochs for row in rows if row[0] == "b")
        assert set(seen.values()) == {4}  # 9 epochs of 40 rows are 4 rounds of 90


@pytest.mark.parametrize(
    ("weights", "wanted"), [((0.1, 0.9), [10, 90]), ((0.3, 0.9), [30, 90]), ((0.7, 0.1), [70, 10])]
)
def test_weights_that_no_float_holds_exactly(weights: tuple[float, float], wanted: list[int], tmp_path: Path) -> None:
    parts = [corpus(tmp_path, "a", [70], weights[0]), corpus(tmp_path, "b", [90], weights[1])]
    mixed = Mixture(parts)
    assert mixed.sizes == wanted
    assert len(set(ids(mixed))) == sum(wanted)


def test_a_state_of_another_mixture_is_refused(tmp_path: Path) -> None:
    one, other = [corpus(tmp_path, "a", [6])], [corpus(tmp_path, "b", [7])]
    for mixed in (Mixture(other), Mixture(one, seed=1)):
        with pytest.raises(BadInput, match="of another mixture"):
            mixed.restore(Mixture(one).state())
    mixed = Mixture([corpus(tmp_path, "c", [4, 2])])  # as many rows, in other shards
    for state in (Mixture(one).state(), {"epoch": 0, "taken": 3, "seed": 0, "rows": 6}):
        with pytest.raises(BadInput, match="of another mixture"):
            mixed.restore(state)
    for wrong in ({"taken": 7}, {"taken": -1}, {"epoch": "1"}, {"epoch": None}):
        with pytest.raises(BadInput, match="damaged"):
            mixed.restore({**mixed.state(), **wrong})


def test_what_cannot_be_mixed_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no part-"):
        part(str(tmp_path))
    with pytest.raises(BadInput, match="above 0"):
        Mixture([corpus(tmp_path, "a", [3], 0.0)])
    with pytest.raises(BadInput, match="1 to 256 corpora, not 0"):
        Mixture([])


@pytest.mark.parametrize("skip", [0, 1, 255, 256, 300, 599, 600, 700])
def test_a_file_is_read_from_any_row(skip: int, tmp_path: Path) -> None:
    corpus(tmp_path, "a", [600])
    [path] = (tmp_path / "a").iterdir()
    assert ids(store.read(path, skip)) == ids(store.read(path))[skip:]
