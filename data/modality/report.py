"""What a built corpus is made of: modalities, sources and kinds as tables and bars on one page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from data.modality.bars import bars
from data.modality.metadata import SETTLED
from data.modality.words import UNKNOWN, named
from data.pages import page, tables
from data.pages.blocks import Block, Heading, Picture, Table, Text
from recipes import BadInput

PAGE, NUMBERS = "modality.html", "modality.json"
BY = "modality_by"  # the key of meta in which the cleaning step says where its word comes from
AT_ONCE = 4096  # rows read together, without their pictures

Counts = dict[str, Counter[str]]


def count(place: Path) -> Counts:
    """Rows of the build in the folder `place`, by modality, where that is known from, value as written, source, kind,
    and modality within source. Pictures are not read. BadInput where no build is, or a damaged one."""
    shards = sorted(place.glob("part-*.parquet"))
    if not shards:
        raise BadInput([f"{place} holds no part-*.parquet; make it with `python -m data build RECIPE`"])
    found: Counts = {}
    for row in (row for shard in shards for row in _rows(shard)):
        for title, value in _told(row).items():
            found.setdefault(title, Counter())[value] += 1
    if not found:
        raise BadInput([f"{place} holds no rows; build it again"])
    return {title: Counter(dict(counter.most_common())) for title, counter in found.items()}


def _told(row: Mapping[str, str]) -> dict[str, str]:
    modality = row["modality"] if row["modality"] in SETTLED else named(row["modality"])
    by = json.loads(row["meta"]).get(BY) if f'"{BY}"' in row["meta"] else None
    return {
        "modality": modality,
        "known from": by or ("the source" if modality != UNKNOWN else "nothing"),
        "as the rows say it": row["modality"] or "(nothing)",
        "source": row["source"],
        "kind": row["kind"],
        "source and modality": f"{row['source']}: {modality}",
    }


def _rows(shard: Path) -> Iterator[dict[str, str]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(shard) as file:
            for batch in file.iter_batches(AT_ONCE, columns=["modality", "source", "kind", "meta"]):
                yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise BadInput([f"{shard}: is damaged ({type(error).__name__}); build it again"]) from error


def rows(counter: Counter[str]) -> list[tables.Row]:
    """(value, rows, %) of a table."""
    return [(value, f"{n:,}", f"{100 * n / counter.total():.1f}") for value, n in counter.items()]


def write(folder: Path, name: str, found: Counts) -> Path:
    """modality.html and modality.json in `folder`; returns the page."""
    folder.mkdir(parents=True, exist_ok=True)
    told = json.dumps(as_json(found), indent=1, ensure_ascii=False)
    (folder / NUMBERS).write_text(told + "\n", encoding="utf-8")
    path = folder / PAGE
    path.write_text(page.html(blocks(name, found)), encoding="utf-8")
    return path


def as_json(found: Counts) -> dict[str, Any]:
    return {"rows": found["kind"].total(), "counts": {title: dict(counter) for title, counter in found.items()}}


def blocks(name: str, found: Counts) -> list[Block]:
    """The page: a drawing and a table of each count."""
    made: list[Block] = [
        Heading(f"{name}: what it is made of", 1),
        Text(
            f"{found['kind'].total():,} rows. Modalities are in the vocabulary of Lingshu (arXiv 2506.07044, figure 5)."
        ),
    ]
    for title, counter in found.items():
        alt = f"Rows by {title}"
        made += [
            Heading(title.capitalize()),
            Picture(alt, drawing=bars(counter, alt)),
            Table(alt, (title, "rows", "%"), rows(counter)),
        ]
    return made
