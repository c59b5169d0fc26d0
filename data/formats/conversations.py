"""Turns of a conversation: LLaVA's form {"conversations": [{"from", "value"}], "image"}, or {"role", "content"}.

The last reply is the answer, the user's turn before it the question, and what was said earlier the column `history`, as
[{"role", "content"}]. Placeholders of pictures (`<image>`) are taken out of the text: an Example's pictures come first.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from data.example import Example
from data.formats.release import Loader, Release, Spot
from data.sets._items import Row
from data.sets._release import clean

ROLES = {
    **dict.fromkeys(("human", "user"), "user"),
    **dict.fromkeys(("gpt", "assistant"), "assistant"),
    "system": "system",
}
_PLACEHOLDER = re.compile(r"\s*<image>\s*")


def loader(
    release: Release, *, image: str | None = None, turns: str = "conversations", role: str = "from", said: str = "value"
) -> Loader:
    """`load` of a set of conversations. image: the column of pictures, which single rows may lack.

    turns, role, said: what the release calls the turns, who speaks, and what.
    """
    spoken = partial(turns_of, turns=turns, role=role, said=said)

    def made(row: Row, spot: Spot) -> Example:
        *history, question, answer = _without_placeholders(spoken(row), images := _images(release, row, image))
        meta = {"history": history}
        asked, reply = question["content"], answer["content"]
        return release.example(row, spot, asked, reply, kind="text", images=images, meta=meta)

    return release.loader(made, ("history",))


def replied(turns: str = "conversations") -> Callable[[Row], str]:
    """The last reply of a row: the caption, where a set of captions has this form."""
    return lambda row: turns_of(row, turns, "from", "value")[-1]["content"]


def turns_of(row: Row, turns: str, role: str, said: str) -> list[dict[str, str]]:
    """The turns as roles and texts; ValueError unless they end with a user's turn and the reply to it."""
    if not isinstance(row[turns], (list, tuple)):
        raise ValueError("the turns are no list")
    found = [{"role": _role(turn[role]), "content": clean(turn[said])} for turn in row[turns]]
    if [turn["role"] for turn in found[-2:]] != ["user", "assistant"]:
        raise ValueError("the turns do not end with a user's and the reply to it")
    return found


def _role(name: str) -> str:
    if name not in ROLES:
        raise ValueError(f"a turn is by {name!r}, who is none of {', '.join(ROLES)}")
    return ROLES[name]


def _images(release: Release, row: Row, image: str | None) -> tuple:
    return release.images(row.get(image)) if image else ()


def _without_placeholders(turns: list[dict[str, str]], images: tuple) -> list[dict[str, str]]:
    shown = sum(len(_PLACEHOLDER.findall(turn["content"])) for turn in turns)
    if shown > len(images):
        raise ValueError(f"the turns show {shown} pictures, the row has {len(images)}")
    return [{**turn, "content": _PLACEHOLDER.sub("\n", turn["content"]).strip()} for turn in turns]
