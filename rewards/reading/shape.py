"""Noun phrases taken apart, and what may be added to one without making it another thing."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from rewards.reading.canon import GRADED, Words, stems, terms
from rewards.reading.guards import (
    ADJECTIVE,
    ASKED_CLASSES,
    CHANGED_BY_PLACE,
    CLASSES,
    DIRECTIONS,
    GENERIC,
    GRADED_THINGS,
    GROUPS,
    GUARDED,
    IMAGING,
    LINKS,
    NEGATORS,
    OF_ANOTHER,
    ORDERED,
    ORGANS,
    PARTS,
    PREPOSITIONS,
    PROCEDURES,
    SALTS,
    TAKING_BACK,
    UNITS,
    WHOLE_BODY,
)
from rewards.reading.tables import FOLDER, rows, vocabulary

DIGITS_APART = re.compile(r"(?<!\d) | (?!\d)")
FULL_NAME = 3  # words of a gold that is a name in full
MOST_UNKNOWN = 5  # words that no table of details holds, before the noun


@dataclass(frozen=True)
class Shape:
    """A noun phrase taken apart: the noun it is about, what stands before it, and what follows a preposition."""

    head: str
    before: Words
    after: Words

    @property
    def details(self) -> Counter[str]:
        """All words but the noun and the small words between."""
        return Counter(self.before) + Counter(word for word in self.after if word not in LINKS)


def glued(words: Words) -> str:
    """The words without the spaces between: gastro esophageal, T2 N1 M0; numbers stay apart."""
    return DIGITS_APART.sub("", " ".join(words))


def shape(words: Words) -> Shape:
    """A noun phrase taken apart.  "type 2" and its like are one word; words of place and course are no noun."""
    merged: list[str] = []
    for word in words:
        if merged and merged[-1] in GRADED and word[:1].isdigit():
            merged[-1] += word
        else:
            merged.append(word)
    while len(merged) > 1 and merged[0] in LINKS:
        merged = merged[1:]
    cut = next((place for place, word in enumerate(merged) if word in PREPOSITIONS and place), len(merged))
    core, after = merged[:cut], tuple(merged[cut:])
    place = next(
        (
            place
            for place in range(len(core) - 1, -1, -1)
            if core[place] not in DIRECTIONS | UNITS | SALTS and not core[place][-1].isdigit()
        ),
        len(core) - 1,
    )
    if core[place] in ("part", "type", "subtype", "variant") and place and not after:
        core, place = core[:place] + core[place + 1 :], place - 1
    return Shape(core[place], tuple(core[:place] + core[place + 1 :]), after)


def same_shape(said: Shape, want: Shape) -> str | None:
    """The same noun with the same details, in an order that does not matter."""
    if said.head != want.head or said.details != want.details:
        return None
    words = {*said.before, *said.after}
    if any(word in ORDERED for word in words - {"from"}) and said.after != want.after:
        return None
    if any(sum(word in group for word in words) > 1 for group in GROUPS) and in_order(said) != in_order(want):
        return None
    places = vocabulary("places")
    if (
        sum(word in places for word in said.details) > 1
        and bool(said.after) != bool(want.after)
        and len(said.details) > 4
    ):
        return None
    return "same words in another order"


def in_order(phrase: Shape) -> Words:
    """The guarded words in their order."""
    return tuple(word for word in (*phrase.before, *phrase.after) if word in GUARDED)


def added(said: Shape, want: Shape, words: Words, gold: Words, asked: frozenset[str]) -> bool:
    """Whether the phrase is the gold with more detail, none of which contradicts it."""
    said = whole(said, want)
    if said.head != want.head or want.details - said.details:
        return False
    if any(one != other for one, other in zip(aims(said.after), aims(want.after), strict=False)):
        return False
    extra = said.details - want.details
    before = Counter(said.before) - want.details
    if OF_ANOTHER & extra.keys() - asked or words.count(want.head) > max(1, gold.count(want.head)):
        return False  # another thing's compound, or two things of one kind
    if NEGATORS & extra.keys() or any(word in NEGATORS and word not in gold for word in words):
        return False
    if any(group & set(gold) and (group & extra.keys()) - set(gold) for group in GROUPS):
        return False
    places = vocabulary("places")
    if "and" in said.after and "and" not in gold:
        place = said.after.index("and")
        if (
            not place
            or not {"with", "due", "caused", "between"} & set(said.after[:place])
            and not set(said.after[place:]) <= places | DIRECTIONS | LINKS
        ):
            return False
    if modifiers(gold) and not {word for word in said.after if word not in LINKS} <= asked | GENERIC | WHOLE_BODY:
        return False  # "right of the trachea" is not "right"
    if want.head in ORGANS and ORGANS & extra.keys() & set(before):
        return False
    if want.head in CHANGED_BY_PLACE and places & before.keys() | {"intracranial"} & before.keys():
        return False
    allowed = vocabulary("detail") | DIRECTIONS | places | asked | UNITS | {"below", "above"}
    unknown = [word for word in before if word not in allowed and not (word[0].isdigit() or word[-1].isdigit())]
    if not unknown:
        return True
    if (
        len(gold) >= FULL_NAME
        and not want.head.endswith(PROCEDURES)
        and any(another_thing(word, words, gold) for word in unknown)
    ):
        return False
    strict = (want.head in places and not all(word.endswith("ed") for word in unknown)) or (
        want.head in CHANGED_BY_PLACE and len(gold) == 1
    )
    named = len(gold) >= FULL_NAME
    return not strict and len(unknown) <= MOST_UNKNOWN and all(describes(word, named) for word in unknown)


def aims(after: Words) -> Words:
    """What follows "to" and "from": metastasis to the brain."""
    return tuple(after[place + 1] for place, word in enumerate(after[:-1]) if word in ("to", "from"))


def another_thing(word: str, said: Words, want: Words) -> bool:
    """Whether a word makes a known name of another thing with the gold's words: eosinophilic granulomatosis."""
    names = terms().names
    place = said.index(word) if word in said else 0
    return any(
        said[start:end] in names and names[said[start:end]] != want and set(said[start:end]) & set(want)
        for start in range(place + 1)
        for end in range(place + 2, min(len(said), start + 8) + 1)
    )


