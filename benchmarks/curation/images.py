"""Hashing and dedup of pictures beside imagededup and beside decoding; the search among a million; planted leaks.

    python -m benchmarks.curation.images [--pictures FOLDER] [--rounds 5] [--seeds 5] [--hashes N] [--out OUT.json]

Hashing is measured on one core (imagededup's one worker process, our one process; start it with OMP_NUM_THREADS=1), the
arms in turn, on JPEG files that are in the page cache, in seconds of CPU, which other work on the machine disturbs
least; ratios are medians over the rounds.
"""

import argparse
import io
import json
import logging
import multiprocessing
import os
import pathlib
import random
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from data import Example, clean, hashing, open_images
from data.clean import Drop
from data.registry import folder
from recipes import BadInput
from recipes.command import guarded

RATE, DECODING = 1.5, 1.3  # times imagededup's rate, at least; times the time of decoding alone, at most
SECONDS, GIGABYTES = {0: 10, 4: 120}, 2.0  # of the search, by distance
FOUND, FALSE = 0.95, 0.005  # of planted leaks, at least; of innocent pictures removed, at most
NEAR = 4  # bits at which near copies are to be found
COPIES = 0.1  # share of the hashes that are planted copies


def measure(pictures: pathlib.Path, *, rounds: int = 5, seeds: int = 5, n_hashes: int = 1_000_000) -> dict[str, Any]:
    """All figures; `missed` has one line for each target that is not met. pictures: a folder of JPEG files."""
    paths = sorted(pictures.glob("*.jpg"))
    found: dict[str, Any] = {"pictures": len(paths), "speed": speed(paths, rounds), "search": [], "leaks": []}
    for distance in SECONDS:
        with multiprocessing.get_context("spawn").Pool(1) as alone:  # so that the memory is that of this search
            found["search"].append(alone.apply(search, (n_hashes, distance)))
    found["near"] = near(paths)
    found["leaks"] = [leaks(paths, seeds, worst=worst) for worst in (False, True)]
    rows = _rows(found)
    for what, value, target, met in rows:
        print(f"{what:<68} {value:>12}   {target:<10} {'met' if met else 'MISSED'}")
    return found | {"missed": [f"{what}: {value}, not {target}" for what, value, target, met in rows if not met]}


def speed(paths: list[pathlib.Path], rounds: int) -> dict[str, Any]:
    """CPU milliseconds a picture (median, lowest and highest of the rounds), and how many hashes are imagededup's."""
    try:
        from imagededup.methods import PHash
    except ImportError as error:
        raise BadInput(
            ["imagededup is not installed, beside which this is measured; pip install -e '.[bench]'"]
        ) from error
    logging.getLogger("imagededup.methods.hashing").setLevel(logging.WARNING)
    logging.getLogger("imagededup.handlers.search.retrieval").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", "Parameter num_enc_workers", RuntimeWarning)
    peer = PHash(verbose=False)
    arms: dict[str, Callable[[], Any]] = {
        "ours": lambda: _ours(paths),
        "imagededup": lambda: _peers(peer, paths[0].parent),
        "decoding": lambda: [Image.open(path).convert("RGB") for path in paths],
    }
    seconds: dict[str, list[float]] = {name: [] for name in arms}
    for number in range(rounds + 1):
        for name, arm in arms.items():
            start = _cpu()
            arm()
            if number:  # the first round warms the page cache
                seconds[name].append(_cpu() - start)
    theirs = {name: int(text, 16) for name, text in peer.encode_images(str(paths[0].parent), num_enc_workers=0).items()}
    apart = [(theirs[path.name] ^ hashing.row_hashes(*_row(path))[0]).bit_count() for path in paths]
    whole = [theirs[path.name] == hashing.phash(Image.open(path)) for path in paths]
    return {
        "ms": {
            name: [1000 * value / len(paths) for value in (statistics.median(all_), min(all_), max(all_))]
            for name, all_ in seconds.items()
        },
        "times_imagededup": _ratio(seconds["imagededup"], seconds["ours"]),
        "times_decoding": _ratio(seconds["ours"], seconds["decoding"]),
        "same_hash": sum(bits == 0 for bits in apart) / len(apart),
        "bits_apart_at_most": max(apart),
        "same_hash_of_same_pixels": sum(whole) / len(whole),
    }


