"""Boxes around findings: how well they overlap, one to one."""

import math
from collections.abc import Sequence

from rewards import Response, RewardError, Score, reward
from rewards.reading.assignment import best_pairs
from rewards.reading.boxes import Box, boxes_of, read_boxes
from rewards.reading.prose import committed_text

FRAMES = {"pixel": math.inf, "0-1000": 1000.0, "0-1": 1.0}
EXAMPLES = [
    {
        "kind": "box",
        "question": "Where is the nodule?",
        "answer": [[100, 120, 180, 200]],
        "image_width": 512,
        "image_height": 512,
        "right": ["[100, 120, 180, 200]", '[{"bbox_2d": [100, 120, 180, 200], "label": "nodule"}]'],
        "wrong": ["[300, 300, 380, 380]", "[0, 0, 512, 512]", "[180, 200, 100, 120]", "not [100, 120, 180, 200]"],
    },
    {
        "kind": "box",
        "question": "Where are the nodules?",
        "answer": ["[10, 10, 60, 60]", "[200, 200, 300, 300]"],
        "right": "(200, 200), (300, 300); (10, 10), (60, 60)",
        "wrong": ["[400, 10, 500, 60]", "[10, 10, 60, 600]", "[]"],
    },
]


@reward(low=0.0, high=1.0)
def box_iou(
    response: Response,
    answer: Sequence | str,
    kind: str | None = None,
    image_width: float | None = None,
    image_height: float | None = None,
    threshold: float = 0.5,
    frame: str = "pixel",
) -> Score | None:
    """The sum of the IoU of boxes matched one to one, over the larger of their numbers in gold and response.

    A box is (x1, y1, x2, y2): a JSON list, an object with "bbox_2d", or four numbers in brackets.  Misses and extras
    cost, and so does a box with swapped corners or outside the frame, which matches nothing.  threshold: an IoU below
    it counts as none (0.5 is the field's usual bound; 0 pays for any overlap).  frame: "pixel" (within image_width
    and image_height, where the row has them), "0-1000" or "0-1", of gold and response alike.  Labels, where both
    have them, must be the same.
    Source: the matching of DETR (arXiv 2005.12872); penalties for misses and extras, since the mean over predicted
    boxes alone (QoQ-Med, VLM-R1) pays for leaving lesions out.  None where the gold is no list of boxes in the frame,
    or the row is of another kind.
    Known hacks: the whole image, many boxes, the same box twice, all below the threshold or divided away.

    >>> two = [[0, 0, 10, 10], [20, 20, 30, 30]]
    >>> [box_iou(text, answer=two).value for text in ("[[0,0,10,10],[20,20,30,30]]", "[0, 0, 10, 8]", "[[0,0,99,99]]")]
    [1.0, 0.4, 0.0]
    """
    if frame not in FRAMES:
        raise RewardError(f"reward box_iou: frame must be one of {', '.join(FRAMES)}, not {frame!r}")
    side = FRAMES[frame]
    size = (image_width or side, image_height or side) if frame == "pixel" else (side, side)
    gold = gold_boxes(answer, size) if kind in (None, "box") else None
    if gold is None:
        return None
    text = committed_text(response)
    said = read_boxes(text.value) if text.value is not None else None
    if said is None:
        return Score(0.0, None, text.rule, text.why or "no boxes are stated")
    overlaps = [[mine.iou(box) if box.within(*size) else 0.0 for box in said] for mine in gold]
    counted = [[iou if iou >= threshold else 0.0 for iou in row] for row in overlaps]
    pairs = best_pairs(counted)
    most = max(len(gold), len(said))
    value = sum(counted[i][j] for i, j in pairs) / most if most else 1.0
    return Score(min(1.0, value), str(said)[:200], "boxes", f"{len(pairs)} of {len(gold)} matched, {len(said)} stated")


def gold_boxes(answer: object, size: tuple[float, float]) -> list[Box] | None:
    """The gold boxes, an empty list for "nothing to find"; None where they cannot be used."""
    try:
        boxes = boxes_of(answer)
    except ValueError:
        return None
    return boxes if all(box.within(*size) for box in boxes) else None
