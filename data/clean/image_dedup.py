"""Of rows that show the same pictures one stays (Lingshu, section 2.1.4: perceptual hash, distance 0, the best copy).

The paper's scopes: captions across all their sets; instructions within PubMedVision and LLaVA-Med only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar, NamedTuple

import numpy as np

from data.clean import Drop, Note, Pictures, Step
from data.example import Example
from data.hashing import FARTHEST, groups, row_hashes
from data.images import image_sizes
from recipes import BadInput


class Seen(NamedTuple):
    """What is compared.

    asked: a digest of the question, empty where questions do not matter. hashes: 8 bytes a picture. n_px: of all.
    """

    source: str
    asked: bytes
    hashes: bytes
    n_px: int


@dataclass(frozen=True)
class ImageDedup(Step):
    """Of rows whose pictures are the same the one with most pixels stays, of equals the earliest.

    Rows with several pictures are the same if all of these are, in any order.
    distance: bits of the 64-bit hash that may differ, 0 to 16; above 0 chains of near pictures are one group. At 4 a
    resized or recompressed copy is found, a cropped one is not (image_benchmarks finds those).
    among: the sources whose rows are compared, others stay; none: all. same_question: only rows that also ask the same
    are duplicates, so that several questions about one picture stay.
    """

    about: ClassVar[str] = "another row shows the same pictures"
    needs_notes: ClassVar[bool] = True

    distance: int = 0
    among: Sequence[str] = ()
    same_question: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.among, str):
            raise ValueError(f"among is {self.among!r}, it must be a list of sources")
        if not 0 <= self.distance <= FARTHEST:
            raise ValueError(f"distance is {self.distance}, it must be from 0 to {FARTHEST} bits")
        object.__setattr__(self, "among", tuple(self.among))

    def look(self, row: Example, pictures: Pictures) -> Seen | None:
        if not row.images or (self.among and row.source not in self.among):
            return None
        asked = hashlib.sha256(" ".join(row.question.lower().split()).encode()).digest()[:8]
        hashes = np.array(row_hashes(row, pictures), np.uint64).tobytes()
        n_px = sum(width * height for width, height in image_sizes(row))
        return Seen(row.source, asked if self.same_question else b"", hashes, n_px)

    def decide(self, notes: Iterable[Note]) -> Mapping[str, Drop]:
        rows: list[tuple[str, Seen]] = list(notes)
        self._find_lost({seen.source for _, seen in rows})
        best: dict[tuple[object, ...], int] = {}
        keys = _keys([seen for _, seen in rows], self.distance)
        for at, key in enumerate(keys):
            if rows[at][1].n_px > rows[best.setdefault(key, at)][1].n_px:
                best[key] = at
        why = f"image seen elsewhere (distance {self.distance})"
        return {
            row: Drop(why, f"{rows[best[key]][0]} has it")
            for at, ((row, _), key) in enumerate(zip(rows, keys, strict=True))
            if best[key] != at
        }

    def _find_lost(self, sources: set[str]) -> None:
        """BadInput for a source in `among` that no row with pictures is of: a misspelt one would clean nothing."""
        if lost := [name for name in self.among if name not in sources]:
            told = "no row with pictures is of that source; mend its name, or leave it out"
            raise BadInput([f"step image_dedup: among names {name!r}: {told}" for name in lost])


def _keys(rows: list[Seen], distance: int) -> list[tuple[object, ...]]:
    """Of each row what its duplicates have too: its question, and the groups of its pictures."""
    hashes = np.frombuffer(b"".join(row.hashes for row in rows), np.uint64)
    group = iter(groups(hashes, distance).tolist())
    return [(row.asked, *sorted(islice(group, len(row.hashes) // 8))) for row in rows]


STEP = ImageDedup
