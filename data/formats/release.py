"""Where the rows of a release lie and what they have in common, and the `load` that a format makes for a source.

A release is read from the set's folder, or file by file from the hub where it is not there: the same files under the
same names. Pictures in Parquet files stay there until they are opened. Pictures with a name of their own lie in the
set's folder; those of a hub repository are in archives that have to be unpacked there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from data.example import Example
from data.formats import parquet
from data.registry import SetInfo, folder
from data.sets._items import Row, chosen, examples, image_folder, remedy
from data.sets._release import clean, from_files, sample, table
from recipes import BadInput

Column = str | Callable[[Row], Any]  # a column's name, or what is made of several
Reader = Callable[[Path, str, str], Iterable[Row]]  # folder, glob and remedy -> rows
HUB_FILES = "data/{split}-*.parquet"  # as the hub names the files of a data set that was pushed to it


class Spot(NamedTuple):
    """Where a row is: the name that its id gets after the set's, and its split."""

    name: str
    split: str


Made = Callable[[Row, Spot], Example | None]


def rows_of(place: Path, pattern: str, todo: str) -> Iterable[Row]:
    """The rows of the files of a glob, by their ending; BadInput ending with `todo` for what cannot be read."""
    return (parquet.rows if pattern.endswith(".parquet") else table)(place, pattern, todo)


@dataclass(frozen=True)
class Release:
    """What the sources of all formats say of their release.

    files: a glob below the set's folder, or in its hub repository, {split} standing for the release's name of the
    split; or such a glob for each part of the set. names: split -> that name, where it is another than ours. only:
    whether a row of a file belongs to this part and split. pictures: the folder of pictures that have names, below the
    set's. modality: of the pictures. cluster: what splits may not tear apart, e.g. "patient:7"; else the picture, or
    the row alone. keep: official columns that go into meta, None in a row that lacks one.
    """

    about: SetInfo
    files: str | Mapping[str, str] = HUB_FILES
    names: Mapping[str, str] = field(default_factory=dict)
    only: Callable[[Row, str, str], bool] | None = None
    pictures: str = "images"
    modality: str | Callable[[Row], Any] = "mixed"
    cluster: Callable[[Row], str] | None = None
    keep: tuple[str, ...] = ()
    reader: Reader = rows_of

    @property
    def parts(self) -> Mapping[str, str]:
        """Part -> glob; one part where there is one glob."""
        return {"all": self.files} if isinstance(self.files, str) else self.files

    def loader(
        self, made: Made, extra: tuple[str, ...] = (), after: Callable[[list[Example]], list[Example]] = list
    ) -> Loader:
        """`load` of the source's module. made: what becomes of a row; extra: the keys that it adds to the meta."""
        kind = Loader if isinstance(self.files, str) else PartsLoader
        return kind(self, made, ("language", "cluster", *extra, *self.keep), after)

    def images(self, found: Any) -> tuple[Any, ...]:
        """The pictures of a cell, one or several: paths below the set's folder, or what Parquet files hold.

        ValueError for a path that leaves the folder.
        """
        several = found if isinstance(found, (list, tuple)) else [] if found is None or found == "" else [found]
        return tuple(self._path(one) if isinstance(one, str) else one for one in several)

    def example(
        self,
        row: Row,
        spot: Spot,
        question: str,
        answer: str | list[str],
        *,
        kind: str = "",
        images: tuple[Any, ...] = (),
        options: Mapping[str, str] | None = None,
        meta: Row | None = None,
    ) -> Example:
        """The row's Example, with the columns that are kept."""
        about, named = self.about, images and isinstance(images[0], str)
        alone = f"image:{images[0]}" if named else f"row:{about.name}/{spot.name}"
        own = {"language": about.languages[0], "cluster": self.cluster(row) if self.cluster else alone}
        return Example(
            id=f"{about.name}/{spot.name}",
            question=question,
            answer=answer,
            kind=kind,
            images=images,
            options=options,
            source=about.name,
            split=spot.split,
            modality=self.modality_of(row) if images else "text",
            license=about.license,
            meta={**own, **(meta or {}), **{name: row.get(name) for name in self.keep}},
        )

    def modality_of(self, row: Row) -> str:
        """What the row's pictures were made by, in lower case; "mixed" where nothing tells."""
        found = self.modality(row) if callable(self.modality) else self.modality
        return clean(found or "mixed").lower()

    def _path(self, name: str) -> str:
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(f"the path {name!r} leaves the folder of the pictures")
        return str(folder(self.about.name) / self.pictures / path)


