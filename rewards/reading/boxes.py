"""Boxes in text: JSON lists, objects with `bbox_2d`, or four numbers in brackets, as (x1, y1, x2, y2)."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

NUMBER = r"(-?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))"
COMMA = r"\s{0,4},\s{0,4}"
CORNERS = re.compile(
    rf"[\[(]\s{{0,4}}{NUMBER}{COMMA}{NUMBER}(?:{COMMA}|\s{{0,4}}\){COMMA}\()\s{{0,4}}{NUMBER}{COMMA}{NUMBER}\s{{0,4}}[\])]"
)
BARE = re.compile(r"[-\d.,;\s]+")
UNREAD = re.compile(r"[\[(]\s{0,4}-?\.?\d|\b(?:not|no|nor|never|neither|or|except|instead)\b", re.IGNORECASE)
QUOTED = re.compile(r'"[^"\n]{0,200}"')
ONE = ("bbox_2d", "bbox", "box")
MANY = ("boxes", "bboxes", "objects", "detections", "answer")
LABEL = ("label", "class", "category", "name")


@dataclass(frozen=True)
class Box:
    """Corners as written, x to the right and y down, and the label that stands with them ('' if none)."""

    x1: float
    y1: float
    x2: float
    y2: float
    label: str = ""

    def within(self, width: float, height: float) -> bool:
        """Whether the corners are in order and inside a frame; infinity where its size is not known."""
        return 0 <= self.x1 < self.x2 <= width and 0 <= self.y1 < self.y2 <= height

    def iou(self, other: "Box") -> float:
        """The area both cover over the area either covers; 0 where both have labels and these differ."""
        wide = min(self.x2, other.x2) - max(self.x1, other.x1)
        high = min(self.y2, other.y2) - max(self.y1, other.y1)
        if wide <= 0 or high <= 0 or (self.label and other.label and self.label != other.label):
            return 0.0
        both = wide * high
        return both / ((self.x2 - self.x1) * (self.y2 - self.y1) + (other.x2 - other.x1) * (other.y2 - other.y1) - both)


def read_boxes(text: str) -> list[Box] | None:
    """Every box of a folded text; None where there is none to read, one is malformed, or one is denied.

    >>> read_boxes('[{"bbox_2d": [1, 2, 3, 4], "label": "Nodule"}]')
    [Box(x1=1.0, y1=2.0, x2=3.0, y2=4.0, label='nodule')]
    >>> texts = "(1,2),(3,4)", "at [1, 2, 3, 4]", "1 2 3 4", "[1, 2, 3]", "not [1,2,3,4]"
    >>> [len(read_boxes(text) or "") for text in texts]
    [1, 1, 1, 0, 0]
    """
    text = re.sub(r"^json\b", "", text.strip()).strip()  # what `fold` leaves of a code fence
    try:
        return boxes_of(json.loads(text))
    except (ValueError, RecursionError):
        pass
    found = [box_at(match.groups()) for match in CORNERS.finditer(text)]
    if found:
        return None if UNREAD.search(CORNERS.sub(" ", QUOTED.sub(" ", text))) else found
    numbers = re.findall(NUMBER, text) if BARE.fullmatch(text) else []
    groups = range(0, len(numbers), 4)
    return [box_at(numbers[i : i + 4]) for i in groups] if numbers and len(numbers) % 4 == 0 else None


def box_at(corners: Sequence[Any], label: str = "") -> Box:
    """A box of four numbers or their digits."""
    x1, y1, x2, y2 = map(float, corners)
    return Box(x1, y1, x2, y2, label)


def boxes_of(value: object, label: str = "") -> list[Box]:
    """The boxes of a gold answer or of parsed JSON, however nested; ValueError where something in it is no box."""
    if isinstance(value, str) and (read := read_boxes(value)) is not None:
        return read
    if isinstance(value, dict):
        label = next((str(value[key]).strip().lower() for key in LABEL if key in value), "")
        inner = [value[key] for key in (*ONE, *MANY) if key in value]
        if len(inner) == 1:
            return boxes_of(inner[0], label)
    if isinstance(value, list | tuple):
        if len(value) == 4 and all(isinstance(n, int | float) and not isinstance(n, bool) for n in value):
            if all(math.isfinite(n) for n in value):
                return [box_at(value, label)]
        else:
            return [box for item in value for box in boxes_of(item, label)]
    raise ValueError(f"no box: {str(value)[:80]}")
