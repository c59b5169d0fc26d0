"""Misspelt words: one slip in a long word whose only near neighbour is the word that is meant."""

from collections.abc import Collection
from functools import lru_cache

from rewards.reading.canon import Terms, Words
from rewards.reading.tables import adjectives, vocabulary

SHORTEST = 6  # letters; in shorter words one slip makes another word too often
TWO_SLIPS = 10  # letters from which on two slips are forgiven
BOTH_UNKNOWN = 8  # letters, where no table knows either word
# Beginnings and endings that carry the meaning: words that differ in them are two words.
PREFIXES = (
    ("hypo", "hyper"), ("inter", "intra", "infra"), ("ab", "ad"), ("supra", "infra", "sub"), ("macro", "micro"),
    ("pre", "pro", "per", "peri", "para"), ("ante", "anti"), ("hemi", "semi"), ("poly", "oligo"), ("endo", "exo",
    "ecto", "epi"),
    ("tachy", "brady"), ("ex", "in", "en"), ("ortho", "ot"), ("nephr", "neur"), ("my", "myel"), ("retro", "recto"),
    ("cardi", "cerebr"), ("iso", "hypo", "hyper"), ("pyo", "py"), ("iatr", "idi"), ("laryng", "pharyng"), ("bi", "tri"),
)  # fmt: skip
ENDINGS = (
    "itis", "osis", "asis", "oma", "emia", "uria", "ectomy", "otomy", "ostomy", "pathy", "plasty", "penia", "philia",
    "algia", "plegia", "paresis", "trophy", "plasia", "scopy", "graphy", "gram", "ine", "ane", "ene", "one", "ide",
    "ate", "ite", "ase", "ose", "ol", "al", "ic", "ous", "ium", "ism", "cele", "lysis", "ptosis", "rrhea", "rrhage",
    "genesis", "megaly", "sclerosis", "stenosis", "stasis", "phobia", "cyte", "blast", "mycin", "micin", "pril",
    "sartan", "olol", "statin", "azole", "cillin", "mab", "nib", "vir", "setron", "gliptin", "gliflozin",
)  # fmt: skip


def respelt(said: Words, want: Words, known: Terms) -> Words:
    """What was said with each misspelt word as the word of the gold that it is a slip of.

    >>> from rewards.reading.canon import terms
    >>> respelt(("pnuemothorax",), ("pneumothorax",), terms()), respelt(("ilium",), ("ileum",), terms())
    (('pneumothorax',), ('ilium',))
    """
    open_words = [word for word in want if word not in said and len(word) >= SHORTEST and word.isalpha()]
    if not open_words:
        return said
    return tuple(
        next((meant for meant in open_words if slip(word, meant, known)), word)
        if word not in want and len(word) >= SHORTEST - 1 and word.isalpha()
        else word
        for word in said
    )


@lru_cache(maxsize=8192)
def slip(word: str, meant: str, known: Terms) -> bool:
    """Whether one of the words is unknown and its nearest known word, by one slip or two, is the other."""
    reach = 2 if max(len(word), len(meant)) >= TWO_SLIPS else 1
    if abs(len(word) - len(meant)) > reach or word[0] != meant[0] or guarded(word, meant):
        return False
    far = distance(word, meant, reach)
    if far > reach:
        return False
    real = dictionary(known)
    if word in real and meant in real:
        return False
    if word not in real and meant not in real:
        return far == 1 and min(len(word), len(meant)) >= BOTH_UNKNOWN
    wrong, right = (word, meant) if meant in real else (meant, word)
    letters = set(wrong)
    return not any(
        other != right
        and abs(len(other) - len(wrong)) <= far
        and len(letters.symmetric_difference(other)) <= 2 * far
        and distance(wrong, other, far) <= far
        for other in real
    )


@lru_cache(maxsize=8)
def dictionary(known: Terms) -> Collection[str]:
    """Every word that is known to be spelt right."""
    table = known.vocabulary | vocabulary("confusable") | vocabulary("detail") | vocabulary("places")
    return frozenset(word for word in table | set(adjectives()) if len(word) > 3)


def guarded(one: str, other: str) -> bool:
    """Whether the words differ in a beginning or an ending that carries the meaning."""
    for group in PREFIXES:
        first, second = (
            max((prefix for prefix in group if word.startswith(prefix)), key=len, default="") for word in (one, other)
        )
        if first and second and first != second:
            return True
    if one.endswith(other) or other.endswith(one):  # symptomatic, asymptomatic
        return True
    first, second = (max((end for end in ENDINGS if word.endswith(end)), key=len, default="") for word in (one, other))
    return bool(first and second and first != second)


def distance(one: str, other: str, most: int) -> int:
    """Insertions, deletions, replacements and swaps of neighbours between two words; most + 1 where there are more.

    Source: Damerau, CACM 7:171, 1964; optimal string alignment.
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        now = [row]
        for column, its in enumerate(other, 1):
            cost = min(last[column] + 1, now[column - 1] + 1, last[column - 1] + (letter != its))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == its:
                cost = min(cost, before[column - 2] + 1)
            now.append(cost)
        if min(now) > most:
            return most + 1
        before, last = last, now
    return last[-1]
