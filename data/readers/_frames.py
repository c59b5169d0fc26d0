"""Which frames of a file: pages of a TIFF, frames of a DICOM file, slices of a volume."""

from __future__ import annotations

import re
from collections.abc import Sequence

from data.readers._source import Refusal
from recipes import BadInput

Frames = int | str | Sequence[int]

_EVEN = re.compile(r"even:([1-9]\d{0,5})")
_PART = re.compile(r"([1-9]\d{0,5})/([1-9]\d{0,5})")


def checked(frames: Frames) -> Frames:
    """The choice as it is; BadInput for one that no file could satisfy."""
    if isinstance(frames, str):
        part = _PART.fullmatch(frames)
        good = frames in ("middle", "all") or _EVEN.fullmatch(frames) or (part and int(part[1]) <= int(part[2]))
    else:
        numbers = [frames] if isinstance(frames, int) else list(frames)
        good = numbers and all(isinstance(n, int) and not isinstance(n, bool) for n in numbers)
    if not good:
        raise BadInput(
            f"frames {frames!r} must be middle, all, even:K (K of them, evenly spaced), I/K (the Ith of these),"
            " a number from 0, or a list of numbers"
        )
    return frames


def chosen(frames: Frames, total: int) -> list[int]:
    """The numbers of the frames, from 0; -1 is the last. Refusal for one that is not there.

    >>> chosen("middle", 9), chosen("even:3", 9), chosen("2/3", 9), chosen([0, -1], 9), chosen("even:9", 2)
    ([4], [1, 4, 7], [4], [0, 8], [0, 1])
    """
    if isinstance(frames, str):
        return _by_name(frames, total)
    numbers = [frames] if isinstance(frames, int) else list(frames)
    if lost := [n for n in numbers if not -total <= n < total]:
        raise Refusal(f"there is no frame {lost[0]}, it has {total}", "choose one that is there")
    return [n % total for n in numbers]


def _by_name(frames: str, total: int) -> list[int]:
    if frames == "all":
        return list(range(total))
    if even := _EVEN.fullmatch(frames):
        count = min(int(even[1]), total)
        return [_centre(part, count, total) for part in range(count)]
    part = _PART.fullmatch(frames)
    return [_centre(int(part[1]) - 1, int(part[2]), total) if part else total // 2]


def _centre(part: int, parts: int, total: int) -> int:
    """The frame in the middle of one of `parts` equal stretches."""
    return (2 * part + 1) * total // (2 * parts)
