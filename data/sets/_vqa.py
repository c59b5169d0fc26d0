"""What the readers of questions about pictures share: where the pictures lie, and an item with a free answer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.example import Example, infer_kind
from data.registry import SetInfo, folder
from data.sets._items import remedy
from data.sets._release import clean
from recipes import BadInput


def pictures(about: SetInfo, name: str) -> Path:
    """The folder of the set's pictures; BadInput if it is not there. Single files are not looked for."""
    place = folder(about.name) / name
    if not place.is_dir():
        raise BadInput([f"{about.name}: the folder of the images, {place}, is missing; {remedy(about)}"])
    return place


def kept(image: Mapping[str, Any], seen: dict[str, bytes]) -> tuple[bytes, str]:
    """The bytes of an encoded picture and a name made of them; of equal pictures, `seen` holds one.

    ValueError for a picture without bytes.
    """
    content = image["bytes"]
    if not content:
        raise ValueError("the image has no bytes")
    name = hashlib.sha256(content).hexdigest()[:16]
    return seen.setdefault(name, content), name


def asked(
    about: SetInfo,
    split: str,
    name: str,
    question: Any,
    answer: Any,
    image: str | bytes,
    modality: str,
    meta: Mapping[str, Any],
) -> Example:
    """An item with one picture and a free answer; `name` follows the set's in its id.

    The kind is inferred from the answer; yes and no are in lower case. ValueError without a question or an answer.
    """
    if question is None or answer is None:
        raise ValueError(f"{name} has no {'question' if question is None else 'answer'}")
    text = clean(answer)
    kind = infer_kind(text)
    return Example(
        id=f"{about.name}/{name}",
        question=clean(question),
        answer=text.lower() if kind == "yesno" else text,
        kind=kind,
        images=(image,),
        source=about.name,
        split=split,
        modality=modality,
        license=about.license,
        meta=meta,
    )


def form_of(answer: Any) -> str:
    """closed for a gold of yes or no, else open: what MedEvalKit takes VQA-RAD's and PathVQA's items for."""
    return "closed" if clean(answer).lower() in ("yes", "no") else "open"
