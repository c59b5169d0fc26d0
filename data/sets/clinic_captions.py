"""clinic_captions: what the phantoms of clinic show, in words; for stages that learn to see before they are asked.

The pictures and the split of their keys are clinic's own, the wording that of its reasoning. A short caption tells what
is seen ("the lesion is 11 mm wide, above 8 mm"), a long one, which is asked for, also what follows ("..., so large").
"""

from __future__ import annotations

from collections.abc import Sequence

import data.clinic
from data.example import Example
from data.formats.captions import request
from data.registry import SetInfo
from data.sets import clinic
from recipes import BadInput, hint

FOLLOWS = "What follows from it?"  # asked for a long caption

ABOUT = SetInfo(
    name="clinic_captions",
    splits=tuple(clinic.SIZES),
    license=clinic.LICENSE,
    kinds=("text",),
    text="captions of clinic's phantom images",
    extra=("family", "difficulty", "key"),
    verified=True,
)


def load(
    split: str,
    *,
    n: int | None = None,
    seed: int = 0,
    families: Sequence[str] | None = None,
    long: bool = False,
    difficulty: int = 1,
    image_size: int = 56,
) -> list[Example]:
    """Items 0 to n-1, the families taking turns.

    families: names of families with images (default all); long: with what follows from what is seen; difficulty 1 to 3
    and image_size in pixels as clinic takes them.
    """
    known = [name for name, family in data.clinic.families().items() if data.clinic.is_image(family)]
    wanted = known if families is None else [families] if isinstance(families, str) else list(families)
    if wrong := [name for name in wanted if name not in known]:
        no, there = "clinic_captions: no family of images", f"there are {', '.join(known)}"
        raise BadInput([f"{no} {one!r}{hint(str(one), known)}; {there}" for one in wrong])
    # asked for a class in letters that are not shuffled, the reasoning ends in the class itself
    asked = {"families": wanted, "kinds": ["option"], "shuffle_options": False}
    rows = clinic.load(split, n=n, seed=seed, difficulty=difficulty, image_size=image_size, **asked)
    return [_caption(row, long) for row in rows]


def _caption(row: Example, long: bool) -> Example:
    name = row.id.replace("clinic/", "clinic_captions/", 1)
    told = str(row.meta["trace"])
    return Example(
        id=name,
        question=f"{request(name, 1)} {FOLLOWS}" if long else request(name, 1),
        answer=told if long else told.rpartition(", so ")[0],
        kind="text",
        images=row.images,
        source=ABOUT.name,
        split=row.split,
        modality=row.modality,
        license=row.license,
        meta={key: row.meta[key] for key in ABOUT.extra},
    )
