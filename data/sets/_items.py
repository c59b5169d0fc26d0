"""What the readers of benchmarks share: where rows come from, rows made into Examples with every fault named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from data.example import LETTERS, Example
from data.registry import SetInfo, folder, set_aside
from data.sets._release import clean, from_files, hub_rows, table
from recipes import BadInput, hint

Row = Mapping[str, Any]
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)  # what an error repeats of a row


def remedy(about: SetInfo) -> str:
    """What to download, and where to put it."""
    return about.remedy.format(place=folder(about.name))


def chosen(about: SetInfo, knob: str, wanted: str | Sequence[str] | None, there: Iterable[str]) -> list[str]:
    """The wanted parts of a set, one or several; all of them without a wish. BadInput for one that there is not."""
    known = list(there)
    names = known if wanted is None else [wanted] if isinstance(wanted, str) else list(wanted)
    if not names:
        raise BadInput([f"{about.name}: {knob} names none; there are {', '.join(known)}"])
    if unknown := [name for name in names if name not in known]:
        lines = [f"{about.name}: no {knob} {name!r}{hint(str(name), known)}" for name in unknown]
        raise BadInput([f"{line}; there are {', '.join(known)}" for line in lines])
    return list(dict.fromkeys(names))


def rows_of(about: SetInfo, pattern: str, source: str, hub: Callable[[str], Any]) -> tuple[str, Iterable[Row]]:
    """(where they lie, the rows): of the set's files that the glob names, or of the hub, which `hub` reads.

    source: files, hub, or auto. `hub` is given what its complaint ends with.
    """
    place, todo = folder(about.name), remedy(about)
    if from_files(source, place, about.name):
        return str(place / pattern), table(place, pattern, todo)
    return f"the hub data set {about.hub}", hub(f"check the network, or {todo}")


def hub_file(hub: str, name: str, todo: str) -> Path:
    """One file of a hub repository (or of a local copy of it), downloaded once; BadInput ending with `todo`."""
    from huggingface_hub import hf_hub_download

    if Path(hub).is_dir():
        return Path(hub) / name
    try:
        return Path(hf_hub_download(hub, name, repo_type="dataset"))
    except Exception as error:  # huggingface_hub raises many kinds, network errors among them
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise BadInput([f"{name} of the hub data set {hub} cannot be read ({reason[0]}); {todo}"]) from error


def examples(
    about: SetInfo, where: str, rows: Iterable[Row], made: Callable[[int, Row], Example | None]
) -> list[Example]:
    """What `made` makes of each row and its number (from 1), without the None among them.

    BadInput, one line with file, row or id, and remedy, for a row that is not in the set's form, an id that comes
    twice, or when nothing is left. Within `registry.setting_aside` a bad row is left out and noted instead.
    """
    found: dict[str, Example] = {}
    for number, row in enumerate(rows, 1):
        try:
            if row is None:
                raise ValueError("is no object, or cannot be read")
            example = made(number, row)
            if example is not None and example.id in found:
                raise ValueError(f"the id {example.id} comes twice")
        except KeyError as error:
            _refuse(about, where, number, f" has no column {error}", error)
            continue
        except (AttributeError, IndexError, TypeError, ValueError) as error:
            _refuse(about, where, number, f": {error}", error)
            continue
        if example is not None:
            found[example.id] = example
    if not found:
        raise BadInput([f"{where}: holds no row to ask; {remedy(about)}"])
    return list(found.values())


def _refuse(about: SetInfo, where: str, number: int, why: str, error: Exception) -> None:
    """Set a bad row aside, without what the error repeats of it; else stop."""
    told = why if isinstance(error, KeyError) else _QUOTED.sub("...", why)
    if not set_aside(where, number, told.lstrip(": ")):
        raise BadInput([f"{where}: row {number}{why}; {remedy(about)}"]) from error


def choice(
    about: SetInfo, split: str, name: str, question: Any, options: Mapping[str, str], answer: Any, meta: Row
) -> Example:
    """An item with one right option; `name` follows the set's in its id. The wrong letters are its distractors."""
    if question is None or answer is None:
        raise ValueError(f"{name} has no {'question' if question is None else 'answer'}")
    letter = clean(answer)
    return Example(
        id=f"{about.name}/{name}",
        question=clean(question),
        answer=letter,
        kind="option",
        options=options,
        source=about.name,
        split=split,
        license=about.license,
        meta={"language": about.languages[0], **meta, "distractors": wrong(options, [letter])},
    )


def lettered(options: Mapping[str, Any] | Sequence[Any]) -> dict[str, str]:
    """Letter -> text of a mapping, or of a list in its order; ValueError for more options than letters.

    A mapping's empty options (a hub's rows have a value for every letter that any row has) are left out.
    """
    if isinstance(options, Mapping):
        return {letter: clean(text) for letter, text in options.items() if text is not None and clean(text)}
    if isinstance(options, str) or len(options) > len(LETTERS):
        raise ValueError(f"{options!r} is no list of options")
    return {letter: clean(text) for letter, text in zip(LETTERS, options, strict=False)}


def wrong(options: Mapping[str, str], golds: Iterable[str]) -> list[str]:
    """The letters whose option reads otherwise than every right one."""
    right = {options.get(letter) for letter in golds}
    return [letter for letter, text in options.items() if text not in right]


def image_folder(about: SetInfo, path: Path) -> Path:
    """The folder of a set's pictures; BadInput if it is not there. Its files are not looked for one by one: a picture
    that lacks is named when it is opened."""
    if not path.is_dir():
        raise BadInput([f"the folder of images {path} is missing; {remedy(about)}"])
    return path


def stored(picture: Any) -> Any:
    """A picture of a Parquet row, {"bytes", "path"}, as an Example takes it; ValueError where neither is given."""
    if not isinstance(picture, Mapping):
        return picture
    found = picture.get("bytes") or picture.get("path")
    if not found:
        raise ValueError("a picture has neither bytes nor a path")
    return found


def hub_pictures(hub: str, split: str, todo: str, config: str | None = None) -> Any:
    """`hub_rows` whose pictures stay {"bytes", "path"}: opened all at once they would not fit in memory."""
    from datasets import Image

    rows = hub_rows(hub, split, todo, config)
    for column, feature in rows.features.items():
        if isinstance(feature, Image):
            rows = rows.cast_column(column, Image(decode=False))
    return rows