@dataclass(frozen=True)
class Loader:
    """Reads a release and makes an Example of each row; of a set in parts, of all of them.

    extra: keys of the rows' meta. after: what is done with all rows at once.
    """

    release: Release
    made: Made
    extra: tuple[str, ...]
    after: Callable[[list[Example]], list[Example]]

    def __call__(
        self, split: str, *, n: int | None = None, seed: int = 0, source: str = "auto", hub: str | None = None
    ) -> list[Example]:
        """A split, or n rows of it at random.

        source: files, hub, or auto (files where their folder is, else the hub); hub: the id there, or a local copy.
        """
        return self.read(list(self.release.parts), split, n, seed, source, hub)

    def read(
        self, parts: Sequence[str], split: str, n: int | None, seed: int, source: str, hub: str | None
    ) -> list[Example]:
        """The rows of these parts; BadInput also where the folder of the pictures they name is not there."""
        about = self.release.about
        found = [row for part in parts for row in self._part(part, split, source, hub)]
        if any(isinstance(image, str) for row in found for image in row.images):
            image_folder(about, folder(about.name) / self.release.pictures)
        return sample(self.after(found), n, seed, f"{about.name}/{split}")

    def globs(self, split: str, part: str | Sequence[str] | None = None) -> list[str]:
        """Of the files of these parts, or of all, below the set's folder."""
        named = self.release.names.get(split, split)
        parts = chosen(self.release.about, "part", part, self.release.parts)
        return [self.release.parts[one].format(split=named) for one in parts]

    def _part(self, part: str, split: str, source: str, hub: str | None) -> list[Example]:
        release, about = self.release, self.release.about
        [pattern] = self.globs(split, part)
        place = _place(about, pattern, source, hub)
        rows = release.reader(place, pattern, remedy(about))
        prefix = split if len(release.parts) == 1 else f"{part}/{split}"
        return examples(about, str(place / pattern), rows, partial(self._example, part, prefix, split))

    def _example(self, part: str, prefix: str, split: str, number: int, row: Row) -> Example | None:
        belongs = self.release.only
        return self.made(row, Spot(f"{prefix}/{number}", split)) if not belongs or belongs(row, part, split) else None


class PartsLoader(Loader):
    """A Loader whose parts can be asked for."""

    def __call__(
        self,
        split: str,
        *,
        n: int | None = None,
        seed: int = 0,
        part: str | Sequence[str] | None = None,
        source: str = "auto",
        hub: str | None = None,
    ) -> list[Example]:
        """A split, or n rows of it at random. part: one or several, or all; the rest as in Loader."""
        parts = chosen(self.release.about, "part", part, self.release.parts)
        return self.read(parts, split, n, seed, source, hub)


def _place(about: SetInfo, pattern: str, source: str, hub: str | None) -> Path:
    """The folder the files lie in; they are downloaded first, if they come from the hub."""
    local, hub = folder(about.name), hub or about.hub
    if from_files(source, local, about.name) or (hub is None and source == "auto"):
        return local
    if hub is None:
        raise BadInput([f"{about.name} is not on the hub; {remedy(about)}"])
    return Path(hub) if Path(hub).is_dir() else _downloaded(hub, pattern, f"check the network, or {remedy(about)}")


def _downloaded(hub: str, pattern: str, todo: str) -> Path:
    """The local copy of a hub repository's files of that glob; BadInput ending with `todo`."""
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(hub, repo_type="dataset", allow_patterns=[pattern]))
    except Exception as error:  # huggingface_hub raises many kinds, network errors among them
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise BadInput([f"{pattern} of the hub data set {hub} cannot be read ({reason[0]}); {todo}"]) from error


def value(row: Row, column: Column) -> Any:
    """What a row has in a column, or what is made of it; KeyError for a column that lacks."""
    return column(row) if callable(column) else row[column]


def text(row: Row, column: Column) -> str:
    """The text of a column without outer spaces; "" for None and NaN."""
    found = value(row, column)
    return "" if found is None or found != found else clean(found)


def needed(row: Row, column: Column, what: str) -> str:
    """The text of a column; ValueError where there is none."""
    found = text(row, column)
    if not found:
        raise ValueError(f"there is no {what}")
    return found


def joined(*columns: str) -> Callable[[Row], str]:
    """The texts of several columns, a paragraph each, without empty ones."""
    return lambda row: "\n\n".join(filter(None, (text(row, column) for column in columns)))
