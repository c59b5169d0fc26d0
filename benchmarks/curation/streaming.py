"""The stream of a mixture beside reading its shards plainly, and the memory of both."""

from __future__ import annotations

import io
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from data.build import store
from data.example import Example
from data.streaming import Mixture, part

ROWS_PER_SHARD = 2000
SIDE = 224  # px of the pictures: noise, which compresses as little as a photograph of its size


def measure(n: int = 80_000, rounds: int = 9) -> dict[str, Any]:
    """Rows a second of CPU time in a second reading, of text and of pictures, in processes of their own, and memory."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as place:
        for name, rows, pictures in (("text", n, False), ("pictures", n // 4, True)):
            folders = [_made(Path(place) / f"{name}-{k}", k, rows // 2, pictures) for k in range(2)]
            rates: dict[str, list[float]] = {"plain": [], "mixture": []}
            for _ in range(rounds):
                for way in rates:  # turn by turn, so that whatever else the machine does touches both
                    rates[way].append(_alone(way, folders)["rate"])
            middle = {way: median(values) for way, values in rates.items()}
            small = [_made(Path(place) / f"{name}-small-{k}", k, rows // 8, pictures) for k in range(2)]
            memory = {"all": _alone("mixture", folders)["mb"], "a quarter": _alone("mixture", small)["mb"]}
            share = middle["mixture"] / middle["plain"]
            found[name] = {"rows": rows, "rows_per_s": middle, "share": share, "peak_mb": memory}
    return found


def _made(place: Path, seed: int, n: int, pictures: bool) -> str:
    rng = random.Random(seed)
    rows = (_row(f"{place.name}/{i}", rng, pictures) for i in range(n))
    count = -(-n // ROWS_PER_SHARD)
    for number in range(count):
        some = (row for row, _ in zip(rows, range(ROWS_PER_SHARD), strict=False))
        store.write(place / f"part-{number:05d}-of-{count:05d}.parquet", some, embed=True)
    return str(place)


def _row(name: str, rng: random.Random, pictures: bool) -> Example:
    question = " ".join(rng.choice(("liver", "lung", "left", "large", "seen", "where")) for _ in range(60))
    images = (_picture(rng),) if pictures else ()
    return Example(name, question, "liver", options=None, images=images, source="made", meta={"language": "en"})


def _picture(rng: random.Random) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.frombytes("L", (SIDE, SIDE), rng.randbytes(SIDE * SIDE)).save(file, "JPEG", quality=80)
    return file.getvalue()


def _alone(way: str, folders: list[str]) -> dict[str, float]:
    with multiprocessing.get_context("spawn").Pool(1) as process:
        return process.apply(_read, (way, folders))


def _read(way: str, folders: list[str]) -> dict[str, float]:
    rows: Callable[[], Iterator[Example]] = {"plain": lambda: _plain(folders), "mixture": lambda: _mixed(folders)}[way]
    first = sum(1 for _ in rows())  # imports and first memory are no part of the rate
    start = time.process_time()  # of the processor: a neighbour's work counts less than by the clock
    n = sum(1 for _ in rows())
    seconds = time.process_time() - start
    assert first == n
    return {"rate": n / seconds, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _plain(folders: list[str]) -> Iterator[Example]:
    for folder in folders:
        for path in sorted(Path(folder).glob("part-*.parquet")):
            yield from store.read(path)


def _mixed(folders: list[str]) -> Iterator[Example]:
    return iter(Mixture([part(folder) for folder in folders]))
