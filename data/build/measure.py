"""What the rows of a built corpus are (kind, modality, ...) and how long, shard by shard; the card adds them up."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data import lengths
from data.build import store
from data.example import Example

SPLITS = ("source", "kind", "modality", "language", "license")  # what the rows are counted by


@dataclass(frozen=True)
class Measure:
    """A file of counts for each shard in `out`, in `work`."""

    work: Path
    out: Path

    def __call__(self, _: Any = None, rank: int = 0, world_size: int = 1) -> None:
        for shard in sorted(self.out.glob("part-*.parquet"))[rank::world_size]:
            path = self.work / "measured" / f"{shard.stem}.json"
            if not path.is_file():
                store.write_bytes(path, json.dumps(_of(shard), ensure_ascii=False).encode())


def _of(shard: Path) -> dict[str, Any]:
    counts: dict[str, Counter[str]] = {name: Counter() for name in (*SPLITS, "images")}

    def counted() -> Iterator[Example]:
        for row in store.read(shard):
            columns = row.columns()
            for name in SPLITS:
                counts[name][str(columns.get(name) or "unknown")] += 1
            counts["images"][str(len(row.images))] += 1
            yield row

    found = lengths.measured(counted())
    return {"counts": counts, "lengths": found}


def of(work: Path) -> tuple[dict[str, Counter[str]], lengths.Lengths]:
    """(what the rows are counted by -> value -> rows, their lengths), of all shards."""
    files = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((work / "measured").glob("*.json"))]
    counts = {name: Counter() for name in (*SPLITS, "images")}
    for name, counter in counts.items():
        for one in files:
            counter.update(one["counts"][name])
    return counts, lengths.merged(one["lengths"] for one in files)
