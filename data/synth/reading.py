"""The JSON of a reply, as models write it: after their thinking, in fences, with LaTeX that nobody escaped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Form:
    """The JSON object that a reply is to hold, stated once: for the parser, and for endpoints that keep to a schema.

    texts: keys of texts. lists: keys of lists of texts -> at most how many. optional: those of the keys that the parser
    can do without; an endpoint that is constrained is made to write them.
    """

    texts: tuple[str, ...]
    lists: Mapping[str, int] = field(default_factory=dict)
    optional: tuple[str, ...] = ()

    @property
    def schema(self) -> dict[str, Any]:
        """As JSON schema."""
        text = {"type": "string"}
        lists = {key: {"type": "array", "items": text, "maxItems": most} for key, most in self.lists.items()}
        keys = {**dict.fromkeys(self.texts, text), **lists}
        return {"type": "object", "properties": keys, "required": list(keys), "additionalProperties": False}

    def read(self, reply: str) -> dict[str, Any] | Nonsense:
        """The last JSON object of a reply that has these keys, its texts without outer spaces; a number is taken for
        its text. What stands in <think> tags is not searched.

        Halves of UTF-16 pairs, which JSON can spell and no file can hold, become question marks.
        """
        keys = [key for key in (*self.texts, *self.lists) if key not in self.optional]
        found = [said for said in objects(reply.rpartition("</think>")[2]) if all(key in said for key in keys)]
        if not found:
            return Nonsense("no JSON", f"wanted an object with {', '.join(keys)}")
        said = json.loads(json.dumps(found[-1], ensure_ascii=False).encode("utf-8", "replace"))
        texts = {key: str(said[key]).strip() if isinstance(said[key], str | int | float) else "" for key in self.texts}
        empty = [key for key, text in texts.items() if not text]
        return Nonsense("a key is empty", ", ".join(empty)) if empty else {**said, **texts}


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
