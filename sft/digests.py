"""What a run learnt from, in a few words that another run's data can be held against."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from data import Example
from data.build.corpus import corpus
from sft.mixture import Drawn

CARD = "card.json"


def of(drawn: Sequence[Drawn]) -> list[dict[str, Any]]:
    """One entry a set: as the recipe uses it, its rows, and SHA-256 digests.

    `card`: of the card of a built corpus, which holds those of its shards. `digest`: of any other set the ids,
    questions and answers, in their order.
    """
    return [{**one.use.model_dump(), "rows": len(one.examples), **_digest(one)} for one in drawn]


def _digest(one: Drawn) -> dict[str, str]:
    if one.use.use == "built":
        place = corpus(str(one.use.knobs["path"]))
        if (place / CARD).is_file():
            return {"folder": str(place), "card": hashlib.sha256((place / CARD).read_bytes()).hexdigest()}
    return {"digest": of_rows(one.examples)}


def of_rows(examples: Sequence[Example]) -> str:
    """The SHA-256 of the rows' ids, questions and answers, a JSON line each."""
    found = hashlib.sha256()
    for example in examples:
        row = [example.id, example.question, example.answer]
        found.update((json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass"))
    return found.hexdigest()