def qualifies(words: Words, want: Words) -> bool:
    """Whether the words only say more of a thing: details, places, adjectives, words of the gold."""
    known = vocabulary("detail") | vocabulary("places") | DIRECTIONS | LINKS | PREPOSITIONS | GRADED | UNITS | set(want)
    known |= IMAGING | GENERIC
    return all(word in known or word.endswith(ADJECTIVE) or word[0].isdigit() for word in words)


def describes(word: str, named: bool) -> bool:
    """Whether a word that no table of details holds still looks like one: an adjective, no prefix that takes back.

    named: the gold is a name of several words, which most words before it leave alone.
    """
    if word.startswith(TAKING_BACK):
        return False
    known = terms()
    return word.endswith(ADJECTIVE) or (word not in things() and (named or word in known.vocabulary))


@cache
def things() -> frozenset[str]:
    """The nouns of diseases and findings: before another noun they are one more thing, no detail."""
    return frozenset(stems(name)[-1] for name, *_ in rows(FOLDER / "names_diseases.tsv"))


def whole(said: Shape, want: Shape) -> Shape:
    """The organ for a part of it (head of the pancreas), the thing for its class (scaphoid bone), if it is the gold."""
    if said.head == want.head or want.head not in said.details:
        return said
    places = vocabulary("places")
    if said.head in PARTS and want.head in places and (want.head in said.before[-1:] or want.head in said.after[-1:]):
        rest = said.before[:-1] if want.head in said.before[-1:] else said.before
        return Shape(want.head, rest, tuple(word for word in said.after if word != want.head))
    if said.head in CLASSES and said.before[-1:] == (want.head,) and want.head not in places:
        return Shape(want.head, said.before[:-1], said.after)
    return said


def elided(said: Words, want: Words, asked: frozenset[str]) -> str | None:
    """An answer that leaves out what the question says, or repeats it."""
    missing, extra = Counter(want) - Counter(said), Counter(said) - Counter(want)
    if missing and not extra and all(word in asked and word not in GUARDED for word in missing):
        order = [word for word in want if word in said]
        vague = all(word in ASKED_CLASSES or word in CLASSES or word.endswith("ase") for word in said)
        return "what the question says is left out" if order == list(said) and content(said) and not vague else None
    if not missing and len(extra) == 1 and said[-1] in extra and said[-1] in asked & ASKED_CLASSES:
        return "with a word of the question"
    if extra and not missing and modifiers(want):
        graded = all(word in GRADED or word[0].isdigit() for word in want)
        free = asked | GENERIC | IMAGING | LINKS | {"chest"} | (GRADED_THINGS if graded else frozenset())
        if all(word in free and word not in GUARDED for word in extra):
            return "with words of the question"
    return None


def content(words: Iterable[str]) -> bool:
    """Whether any of the words says something."""
    return any(word not in LINKS and word not in PREPOSITIONS and word not in GENERIC for word in words)


def modifiers(words: Words) -> bool:
    """Whether the words only describe: left, axial, hyperdense, enlarged."""
    known = DIRECTIONS | vocabulary("detail")
    return all(
        word in known or word in LINKS or word in GRADED or word[0].isdigit() or word.endswith(ADJECTIVE)
        for word in words
    )
