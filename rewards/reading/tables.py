"""The tables of terms: tab-separated files beside this one, and a user's own; read when first needed."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("terms")
CHECKOUT = Path(__file__).parents[2]
Group = tuple[str, ...]  # names of one thing, the one that stands for it first
Synonyms = str | Path | Mapping[str, str | Sequence[str]]


def rows(path: Path) -> Iterator[Group]:
    """The lines of a table as tuples of cells; comments (#) and empty lines are left out."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield tuple(cell for cell in map(str.strip, line.split("\t")) if cell)


@cache
def adjectives() -> dict[str, str]:
    """{word: the one that stands for it}, single lower-case words: hepatic -> liver."""
    return {word: row[0] for row in rows(FOLDER / "words.tsv") for word in row[1:]}


@cache
def groups() -> tuple[Group, ...]:
    """Every group of synonyms of the tables of names."""
    return tuple(row for path in sorted(FOLDER.glob("names_*.tsv")) for row in rows(path))


@cache
def acronyms() -> frozenset[str]:
    """Short forms that end in S and are no plurals: PCOS, ARDS."""
    return frozenset(cell.lower() for row in groups() for cell in row if cell.isupper() and cell.endswith("S"))


@cache
def vocabulary(table: str) -> frozenset[str]:
    """The words of a table of single words, such as `confusable` or `detail`."""
    return frozenset(word for row in rows(FOLDER / f"{table}.tsv") for cell in row for word in cell.split())


@cache
def short_forms() -> dict[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """{abbreviation: ((meaning, the words that speak for it), ...)} of those that mean several things."""
    found: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {}
    for short, *meanings in rows(FOLDER / "short.tsv"):
        pairs = (meaning.partition(":") for meaning in meanings)
        found[short] = tuple((name.strip(), tuple(hints.split())) for name, _, hints in pairs)
    return found


def user_groups(synonyms: Synonyms) -> tuple[Group, ...]:
    """A user's own groups: a mapping (name -> other names, or other name -> name), or a TOML or TSV file of such.

    >>> user_groups({"dyspnea": ["SOB", "air hunger"], "TB": "tuberculosis"})
    (('dyspnea', 'SOB', 'air hunger'), ('tuberculosis', 'TB'))
    """
    if isinstance(synonyms, Mapping):
        return tuple((other, name) if isinstance(other, str) else (name, *other) for name, other in synonyms.items())
    path = Path(synonyms)
    path = path if path.exists() or path.is_absolute() else CHECKOUT / path
    if path.suffix == ".toml":
        return user_groups(tomllib.loads(path.read_text(encoding="utf-8")))
    return tuple(rows(path))