def _cpu() -> float:
    """Seconds of CPU of this process and of those it has waited for, imagededup's worker among them."""
    return sum(os.times()[:4])


def _ratio(one: list[float], other: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(one, other, strict=True))


def _row(path: pathlib.Path) -> tuple[Example, Callable[[], list[Image.Image]]]:
    row = Example(path.name, "What is shown?", "x", images=(str(path),), source="pictures")
    return row, lambda: open_images(row)


def _ours(paths: list[pathlib.Path]) -> Any:
    """The step as a build runs it, from files to the rows that go."""
    step = clean.load("image_dedup")
    return step.decide([(path.name, step.look(*_row(path))) for path in paths])


def _peers(peer: Any, place: pathlib.Path) -> Any:
    encoded = peer.encode_images(str(place), num_enc_workers=0)
    return peer.find_duplicates(encoding_map=encoded, max_distance_threshold=0, num_enc_workers=0, num_dist_workers=0)


def search(n: int, distance: int) -> dict[str, Any]:
    """Random hashes, a tenth of them copies with up to `distance` bits changed: time, memory, copies found."""
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**64, n, dtype=np.uint64)
    copies = int(n * COPIES)
    of, at = rng.permutation(n - copies)[:copies], np.arange(n - copies, n)
    hashes[at] = hashes[of]
    for _ in range(distance):
        hashes[at] ^= np.uint64(1) << rng.integers(0, 64, copies, dtype=np.uint64)
    start = time.perf_counter()
    label = hashing.groups(hashes, distance)
    seconds = time.perf_counter() - start
    joined = float((label[of] == label[at]).mean())
    others = n - copies - len(np.unique(label))  # hashes that are no copies and were joined with another
    return {
        "n": n, "distance": distance, "seconds": seconds, "peak_gb": _peak_gb(),
        "copies": copies, "found": joined, "joined_by_chance": others,
    }  # fmt: skip


def _peak_gb() -> float:
    """Of this process alone; what `getrusage` says starts at the size of the parent."""
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 2**20


def near(paths: list[pathlib.Path], distance: int = NEAR) -> dict[str, Any]:
    """Copies of all pictures, resized and saved as JPEG but not cropped, that are grouped with their original; and the
    pictures themselves that are grouped with another."""
    rng = random.Random(0)
    hashes = [hashing.row_hashes(*_row(path))[0] for path in paths]
    copies = [_hash_of(_changed(path, rng, cut=0)) for path in paths]
    both, own = (hashing.groups(np.array(some, np.uint64), distance) for some in (hashes + copies, hashes))
    n = len(paths)
    return {
        "distance": distance, "n": n, "found": float((both[:n] == both[n:]).mean()),
        "false_removals": float((own != np.arange(n)).mean()),
    }  # fmt: skip


def _hash_of(encoded: bytes) -> int:
    return hashing.row_hashes(Example("row", "What is shown?", "x", images=(encoded,)), list)[0]


def leaks(paths: list[pathlib.Path], seeds: int, *, worst: bool) -> dict[str, Any]:
    """Half of the pictures are a benchmark; all are changed, and those of the other half also shown as they are.

    Changes: each side cut by up to a tenth of the picture, 0.4 to 1.5 times the size, JPEG quality 30 to 95.
    worst: each side cut by a tenth, 0.25 to 1.5 times the size with another shape, quality 30.
    """
    sums, removed = {"leaks": 0, "found": 0, "innocent": 0, "removed": 0, "seconds": 0.0}, []
    for seed in range(seeds):
        rng = random.Random(seed)
        order = rng.sample(paths, len(paths))
        half = len(order) // 2
        step = _against(order[:half])
        for at, path in enumerate(order):
            shown = [_changed(path, rng, worst=worst)] + ([path.read_bytes()] if at >= half else [])
            start = time.perf_counter()
            gone = [_goes(step, encoded) for encoded in shown]
            sums["seconds"] += time.perf_counter() - start
            sums["leaks" if at < half else "innocent"] += len(gone)
            sums["found" if at < half else "removed"] += sum(map(bool, gone))
            removed += [f"{path.name}: {drop}" for drop in gone if drop and at >= half]
    shown_n = sums["leaks"] + sums["innocent"]
    return {
        **sums, "worst": worst, "recall": sums["found"] / sums["leaks"], "ms": 1000 * sums["seconds"] / shown_n,
        "false_removals": sums["removed"] / sums["innocent"], "removed_innocent": removed,
    }  # fmt: skip


