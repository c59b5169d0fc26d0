"""How long rows are and how large their pictures, before a model is trained on them. A few rows are in memory at once.

Text is counted as words, or as tokens where a tokenizer is given; a picture as the tokens that Qwen2.5-VL makes of it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from data.example import Example
from data.images import BadPicture, image_sizes
from data.pages import tables
from data.prompt import user_text
from recipes import BadInput

PATCH = 28  # px a side of what becomes one token: 14 px, merged 2 x 2
MIN_PIXELS, MAX_PIXELS = 56 * 56, 12_845_056  # of a picture as Qwen2.5-VL's processor resizes it
MARKS = 2  # tokens around each picture
ALL = "(all)"
PARTS = ("prompt", "answer", "image_tokens", "together", "pictures", "width", "height")
SHOWN = ("prompt", "answer", "image_tokens", "together")
HEADER = ("source", "rows", "pictures", *(f"{name.replace('_', ' ')}: median, 95 %, most" for name in SHOWN))
BAR = 40  # characters of the longest

Lengths = dict[str, dict[str, Counter[int]]]  # source -> part -> value -> rows (of width and height: pictures)
Count = Callable[[str], int]


def image_tokens(width: int, height: int, max_pixels: int = MAX_PIXELS) -> int:
    """Tokens of a picture: its sides are rounded to whole patches, then its area is brought within the limits."""
    across, down = round(width / PATCH), round(height / PATCH)
    if across * down * PATCH**2 > max_pixels:
        shrink = math.sqrt(width * height / max_pixels)
        across, down = (max(1, math.floor(side / shrink / PATCH)) for side in (width, height))
    elif across * down * PATCH**2 < MIN_PIXELS:
        grow = math.sqrt(MIN_PIXELS / (width * height))
        across, down = (math.ceil(side * grow / PATCH) for side in (width, height))
    return across * down


def words(text: str) -> int:
    return len(text.split())


def tokens_of(name: str) -> Count:
    """What counts the tokens of a text by this tokenizer, a hub id or a folder; BadInput where it cannot be read."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(name)
    except (OSError, ValueError) as error:
        raise BadInput([f"the tokenizer {name} cannot be read ({str(error).strip().splitlines()[0]})"]) from error
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False))


def measured(
    rows: Iterable[Example],
    *,
    count: Count = words,
    style: str = "plain",
    max_pixels: int = MAX_PIXELS,
    into: Lengths | None = None,
    source: str = "",
) -> Lengths:
    """Rows counted by their source, or under the name of one. The answer is what is learnt: reasoning belongs to it.

    A row whose picture cannot be read is counted as `unreadable`, and not measured.
    """
    found = {} if into is None else into
    for row in rows:
        parts = found.setdefault(source or row.source, {name: Counter() for name in (*PARTS, "unreadable")})
        try:
            sizes = image_sizes(row)
        except BadPicture:
            parts["unreadable"][1] += 1
            continue
        learnt = [row.meta.get("trace"), *row.golds]
        prompt, answer = count(user_text(row, style)), count("\n".join(map(str, filter(None, learnt))))
        seen = sum(image_tokens(*size, max_pixels) for size in sizes)
        together = prompt + answer + seen + MARKS * len(sizes)
        for name, value in zip(PARTS, (prompt, answer, seen, together, len(sizes)), strict=False):
            parts[name][value] += 1
        parts["width"].update(width for width, _ in sizes)
        parts["height"].update(height for _, height in sizes)
    return found


def merged(several: Iterable[Mapping[str, Mapping[str, Mapping[Any, int]]]]) -> Lengths:
    """Of parts of a corpus, whose numbers may have been JSON's keys."""
    found: Lengths = {}
    for one in several:
        for source, parts in one.items():
            into = found.setdefault(source, {name: Counter() for name in (*PARTS, "unreadable")})
            for name, values in parts.items():
                into[name].update({int(value): n for value, n in values.items()})
    return found


def facts(found: Lengths, unit: str = "words", max_length: int | None = None) -> dict[str, Any]:
    """Of each source and of all together: rows, the spread of each part, and rows above max_length, if it is given."""
    every = merged({ALL: parts} for parts in found.values())
    return {
        "unit": unit,
        "max_length": max_length,
        "sources": {name: _facts(parts, max_length) for name, parts in {**found, **every}.items()},
    }


def _facts(parts: Mapping[str, Counter[int]], max_length: int | None) -> dict[str, Any]:
    lengths = parts["together"]
    over = sum(n for value, n in lengths.items() if max_length and value > max_length)
    return {
        "rows": lengths.total(),
        "unreadable": parts["unreadable"].total(),
        **({"above_max_length": over} if max_length else {}),
        **{name: spread(parts[name]) for name in PARTS if parts[name]},
    }


def spread(values: Counter[int]) -> dict[str, Any]:
    """Quantiles by nearest rank, mean, and a histogram whose bins double: 0, 1, 2-3, 4-7, ..."""
    bins: Counter[int] = Counter()
    for value, n in values.items():
        bins[value.bit_length()] += n
    names = {size: f"{1 << size - 1}-{(1 << size) - 1}" if size > 1 else str(size) for size in bins}
    total = values.total()
    marks = {"min": 0.0, "p5": 0.05, "median": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {
        **dict(zip(marks, _quantiles(values, list(marks.values())), strict=True)),
        "mean": round(sum(value * n for value, n in values.items()) / total, 1),
        "total": sum(value * n for value, n in values.items()),
        "histogram": {names[size]: bins[size] for size in sorted(bins)},
    }


def _quantiles(values: Counter[int], shares: Sequence[float]) -> list[int]:
    """Nearest rank, of shares in rising order."""
    total, seen, found = values.total(), 0, []
    for value in sorted(values):
        seen += values[value]
        while len(found) < len(shares) and seen >= max(1, math.ceil(shares[len(found)] * total)):
            found.append(value)
    return found


def rows_of(found: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The table below HEADER, a source a row."""
    return [
        (name, f"{one['rows']:,}", _pictures(one), *(_marks(one.get(part)) for part in SHOWN))
        for name, one in found["sources"].items()
    ]


def table(found: Mapping[str, Any]) -> str:
    """For the terminal, with the histogram of all rows."""
    unit, limit, every = found["unit"], found["max_length"], found["sources"][ALL]
    lines = [tables.plain(HEADER, rows_of(found)), "", f"prompt and answer in {unit}; pictures in tokens of Qwen2.5-VL"]
    if unreadable := every["unreadable"]:
        lines.append(f"{unreadable:,} rows left out: a picture cannot be read")
    if limit:
        lines += [
            f"{one['above_max_length']:,} of {one['rows']:,} rows of {name} are longer than {limit:,} tokens"
            for name, one in found["sources"].items()
            if one["above_max_length"] or name == ALL
        ]
    if "together" not in every:
        return "\n".join(lines)
    bins = every["together"]["histogram"]
    most, margin = max(bins.values()), max(map(len, bins))
    bars = [f"{name:>{margin}}  {'#' * math.ceil(BAR * n / most)} {n:,}" for name, n in bins.items()]
    return "\n".join([*lines, "", "rows by length, all parts together:", *bars])


def _marks(one: Mapping[str, Any] | None) -> str:
    return f"{one['median']:,}, {one['p95']:,}, {one['max']:,}" if one else "-"


def _pictures(one: Mapping[str, Any]) -> str:
    """`1,024; 512 x 480 px` : how many, and the median of the sides."""
    if "width" not in one:
        return "0"
    return f"{one['pictures']['total']:,}; {one['width']['median']} x {one['height']['median']} px"
