"""Your own questions in a table: CSV, TSV, JSON, JSON lines or Parquet, with pictures as paths beside it.

`{use: files, path: my/questions.csv}`. A row has `question` and `answer`, and may have `options` (a list or letter ->
text, in CSV as JSON or as columns A, B, ...), `images` (paths, in CSV with `;` between), `id`, `split` (train without
it), `kind`, `modality` and `patient`, whom no split may tear apart. All other columns are kept. A row without a
question is a picture to describe. The answer to options is a letter, or the text of one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from data.example import KINDS, LETTERS, Example, infer_kind
from data.formats.captions import request
from data.registry import SetInfo
from data.sets._items import Row, examples, lettered, wrong
from data.sets._release import clean, sample, table
from recipes import BadInput, from_root, hint

NAME = "files"
OWN = ("question", "answer", "options", "images", "id", "split", "kind", "modality", "patient")

ABOUT = SetInfo(
    name=NAME,
    splits=("train", "validation", "test"),
    license="that of its owner",
    kinds=KINDS,
    text="your own table of questions, answers and paths of pictures, named by its file: path=my/questions.csv",
    remedy="it is a table in UTF-8 with the columns question and answer, and images for pictures; `columns` says what"
    " yours are called (docs/data.md, Your own files)",
    verified=True,
)


class Asked(NamedTuple):
    """What is the same for all rows of a file."""

    split: str
    name: str
    pictures: Path
    columns: Mapping[str, str]
    modality: str
    license: str


def load(
    split: str,
    *,
    n: int | None = None,
    seed: int = 0,
    path: str = "",
    images: str = "",
    columns: Mapping[str, str] | None = None,
    modality: str = "mixed",
    license: str = "",
) -> list[Example]:
    """A split, or n rows of it at random. images: the folder of the pictures, by default the file's. columns: our name
    -> that of the file. modality: of rows with pictures that do not tell their own."""
    if not path:
        raise BadInput([f"{NAME}: name the file: path=my/questions.csv"])
    if unknown := [name for name in columns or {} if name not in OWN]:
        has = ", ".join(OWN)
        raise BadInput([f"{NAME}: columns: no {name!r}{hint(name, OWN)}; there are {has}" for name in unknown])
    file = from_root(path)
    pictures = from_root(images) if images else file.parent
    asked = Asked(split, Path(path).stem, pictures.resolve(), columns or {}, modality, license or ABOUT.license)
    rows = table(file.parent, file.name, ABOUT.remedy)
    _find_columns(file, rows, asked.columns)
    return sample(examples(ABOUT, str(file), rows, partial(_example, asked)), n, seed, f"{NAME}/{path}/{split}")


def _find_columns(file: Path, rows: list[Any], columns: Mapping[str, str]) -> None:
    """BadInput where no row has what every row needs, or what `columns` names."""
    there = list(dict.fromkeys(name for row in rows if isinstance(row, Mapping) for name in row if name))
    needed = {name: columns.get(name, name) for name in ("answer", *columns)}
    if lost := [theirs for theirs in needed.values() if theirs not in there]:
        told = f"{file} has no column {', '.join(lost)}; it has {', '.join(map(str, there)) or 'none'}"
        raise BadInput([f"{told}; {ABOUT.remedy}"])


def _example(asked: Asked, number: int, row: Row) -> Example | None:
    said = {name: row.get(asked.columns.get(name, name)) for name in OWN}
    if (_text(said["split"]) or "train") != asked.split:
        return None
    name = f"{asked.name}/{_text(said['id']) or number}"
    images = tuple(_picture(asked.pictures, one) for one in _several(said["images"]))
    options = _options(said["options"], row)
    question, gold = _text(said["question"]), _gold(said["answer"], options)
    if not question and not images:
        raise ValueError("there is neither a question nor a picture")
    kind = _text(said["kind"]) or ("" if question else "text") or infer_kind(gold, options)
    known = {*OWN, *asked.columns.values(), *(LETTERS if options else ())}
    group = _text(said["patient"])
    own = {"cluster": f"patient:{group}" if group else f"image:{images[0]}" if images else f"row:{name}"}
    own |= {"distractors": wrong(options, [gold])} if options and isinstance(gold, str) else {}
    return Example(
        id=name,
        question=question or request(name, len(images)),
        answer=gold.lower() if kind == "yesno" and isinstance(gold, str) else gold,
        kind=kind,
        images=images,
        options=options,
        source=asked.name,
        split=asked.split,
        modality=(_text(said["modality"]) or asked.modality).lower() if images else "text",
        license=asked.license,
        meta={**{key: value for key, value in row.items() if key not in known and key is not None}, **own},
    )


def _text(value: Any) -> str:
    return "" if value is None or value != value else clean(value)


def _several(value: Any) -> list[str]:
    """A list; a JSON list in a text; or the parts between semicolons."""
    if isinstance(value, (list, tuple)):
        return [clean(one) for one in value]
    text = _text(value)
    return json.loads(text) if text.startswith("[") else [part.strip() for part in text.split(";") if part.strip()]


def _picture(place: Path, name: str) -> str:
    """ValueError for a path that leaves the folder: a table from elsewhere shall not read other files."""
    path = (place / name.replace("\\", "/")).resolve()
    if not path.is_relative_to(place):
        raise ValueError("the path of a picture leaves the folder of the pictures; name that folder by `images`")
    return str(path)


def _options(value: Any, row: Row) -> dict[str, str] | None:
    if value is None or value == "":
        columns = {letter: row.get(letter) for letter in LETTERS}
        return {letter: clean(text) for letter, text in columns.items() if _text(text)} or None
    return lettered(json.loads(value) if isinstance(value, str) else value)


def _gold(value: Any, options: Mapping[str, str] | None) -> str | list[str]:
    """The answer; of a choice, its letter."""
    several = json.loads(value) if isinstance(value, str) and value.lstrip().startswith("[") else value
    if isinstance(several, (list, tuple)):
        return [clean(one) for one in several]
    gold = _text(value)
    if not gold:
        raise ValueError("there is no answer")
    named = [letter for letter, text in (options or {}).items() if text == gold]
    return named[0] if len(named) == 1 and gold not in (options or {}) else gold