def _against(paths: list[pathlib.Path]) -> clean.Step:
    """The step with these pictures as its benchmark, and its index made."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as file:
        file.write("\n".join(map(str, paths)))
    step = clean.load("image_benchmarks", {"against": [file.name]})
    _goes(step, paths[0].read_bytes())
    pathlib.Path(file.name).unlink()
    return step


def _goes(step: clean.Step, encoded: bytes) -> str:
    row = Example("row", "What is shown?", "x", images=(encoded,))
    found = step.clean(row, lambda: open_images(row))
    return found.detail if isinstance(found, Drop) else ""


def _changed(path: pathlib.Path, rng: random.Random, *, worst: bool = False, cut: float = 0.1) -> bytes:
    image = Image.open(path).convert("RGB")
    width, height = image.size
    left, top, right, low = (cut if worst else rng.uniform(0, cut) for _ in range(4))
    image = image.crop(
        (round(left * width), round(top * height), round(width * (1 - right)), round(height * (1 - low)))
    )
    wide = rng.uniform(0.25 if worst else 0.4, 1.5)
    high = wide * (rng.uniform(0.8, 1.25) if worst else 1)
    size = (max(64, round(image.width * wide)), max(64, round(image.height * high)))
    file = io.BytesIO()
    image.resize(size, rng.choice(list(Image.Resampling))).save(
        file, "JPEG", quality=30 if worst else rng.randint(30, 95)
    )
    return file.getvalue()


def _rows(found: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """(what, value, target, met)"""
    fast = found["speed"]
    rows = [
        ("hashing + dedup: times imagededup's rate", f"{fast['times_imagededup']:.2f}", f">= {RATE}",
         fast["times_imagededup"] >= RATE),
        ("hashing + dedup: times the time of decoding alone", f"{fast['times_decoding']:.2f}", f"<= {DECODING}",
         fast["times_decoding"] <= DECODING),
        ("the same hash as imagededup's of the same pixels", f"{100 * fast['same_hash_of_same_pixels']:.1f} %", "100 %",
         fast["same_hash_of_same_pixels"] == 1),
    ]  # fmt: skip
    for one in found["search"]:
        what = f"{one['n']:,} hashes at distance {one['distance']}"
        rows += [
            (f"{what}: seconds", f"{one['seconds']:.1f}", f"< {SECONDS[one['distance']]}",
             one["seconds"] < SECONDS[one["distance"]]),
            (f"{what}: peak memory of the process", f"{one['peak_gb']:.2f} GB", f"< {GIGABYTES:.0f} GB",
             one["peak_gb"] < GIGABYTES),
            (f"{what}: planted copies found", f"{100 * one['found']:.1f} %", "100 %", one["found"] == 1),
        ]  # fmt: skip
    one = found["near"]
    what = f"distance {one['distance']}"
    rows += [
        (f"{what}: copies found, resized and JPEG quality 30 to 95", f"{100 * one['found']:.1f} %",
         f">= {100 * FOUND:.0f} %", one["found"] >= FOUND),
        (f"{what}: removed of the {one['n']} originals", f"{100 * one['false_removals']:.2f} %",
         f"<= {100 * FALSE} %", one["false_removals"] <= FALSE),
    ]  # fmt: skip
    for one in found["leaks"]:
        what = "worst changes" if one["worst"] else "changes at random"
        rows += [
            (f"{what}: leaks found of {one['leaks']}", f"{100 * one['recall']:.1f} %", f">= {100 * FOUND:.0f} %",
             one["recall"] >= FOUND),
            (f"{what}: removed of {one['innocent']} innocent", f"{100 * one['false_removals']:.2f} %",
             f"<= {100 * FALSE} %", one["false_removals"] <= FALSE),
        ]  # fmt: skip
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=pathlib.Path, default=folder("vqa_rad") / "images")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--hashes", type=int, default=1_000_000)
    parser.add_argument("--out", type=pathlib.Path, help="write the figures as JSON")
    given = parser.parse_args()
    found = measure(given.pictures, rounds=given.rounds, seeds=given.seeds, n_hashes=given.hashes)
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(json.dumps(found, indent=2) + "\n")
    return 1 if found["missed"] else 0


if __name__ == "__main__":
    sys.exit(guarded(main))
