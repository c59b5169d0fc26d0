"""Every image replaced by a grey one of its size: what stays right was not seen."""

import functools
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from data import Example, image_sizes
from eval.probes import Asked

ABOUT = "every image replaced by a grey one of its size: what stays right was not seen"
GREY = (127, 127, 127)


def applies(item: Example) -> bool:
    return bool(item.images)


def ask(asked: Asked, others: Sequence[Example], rng: random.Random) -> Asked:
    item = asked.item
    grey = tuple(functools.partial(_grey, item, place) for place in range(len(item.images)))  # made when it is opened
    return replace(asked, item=replace(item, images=grey))


def _grey(item: Example, place: int) -> Any:
    from PIL import Image

    return Image.new("RGB", image_sizes(item)[place], GREY)
