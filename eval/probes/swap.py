"""The images of another item of the same modality: a model that looks should now answer something else."""

import random
from collections.abc import Sequence
from dataclasses import replace

from data import Example
from data.images import content
from eval.probes import Asked

ABOUT = "the images of another item, of the same modality where there is one: who looks answers something else"
TRIED = 256  # other items looked at for a partner: a suite may hold 80,000


def applies(item: Example) -> bool:
    return bool(item.images)


def ask(asked: Asked, others: Sequence[Example], rng: random.Random) -> Asked:
    """Images that are not the item's own; where the suite has no other, the item keeps its own."""
    mine = asked.item
    drawn = rng.sample(others, min(TRIED, len(others)))
    strange = [item for item in drawn if len(item.images) == len(mine.images) and not keys(item) & keys(mine)]
    alike = [item for item in strange if item.modality == mine.modality] or strange
    return replace(asked, item=replace(mine, images=alike[0].images)) if alike else asked


def keys(item: Example) -> set[str | bytes | int]:
    """What tells the item's images from others: path or bytes, else the object."""
    return {image if isinstance(image, (str, bytes)) else id(image) for image in map(content, item.images)}
