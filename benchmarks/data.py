"""The figures of curation, in one run and one table: pictures, texts, leaks that were planted, streaming.

    python benchmarks/data.py [--out docs/results/data.json] [--part images ...] [--texts 1000000]

images: hashing and dedup beside imagededup and beside decoding, the search among a million hashes, planted leaks.
texts: MinHash dedup beside datatrove's own pipeline. decontamination: texts against all text benchmarks that are here.
leaks: planted copies of benchmark items found and innocent items removed. streaming: a mixture beside plain reading.
Peers: pip install -e '.[bench,peers]'. Exits 1 if a target is missed. Nothing else should run on the machine.
"""

import argparse
import json
import os
import pathlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

# Run as a script, this folder stands on sys.path in place of the checkout, and this file would be taken for `data`.
sys.path[:] = [str(pathlib.Path(__file__).resolve().parents[1])] + [
    entry for entry in sys.path if pathlib.Path(entry).resolve() != pathlib.Path(__file__).resolve().parent
]

from benchmarks.curation import images, streaming, texts  # noqa: E402
from data.registry import folder  # noqa: E402
from recipes.command import guarded  # noqa: E402

TIMES_DATATROVE, DECONTAMINATION_S = 1.2, 300.0  # at most
FOUND, FALSE = 0.95, 0.005
STREAM, MEMORY = 0.95, 1.2  # at least; at most, of a quarter of the rows
Line = tuple[str, str, bool]  # what was found, the target, whether it is met


def main() -> int:
    given = _parser().parse_args()
    started = time.time()
    found: dict[str, Any] = {"cores": os.cpu_count()}
    missed: list[str] = []
    for part in given.part or PARTS:
        print(f"\n{part}", flush=True)
        found[part] = PARTS[part](given)
        for said, target, met in LINES.get(part, lambda _: iter(()))(found[part]):
            print(f"{said}   {target}   {'met' if met else 'MISSED'}", flush=True)
            missed += [] if met else [f"{part}: {said}, wanted {target}"]
        missed += [f"{part}: {line}" for line in found[part].get("missed", ())]
    found |= {"missed": missed, "seconds": round(time.time() - started)}
    print("\nall targets met" if not missed else "\nmissed:\n" + "\n".join(f"- {line}" for line in missed))
    if given.out:
        given.out.write_text(json.dumps(found, indent=1) + "\n")
    return int(bool(missed))


def _leaks(given: argparse.Namespace) -> dict[str, Any]:
    return {"benchmarks": texts.leaks(), "within a corpus": texts.duplicates()}


def _minhash_lines(found: dict[str, Any]) -> Iterator[Line]:
    if "ratio" in found:
        said = (
            f"{found['texts']:,} texts: {found['ours_s']} s, datatrove {found['datatrove_s']} s, {found['ratio']} times"
        )
        yield said, f"<= {TIMES_DATATROVE}", found["ratio"] <= TIMES_DATATROVE


def _decontamination_lines(found: dict[str, Any]) -> Iterator[Line]:
    said = f"{found['texts']:,} texts against {found['references']:,} items: {found['seconds']} s"
    yield said, f"< {DECONTAMINATION_S:g} s", found["seconds"] < DECONTAMINATION_S


def _leak_lines(found: dict[str, Any]) -> Iterator[Line]:
    for name, one in found.items():
        share = one["found up to 30 %"]
        yield f"{name}: copies found, up to 30 % of the words changed: {100 * share:.1f} %", ">= 95 %", share >= FOUND
        wrong = one["falsely removed"]
        yield f"{name}: innocent items removed: {100 * wrong:.2f} %", "<= 0.5 %", wrong <= FALSE


def _stream_lines(found: dict[str, Any]) -> Iterator[Line]:
    for name, one in found.items():
        rates = one["rows_per_s"]
        said = f"{name}: {rates['mixture']:,.0f} rows/s, plainly {rates['plain']:,.0f}: {100 * one['share']:.0f} %"
        yield said, f">= {100 * STREAM:.0f} %", one["share"] >= STREAM
        whole, quarter = one["peak_mb"]["all"], one["peak_mb"]["a quarter"]
        yield f"{name}: peak {whole:.0f} MB, {quarter:.0f} MB for a quarter", "flat", whole <= MEMORY * quarter


PARTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "images": lambda given: images.measure(folder("vqa_rad") / "images", rounds=given.rounds, seeds=given.seeds),
    "texts": lambda given: texts.minhash(given.texts, given.workers),
    "decontamination": lambda given: texts.decontamination(given.texts, given.workers),
    "leaks": _leaks,
    "streaming": lambda given: streaming.measure(),
}
LINES: dict[str, Callable[[dict[str, Any]], Iterator[Line]]] = {
    "texts": _minhash_lines,
    "decontamination": _decontamination_lines,
    "leaks": _leak_lines,
    "streaming": _stream_lines,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=PARTS, action="append", help="only these")
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rounds", type=int, default=3, help="of timing pictures")
    parser.add_argument("--seeds", type=int, default=3, help="of planted leaks of pictures")
    parser.add_argument("--out", type=pathlib.Path, help="write the figures as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(guarded(main))
