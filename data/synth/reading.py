"""The JSON of a reply, as models write it: after their thinking, in fences, with LaTeX that nobody escaped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from data.clean import Drop

MOST_BRACES = 500  # places where an object may begin; a reply with more is not read on
# LaTeX that JSON would read as a control character and the rest of the word: \frac, \text, \rho.
_COMMANDS = (
    r"(?:beta|bar|begin|binom|boxed|bullet|frac|forall|nu|neq?|nabla|not|rho|right\w*|rm|text\w*|theta|tau|times|tan|to"
    r"|tilde|triangle)(?![A-Za-z])"
)
_ESCAPE = re.compile(rf'\\\\|\\(?:(?={_COMMANDS})|(?!["\\/bfnrtu])|(?=u(?![0-9a-fA-F]{{4}})))')


class Nonsense(Drop):
    """A reply that cannot be read: empty, cut off, no JSON. It counts as a failure of the endpoint, as no answer does;
    a reply that can be read and is not good enough is a plain Drop."""


def json_of(reply: str, *keys: str) -> dict[str, Any] | Nonsense:
    """The last JSON object of a reply that has all of these keys; what stands in <think> tags is not searched.

    Halves of UTF-16 pairs, which JSON can spell and no file can hold, become question marks.
    """
    found = [said for said in objects(reply.rpartition("</think>")[2]) if all(key in said for key in keys)]
    if not found:
        return Nonsense("no JSON", f"wanted an object with {', '.join(keys)}")
    return json.loads(json.dumps(found[-1], ensure_ascii=False).encode("utf-8", "replace"))


def texts_of(said: Mapping[str, Any], *keys: str) -> list[str] | Nonsense:
    """The values at these keys as texts without outer spaces; a number is taken for its text."""
    values = [said[key] for key in keys]
    found = [str(value).strip() if isinstance(value, str | int | float) else "" for value in values]
    empty = [key for key, text in zip(keys, found, strict=True) if not text]
    return Nonsense("a key is empty", ", ".join(empty)) if empty else found


def objects(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects in a text, none of which lies inside another; line breaks inside a text are allowed."""
    mended = _ESCAPE.sub(lambda found: "\\\\", text)
    decoder, place = json.JSONDecoder(strict=False), mended.find("{")
    for _ in range(MOST_BRACES):
        if place < 0:
            return
        try:
            value, end = decoder.raw_decode(mended, place)
        except (ValueError, RecursionError):
            value, end = None, place + 1
        if isinstance(value, dict):
            yield value
        place = mended.find("{", end)
