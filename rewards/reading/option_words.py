"""The options of a question as canonical words, with the other names that they go by."""

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from rewards.reading.canon import canon, terms
from rewards.reading.fold import fold
from rewards.reading.respell import slip
from rewards.reading.tables import groups

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ARTICLE = re.compile(r"(?:an?|A|An) (?=[a-z])")
THOUSANDS = re.compile(r",(?=\d{3}\b)")
RANGE = re.compile(r"(?<=\d) to(?= \d)")
TOKEN = re.compile(r"(?<![A-Za-z])[A-Za-z]-[A-Za-z]{3,}|\d+(?:[.,]\d+)*|[^\W\d_]+(?:'(?!s\b)[a-z]+)?|[<>≤≥↑↓±%]|'s\b")
NAMED_TWICE = re.compile(r"([^()]{2,})\(([^()]+)\)\W*")
SPECIES = re.compile(r"[A-Z][a-z]{3,} [a-z]{4,}")
Texts = tuple[tuple[str, tuple[str, ...]], ...]  # (letter, canonical words)


def lettered(options: Mapping[str, str] | Sequence[str] | None) -> dict[str, str]:
    """Options as letter -> text: a mapping (empty columns dropped, keys upper case) or a list; {} if there are none."""
    if not options:
        return {}
    if isinstance(options, Mapping):
        return {str(key).strip().upper(): str(text) for key, text in options.items() if text is not None}
    return dict(zip(LETTERS, map(str, options), strict=False))


@lru_cache(maxsize=16384)
def word(token: str) -> tuple[str, ...]:
    """The canonical words of one token."""
    if token[0].isdigit():
        return (THOUSANDS.sub("", token),)
    if token in ("a", "A"):
        return ("a",)
    return () if token.lower() in ("an", "the", "'s") else canon(token)


def words(text: str) -> list[tuple[str, int, int]]:
    """(canonical word, start, end) of every word of a folded text."""
    found: list[tuple[str, int, int]] = []
    for match in TOKEN.finditer(RANGE.sub(" - ", text) if " to " in text else text):
        token = match[0]
        if len(token) > 2 or not ARTICLE.match(text, match.start()):
            found += [(one, match.start(), match.end()) for one in word(token)]
    return found


@lru_cache(maxsize=4096)
def texts(options: tuple[tuple[str, str], ...]) -> Texts:
    """(letter, canonical words) of every option and of its shorter names, the longest first."""
    plain = [(letter, tuple(one for one, *_ in words(fold(text)))) for letter, text in options]
    full = {option for _, option in plain}
    short = [(letter, name) for letter, text in options for name in {*short_names(text), *other_names(text)} - full]
    unique = [(letter, name) for letter, name in short if sum(name == other for _, other in short) == 1]
    return tuple(sorted(plain + unique, key=lambda item: -len(item[1])))


def other_names(text: str) -> set[tuple[str, ...]]:
    """What else the tables of terms call an option: LMWH for low molecular weight heparin."""
    names = (tuple(one for one, *_ in words(name)) for name in names_of().get(canon(text), ()))
    return {name for name in names if name}


@cache
def names_of() -> dict[tuple[str, ...], tuple[str, ...]]:
    """The names in the tables by their canonical words."""
    return {canon(group[0]): group for group in groups()}


def respelt(said: list[tuple[str, int, int]], choices: Texts) -> list[tuple[str, int, int]]:
    """Words with unambiguous slips put right, where an option has the word that is meant."""
    wanted = long_words(choices)
    return [(meant(word, wanted), start, end) if len(word) > 5 else (word, start, end) for word, start, end in said]


@lru_cache(maxsize=4096)
def long_words(choices: Texts) -> frozenset[str]:
    """The words of the options in which a slip can be seen."""
    return frozenset(one for _, option in choices for one in option if len(one) > 6 and one.isalpha())


@lru_cache(maxsize=65_536)
def meant(word: str, wanted: frozenset[str]) -> str:
    """The one of the wanted words that a word is a slip of, else the word."""
    if word in wanted or not word.isalpha():
        return word
    near = [one for one in wanted if one[0] == word[0] and slip(word, one, terms())]
    return near[0] if len(near) == 1 else word


def short_names(text: str) -> set[tuple[str, ...]]:
    """The shorter names of an option: niacin and B3 for "Niacin (B3)", E. coli for Escherichia coli."""
    plain = fold(text)
    if SPECIES.fullmatch(plain):
        name = [one for one, *_ in words(plain)]
        return {(name[0][0], name[1])} if len(name) == 2 else set()
    match = NAMED_TWICE.fullmatch(plain)
    pieces = [tuple(one for one, *_ in words(piece)) for piece in (match.groups() if match else ())]
    return {piece for piece in pieces if len("".join(piece)) > 1}
